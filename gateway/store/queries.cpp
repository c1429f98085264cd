#include "store/queries.h"

#include <fmt/format.h>

#include <charconv>

#include "store/journal_check.h"
#include "store/tables/alarms.h"
#include "store/tables/journal.h"
#include "store/tables/notices.h"
#include "store/tables/raw_messages.h"
#include "store/tables/readings.h"

namespace firegate::store {
namespace {

// The place in the list after which a page begins: time of first raise and id, both in hexadecimal.
struct Cursor {
  Instant at{};
  AlarmId id{};
};

// Above every alarm: ids are stored as signed numbers.
const std::optional<Cursor> kNewest{Cursor{Instant::max(), AlarmId{0x7FFF'FFFF'FFFF'FFFF}}};

std::string to_text(const Cursor& cursor) {
  return fmt::format("{:016x}{}", static_cast<std::uint64_t>(cursor.at.time_since_epoch().count()),
                     firegate::to_text(cursor.id));
}

std::optional<Cursor> cursor_from_text(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  std::uint64_t at = 0;
  const auto read = std::from_chars(text.data(), text.data() + 16, at, 16);
  const auto id = alarm_id_from_text(text.substr(16));
  if (read.ec != std::errc{} || read.ptr != text.data() + 16 || !id) return std::nullopt;
  return Cursor{Instant{Millis{static_cast<std::int64_t>(at)}}, *id};
}

// Estates between unit separators, which stand in no id; empty: none. `Scope::admits` in words of the database.
std::string to_text(const Scope& scope) {
  std::string text;
  for (const std::string& estate : scope.estates) text += (text.empty() ? "\x1F" : "") + estate + "\x1F";
  return text;
}

std::optional<std::string_view> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

Result<std::unique_ptr<Archive>> SqliteArchive::open(const std::filesystem::path& path) {
  return Database::open(path, Database::Mode::read_only).map([](Database&& database) -> std::unique_ptr<Archive> {
    return std::make_unique<SqliteArchive>(std::move(database));
  });
}

Result<AlarmPage> SqliteArchive::alarms(const AlarmQuery& wanted) {
  if (wanted.limit < 1 || wanted.limit > 500) {
    return fail(ErrorCode::bad_input, fmt::format("listing alarms: found limit {}, expected 1 to 500", wanted.limit));
  }
  const auto after = wanted.cursor.empty() ? kNewest : cursor_from_text(wanted.cursor);
  if (!after) return fail(ErrorCode::bad_input, "listing alarms: found a cursor that no page has given");
  static const std::string sql = fmt::format(
      "SELECT {} FROM alarms WHERE (first_raised_at, id) < (?1, ?2) AND (?3 IS NULL OR first_raised_at >= ?3) AND (?4 "
      "IS NULL OR first_raised_at "
      "<= ?4) AND (?5 IS NULL OR class = ?5) AND (?6 IS NULL OR estate = ?6) AND (?7 IS NULL OR building = ?7) AND (?8 "
      "IS NULL OR device = ?8) AND (?9 OR (?10 <> '' AND (estate = '' OR instr(?10, char(31) || estate || char(31)) > "
      "0))) "
      "ORDER BY first_raised_at DESC, id DESC LIMIT ?11",
      alarms::kColumns);
  auto query = database_.query(sql);
  const std::string estates = to_text(wanted.scope);
  const auto of_class = wanted.alarm_class ? std::optional(label(*wanted.alarm_class)) : std::nullopt;
  query.bind(after->at, static_cast<std::uint64_t>(after->id), wanted.from, wanted.to, of_class,
             unless_empty(wanted.estate), unless_empty(wanted.building), unless_empty(wanted.device),
             wanted.scope.every, estates, static_cast<std::uint64_t>(wanted.limit + 1));
  AlarmPage page;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return page;
    if (page.alarms.size() == wanted.limit) break;
    page.alarms.push_back(alarms::read(query));
  }
  page.next_cursor = to_text(Cursor{page.alarms.back().first_raised_at, page.alarms.back().id});
  return page;
}

Result<Alarm> SqliteArchive::alarm(AlarmId id) { return alarms::load(database_, id); }

Result<std::vector<JournalEntry>> SqliteArchive::timeline(AlarmId id) { return journal::of_alarm(database_, id); }

Result<std::vector<DeliveryRow>> SqliteArchive::deliveries(AlarmId id) { return notices::deliveries_of(database_, id); }

Result<std::vector<SeriesPoint>> SqliteArchive::series(std::string_view device, Point point, Port port, Instant from,
                                                       Instant to) {
  return load_series(database_, device, point, port, from, to);
}

Result<void> SqliteArchive::each_reading(Instant from, Instant to, const std::function<bool(const ReadingRow&)>& take) {
  return store::each_reading(database_, from, to, take);
}

Result<std::vector<RawCopy>> SqliteArchive::messages(std::string_view device) {
  return raw_messages::of_device(database_, device);
}

Result<JournalPage> SqliteArchive::journal(const JournalQuery& wanted) {
  if (wanted.limit < 1 || wanted.limit > 500) {
    return fail(ErrorCode::bad_input,
                fmt::format("listing the journal: found limit {}, expected 1 to 500", wanted.limit));
  }
  // The numbers of rows take the same form as the ids of alarms.
  const auto after = wanted.cursor.empty() ? kNewest : cursor_from_text(wanted.cursor);
  if (!after) return fail(ErrorCode::bad_input, "listing the journal: found a cursor that no page has given");
  auto rows =
      journal::newest(database_, wanted, to_text(wanted.scope), {after->at, static_cast<std::uint64_t>(after->id)});
  if (!rows) return tl::unexpected(rows.error());
  JournalPage page{std::move(*rows), {}};
  if (page.rows.size() > wanted.limit) {
    page.rows.pop_back();
    page.next_cursor = to_text(Cursor{page.rows.back().entry.at, static_cast<AlarmId>(page.rows.back().seq)});
  }
  return page;
}

Result<JournalReport> SqliteArchive::check_journal(const std::function<bool()>& stop, const JournalProgress& progress) {
  return store::check_journal(JournalFiles::beside(database_.path()), stop, progress);
}

}  // namespace firegate::store
