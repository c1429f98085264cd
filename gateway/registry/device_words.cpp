#include "registry/device_words.h"

#include <fmt/format.h>

#include <charconv>

namespace firegate::registry {
namespace {

std::string to_text(const PlanPosition& position) { return fmt::format("{:.4f},{:.4f}", position.x, position.y); }

std::optional<PlanPosition> position_from(std::string_view text) {
  PlanPosition position;
  const char* const end = text.data() + text.size();
  const auto x = std::from_chars(text.data(), end, position.x);
  if (x.ec != std::errc{} || x.ptr == end) return std::nullopt;
  const auto y = std::from_chars(x.ptr + 1, end, position.y);
  return y.ec == std::errc{} ? std::optional(position) : std::nullopt;
}

const std::string* find(const DeviceWords& words, std::string_view name) {
  const auto at = words.find(name);
  return at == words.end() ? nullptr : &at->second;
}

std::string_view word(const DeviceWords& words, std::string_view name, const std::string& otherwise) {
  const std::string* found = find(words, name);
  return found ? std::string_view(*found) : std::string_view(otherwise);
}

}  // namespace

DeviceWords words_of(const Device& device, const DeviceFacts& facts) {
  DeviceWords words{{"kind", std::string(label(device.kind))},
                    {"source", device.source},
                    {"format", device.format},
                    {"address", device.address},
                    {"model", device.model},
                    {"name", device.name},
                    {"note", device.note},
                    {"estate", device.place->estate.id},
                    {"building", device.place->building.id},
                    {"floor", device.place->floor.id},
                    {"zone", device.place->zone.id},
                    {"location", device.place->location.id}};
  words["position"] = facts.position ? to_text(*facts.position) : std::string();
  words["expected_life_years"] =
      facts.expected_life_years ? fmt::format("{}", *facts.expected_life_years) : std::string();
  words["calibrated_at"] = facts.calibrated_at ? firegate::to_text(*facts.calibrated_at) : std::string();
  if (device.disablement) {
    words["disabled_until"] = firegate::to_text(device.disablement->until);
    words["disabled_why"] = device.disablement->reason;
  }
  return words;
}

void keep_differences(DeviceWords& from, DeviceWords& to) {
  std::erase_if(from, [&to](const auto& entry) {
    const auto other = to.find(entry.first);
    if (other == to.end() || other->second != entry.second) return false;
    to.erase(other);
    return true;
  });
}

void apply_words(const DeviceWords& words, const Places& places, Device& device, DeviceFacts& facts) {
  if (const std::string* kind = find(words, "kind")) device.kind = from_label<DeviceKind>(*kind).value_or(device.kind);
  const auto take = [&words](std::string_view name, std::string& field) {
    if (const std::string* text = find(words, name)) field = *text;
  };
  take("source", device.source);
  take("format", device.format);
  take("address", device.address);
  take("model", device.model);
  take("name", device.name);
  take("note", device.note);
  if (const std::string* position = find(words, "position")) facts.position = position_from(*position);
  const Place& was = *device.place;
  const PlacePath path{word(words, "estate", was.estate.id), word(words, "building", was.building.id),
                       word(words, "floor", was.floor.id), word(words, "zone", was.zone.id),
                       word(words, "location", was.location.id)};
  if (auto place = places.find(path)) device.place = std::move(place);
}

}  // namespace firegate::registry
