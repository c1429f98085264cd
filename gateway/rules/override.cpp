#include "rules/override.h"

#include <array>
#include <utility>

namespace firegate::rules {
namespace {

// From the least to the most specific: the position is the bit of the rank.
std::array<std::pair<std::string_view, std::string>, 9> named(const Where& where) {
  return {{{"kind", where.kind ? std::string(label(*where.kind)) : ""},
           {"occupancy", where.occupancy ? std::string(label(*where.occupancy)) : ""},
           {"model", where.model},
           {"estate", where.estate},
           {"building", where.building},
           {"floor", where.floor},
           {"zone", where.zone},
           {"location", where.location},
           {"device", where.device}}};
}

bool is_or_any(const std::string& wanted, const std::string& found) noexcept {
  return wanted.empty() || wanted == found;
}

}  // namespace

bool Where::matches(const Device& of) const noexcept {
  const Place& place = *of.place;
  return is_or_any(device, of.id) && is_or_any(model, of.model) && is_or_any(location, place.location.id) &&
         is_or_any(zone, place.zone.id) && is_or_any(floor, place.floor.id) && is_or_any(building, place.building.id) &&
         is_or_any(estate, place.estate.id) && (!occupancy || place.has(*occupancy)) && (!kind || *kind == of.kind);
}

unsigned Where::rank() const noexcept {
  unsigned rank = 0, bit = 1;
  for (const auto& [key, value] : named(*this)) {
    if (!value.empty()) rank |= bit;
    bit <<= 1;
  }
  return rank;
}

std::string Where::to_text() const {
  std::string text;
  const auto all = named(*this);
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (at->second.empty()) continue;
    if (!text.empty()) text += ", ";
    text += std::string(at->first) + " " + at->second;
  }
  return text;
}

}  // namespace firegate::rules
