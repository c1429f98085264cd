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

// What the device seems to be, so that the rules of that kind apply to it.
DeviceKind guessed_kind(const std::vector<Point>& points) {
  const auto has = [&points](Point point) { return std::ranges::find(points, point) != points.end(); };
  const int senses = has(Point::smoke) + has(Point::heat) + has(Point::flame) + has(Point::gas) + has(Point::co);
  if (has(Point::fire)) return DeviceKind::fire_panel;
  if (senses > 1 || has(Point::flame)) return DeviceKind::multi_detector;
  if (has(Point::smoke)) return DeviceKind::smoke_detector;
  if (has(Point::heat)) return DeviceKind::heat_detector;
  if (has(Point::gas)) return DeviceKind::gas_detector;
  if (has(Point::co)) return DeviceKind::co_detector;
  if (has(Point::manual_call)) return DeviceKind::manual_call_point;
  if (has(Point::sos)) return DeviceKind::sos_button;
  return DeviceKind::environment_sensor;
}

}  // namespace

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
                .points = {}};
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
