#include "registry/unmapped.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.h"

namespace firegate::registry {
namespace {

std::string key_of(std::string_view source, std::string_view format, std::string_view address) {
  return fmt::format("{}\n{}\n{}", source, format, address);
}

bool says_fire_now(const DeviceMessage& message) noexcept {
  return std::ranges::any_of(message.readings, [](const Reading& reading) {
    const bool* truth = as_bool(reading.value);
    return says_fire(reading.point) && truth && *truth;
  });
}

// Points that only one kind says, the most telling first.
constexpr std::array<std::pair<Point, DeviceKind>, 24> kTelling{{
    {Point::fire, DeviceKind::fire_panel},
    {Point::flame, DeviceKind::multi_detector},
    {Point::smoke, DeviceKind::smoke_detector},
    {Point::heat, DeviceKind::heat_detector},
    {Point::gas, DeviceKind::gas_detector},
    {Point::co, DeviceKind::co_detector},
    {Point::manual_call, DeviceKind::manual_call_point},
    {Point::sos, DeviceKind::sos_button},
    {Point::port_state, DeviceKind::charging_station},
    {Point::lift_mode, DeviceKind::elevator_controller},
    {Point::lift_floor, DeviceKind::elevator_controller},
    {Point::ebike_detected, DeviceKind::elevator_controller},
    {Point::ebike_seen, DeviceKind::ebike_camera},
    {Point::residual_current_ma, DeviceKind::electrical_fire_monitor},
    {Point::cable_temperature_c, DeviceKind::electrical_fire_monitor},
    {Point::arc_fault, DeviceKind::electrical_fire_monitor},
    {Point::water_pressure_kpa, DeviceKind::water_pressure_sensor},
    {Point::water_level_m, DeviceKind::water_level_sensor},
    {Point::smoke_obscuration_db_m, DeviceKind::smoke_detector},
    {Point::co_ppm, DeviceKind::co_detector},
    {Point::gas_lel_pct, DeviceKind::gas_detector},
    {Point::door_open, DeviceKind::door_contact},
    {Point::energy_kwh, DeviceKind::metering_plug},
    {Point::humidity_pct, DeviceKind::environment_sensor},
}};

// What the device seems to be, so that the rules of that kind apply to it.
DeviceKind guessed_kind(const std::vector<Point>& points) {
  const auto suggestion = suggestion_for(points);
  return suggestion ? suggestion->kind : DeviceKind::environment_sensor;
}

}  // namespace

std::optional<Suggestion> suggestion_for(const std::vector<Point>& points) {
  const auto has = [&points](Point point) { return std::ranges::find(points, point) != points.end(); };
  const auto telling = std::ranges::find_if(kTelling, [&has](const auto& entry) { return has(entry.first); });
  if (telling == kTelling.end()) return std::nullopt;
  Suggestion suggestion{telling->second, "says "};
  const int senses = has(Point::smoke) + has(Point::heat) + has(Point::flame) + has(Point::gas) + has(Point::co);
  if (senses > 1 && suggestion.kind != DeviceKind::fire_panel) suggestion.kind = DeviceKind::multi_detector;
  std::size_t named = 0;
  for (const auto& [point, kind] : kTelling) {
    if (!has(point)) continue;
    suggestion.why += fmt::format("{}{}", named++ == 0 ? "" : ", ", name(point));
  }
  return suggestion;
}

UnmappedTray::UnmappedTray(metrics::Metrics& metrics, std::size_t most) : metrics_(metrics), most_(most) {}

DevicePtr UnmappedTray::heard(std::string_view source, std::string_view format, const DeviceMessage& message,
                              const RawMessage& raw) {
  const bool fire = says_fire_now(message);
  const std::string key = key_of(source, format, message.address);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  Entry* entry = found != entries_.end() ? &found->second : add(key, source, format, message, raw, fire);
  if (!entry) return nullptr;
  note(*entry, message, raw, fire);
  return entry->device;
}

std::vector<Unmapped> UnmappedTray::list() const {
  std::vector<Unmapped> list;
  {
    const std::lock_guard lock(mutex_);
    list.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) list.push_back(entry.seen);
  }
  std::ranges::sort(list, [](const Unmapped& a, const Unmapped& b) {
    return std::tie(b.last_heard, a.id) < std::tie(a.last_heard, b.id);
  });
  return list;
}

std::optional<Unmapped> UnmappedTray::find(std::string_view source, std::string_view format,
                                           std::string_view address) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key_of(source, format, address));
  return found == entries_.end() ? std::nullopt : std::optional(found->second.seen);
}

