// Places: estate → building → floor → zone → location. A zone is the unit of two-detector confirmation.
// Immutable; shared by all devices of the place, owned by the DeviceMap snapshot that made it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/labels.h"

namespace firegate {

enum class Occupancy : std::uint8_t { sleeping, ebike_storage, elderly_alone, crowded, hot_works, kitchen };
template <>
struct Labels<Occupancy> {
  static constexpr std::array<std::string_view, 6> list{"sleeping", "ebike_storage", "elderly_alone",
                                                        "crowded",  "hot_works",     "kitchen"};
};

struct PlaceName {
  std::string id;    // empty: this level is not given
  std::string name;  // as people call it; never translated
};

struct Place {
  PlaceName estate, building, floor, zone, location;
  std::uint8_t occupancy = 0;  // bit per Occupancy, own and inherited

  bool has(Occupancy what) const noexcept { return occupancy & (1u << static_cast<unsigned>(what)); }
};
using PlacePtr = std::shared_ptr<const Place>;

// What a partition is found by: "estate/building", because two estates may both have a "b1"; the building alone where
// there is no estate (unmapped devices, the gateway itself).
inline std::string building_key(const Place& place) {
  return place.estate.id.empty() ? place.building.id : place.estate.id + "/" + place.building.id;
}

}  // namespace firegate
