#include "store/tables/alarms.h"

#include <fmt/format.h>

#include "store/tables/evidence.h"

namespace firegate::store::alarms {
namespace {

std::string overlays_to_stored(OverlaySet overlays) {
  std::string words;
  for (std::size_t i = 0; i < label_count<Overlay>(); ++i) {
    if (!overlays.has(static_cast<Overlay>(i))) continue;
    if (!words.empty()) words += ' ';
    words += Labels<Overlay>::list[i];
  }
  return words;
}

OverlaySet overlays_from_stored(std::string_view words) {
  OverlaySet overlays;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (const auto overlay = from_label<Overlay>(words.substr(0, end))) overlays.set(*overlay);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return overlays;
}

std::optional<std::string_view> verdict_to_stored(const std::optional<Verdict>& verdict) {
  return verdict ? std::optional(label(*verdict)) : std::nullopt;
}

void bind_place(Query& query, const Place& place) {
  for (const PlaceName* level : {&place.estate, &place.building, &place.floor, &place.zone, &place.location}) {
    query.bind(level->id, level->name);
  }
  query.bind(place.occupancy);
}

PlacePtr read_place(Query& query) {
  auto place = std::make_shared<Place>();
  for (PlaceName* level : {&place->estate, &place->building, &place->floor, &place->zone, &place->location}) {
    level->id = query.text();
    level->name = query.text();
  }
  place->occupancy = static_cast<std::uint8_t>(query.integer());
  return place;
}

const Place kNowhere;

}  // namespace

const std::string_view kIsLive = "state <> 'normal' OR overlays <> ''";
const std::string_view kColumns =
    "id, rule, class, device, port, device_name, kind, mapped, estate, estate_name, building, building_name, floor, "
    "floor_name, zone, zone_name, location, location_name, occupancy, state, overlays, confirmation, late, "
    "not_recorded, "
    "evidence, first_raised_at, last_raised_at, occurrences, returned_at, acknowledged_at, acknowledged_by, verdict, "
    "verdict_by, shelved_until, shelved_by, shelved_why, suppressed_why, cause, consequences, line, chattering, "
    "end_announced, changed_at, revision";
const std::string_view kPlaceholders =
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?";

void bind(Query& query, const Alarm& alarm) {
  const Subject& subject = alarm.subject;
  query.bind(static_cast<std::uint64_t>(alarm.id), alarm.rule, label(alarm.alarm_class), subject.device, subject.port,
             subject.device_name, label(subject.kind), subject.mapped);
  bind_place(query, subject.place ? *subject.place : kNowhere);
  query.bind(label(alarm.state), overlays_to_stored(alarm.overlays), label(alarm.confirmation), alarm.late,
             alarm.not_recorded, evidence_to_stored(alarm.evidence), alarm.first_raised_at, alarm.last_raised_at,
             alarm.occurrences, alarm.returned_at, alarm.acknowledged_at, alarm.acknowledged_by,
             verdict_to_stored(alarm.verdict), alarm.verdict_by, alarm.shelved_until, alarm.shelved_by,
             alarm.shelved_why, alarm.suppressed_why, static_cast<std::uint64_t>(alarm.cause), alarm.consequences,
             alarm.line, alarm.chattering, alarm.end_announced, alarm.changed_at, alarm.revision);
}

Alarm read(Query& query) {
  Alarm alarm;
  alarm.id = static_cast<AlarmId>(query.number());
  alarm.rule = query.text();
  alarm.alarm_class = enum_from_stored<AlarmClass>(query.text());
  alarm.subject.device = query.text();
  alarm.subject.port = static_cast<Port>(query.integer());
  alarm.subject.device_name = query.text();
  alarm.subject.kind = enum_from_stored<DeviceKind>(query.text());
  alarm.subject.mapped = query.integer() != 0;
  alarm.subject.place = read_place(query);
  alarm.state = enum_from_stored<AlarmState>(query.text());
  alarm.overlays = overlays_from_stored(query.text());
  alarm.confirmation = enum_from_stored<Confirmation>(query.text());
  alarm.late = query.integer() != 0;
  alarm.not_recorded = query.integer() != 0;
  alarm.evidence = evidence_from_stored(query.text());
  alarm.first_raised_at = query.instant();
  alarm.last_raised_at = query.instant();
  alarm.occurrences = static_cast<std::uint32_t>(query.integer());
  alarm.returned_at = query.maybe_instant();
  alarm.acknowledged_at = query.maybe_instant();
  alarm.acknowledged_by = query.text();
  alarm.verdict = from_label<Verdict>(query.text());
  alarm.verdict_by = query.text();
  alarm.shelved_until = query.maybe_instant();
  alarm.shelved_by = query.text();
  alarm.shelved_why = query.text();
  alarm.suppressed_why = query.text();
  alarm.cause = static_cast<AlarmId>(query.number());
  alarm.consequences = static_cast<std::uint32_t>(query.integer());
  alarm.line = query.text();
  alarm.chattering = query.integer() != 0;
  alarm.end_announced = query.integer() != 0;
  alarm.changed_at = query.instant();
  alarm.revision = static_cast<std::uint32_t>(query.integer());
  return alarm;
}

Result<void> save(Database& database, const Alarm& alarm) {
  static const std::string sql = fmt::format("INSERT OR REPLACE INTO alarms ({}) VALUES ({})", kColumns, kPlaceholders);
  auto query = database.query(sql);
  bind(query, alarm);
  return query.run();
}

Result<std::vector<Alarm>> load_live(Database& database) {
  static const std::string sql =
      fmt::format("SELECT {} FROM alarms WHERE {} ORDER BY first_raised_at, id", kColumns, kIsLive);
  std::vector<Alarm> live;
  auto query = database.query(sql);
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return live;
    live.push_back(read(query));
  }
}

Result<Alarm> load(Database& database, AlarmId id) {
  static const std::string sql = fmt::format("SELECT {} FROM alarms WHERE id = ?", kColumns);
  auto query = database.query(sql);
  const auto row = query.bind(static_cast<std::uint64_t>(id)).next();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorCode::not_found, fmt::format("reading alarm {}: found none", to_text(id)));
  return read(query);
}

Result<std::int64_t> remove_ended_before(Database& database, Instant limit, int at_most) {
  static const std::string sql = fmt::format(
      "DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE first_raised_at < ?1 AND changed_at < ?1 AND NOT "
      "({}) "
      "LIMIT ?2)",
      kIsLive);
  auto query = database.query(sql);
  if (auto removed = query.bind(limit, at_most).run(); !removed) return tl::unexpected(removed.error());
  return database.changed_rows();
}

}  // namespace firegate::store::alarms