void UnmappedTray::forget_mapped(const DeviceMap& map) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> adopted;
  for (const auto& [key, entry] : entries_) {
    if (map.by_address(entry.seen.source, entry.seen.format, entry.seen.address)) adopted.push_back(key);
  }
  for (const std::string& key : adopted) remove(key);
}

UnmappedTray::Entry* UnmappedTray::add(const std::string& key, std::string_view source, std::string_view format,
                                       const DeviceMessage& message, const RawMessage& raw, bool fire) {
  if (entries_.size() >= most_ && !make_room(fire)) return nullptr;
  Device device;
  device.no = ++last_no_;
  device.id = id_of(source, format, message.address);
  device.source = source;
  device.format = format;
  device.address = message.address;
  device.model = "generic";
  device.name = device.id;
  device.mapped = false;
  device.kind = DeviceKind::environment_sensor;
  device.interval = default_interval(device.kind);
  device.place = place_of(source);

  Entry entry;
  entry.seen = {.id = device.id,
                .source = device.source,
                .format = device.format,
                .address = device.address,
                .first_heard = raw.arrived_at,
                .last_heard = raw.arrived_at,
                .messages = 0,
                .first_topic = readable(raw.topic, kFirstPayloadBytes),
                .first_payload = readable(raw.payload, kFirstPayloadBytes),
                .points = {},
                .signal_dbm = {},
                .battery_pct = {}};
  ids_.emplace(device.id, key);
  entry.device = std::make_shared<const Device>(std::move(device));
  entry.turn = silent_.insert(silent_.end(), key);
  Entry& kept = entries_.emplace(key, std::move(entry)).first->second;
  metrics_.devices_unmapped.set(static_cast<double>(entries_.size()));
  return &kept;
}

// One that never said fire leaves first; where all have, the one unheard for longest.
bool UnmappedTray::make_room(bool for_fire) {
  if (!for_fire) return false;
  std::list<std::string>& from = silent_.empty() ? loud_ : silent_;
  if (from.empty()) return false;
  remove(std::string(from.front()));
  return true;
}

void UnmappedTray::note(Entry& entry, const DeviceMessage& message, const RawMessage& raw, bool fire) {
  ++entry.seen.messages;
  entry.seen.last_heard = std::max(entry.seen.last_heard, raw.arrived_at);
  std::list<std::string>& from = entry.said_fire ? loud_ : silent_;
  entry.said_fire = entry.said_fire || fire;
  std::list<std::string>& to = entry.said_fire ? loud_ : silent_;
  to.splice(to.end(), from, entry.turn);

  for (const Reading& reading : message.readings) {
    const double* number = as_number(reading.value);
    if (!number) continue;
    if (reading.point == Point::signal_dbm) entry.seen.signal_dbm = *number;
    if (reading.point == Point::battery_pct) entry.seen.battery_pct = *number;
  }
  const std::size_t before = entry.seen.points.size();
  for (const Reading& reading : message.readings) {
    const auto at = std::ranges::lower_bound(entry.seen.points, reading.point);
    if (at == entry.seen.points.end() || *at != reading.point) entry.seen.points.insert(at, reading.point);
  }
  if (entry.seen.points.size() == before) return;
  const DeviceKind kind = guessed_kind(entry.seen.points);
  if (kind == entry.device->kind) return;
  Device better = *entry.device;
  better.kind = kind;
  better.interval = default_interval(kind);
  entry.device = std::make_shared<const Device>(std::move(better));
}

// "?format/address"; two sources of one format may share addresses, then the later one names its source too.
std::string UnmappedTray::id_of(std::string_view source, std::string_view format, std::string_view address) const {
  std::string id = fmt::format("?{}/{}", format, address);
  return ids_.contains(id) ? fmt::format("{}@{}", id, source) : id;
}

PlacePtr UnmappedTray::place_of(std::string_view source) {
  PlacePtr& place = places_[std::string(source)];
  if (!place) {
    Place made;
    made.building = {fmt::format("unmapped:{}", source), fmt::format("unmapped:{}", source)};
    place = std::make_shared<const Place>(std::move(made));
  }
  return place;
}

void UnmappedTray::remove(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  ids_.erase(found->second.device->id);
  (found->second.said_fire ? loud_ : silent_).erase(found->second.turn);
  entries_.erase(found);
  metrics_.devices_unmapped.set(static_cast<double>(entries_.size()));
}

}  // namespace firegate::registry
