// config/places.yaml → places. Estate → building → floor → zone → location, with the occupancy of each and of what is
// above it. Grammar: vocabulary, "Two configuration files that others write for us". Pure; any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"
#include "core/place.h"

namespace firegate::registry {

// The ids of a place, from the estate down; a level that is not given is empty.
struct PlacePath {
  std::string_view estate, building, floor, zone, location;
};

// Every place of every level, found by its ids. Immutable once built.
class Places {
 public:
  // Each place stands after the one that holds it.
  explicit Places(std::vector<PlacePtr> places = {});

  const std::vector<PlacePtr>& all() const noexcept { return places_; }
  // Null when there is no such place. A zone may be named without its floor, and a location without its zone, where
  // that is enough to find it: where two would fit, none is found.
  PlacePtr find(const PlacePath& path) const;
  // Ids that exist one level below what `path` names, for "did you mean".
  std::vector<std::string_view> below(const PlacePath& path) const;

 private:
  std::vector<PlacePtr> places_;
  boost::unordered_flat_map<std::string, std::vector<std::uint32_t>> by_path_;  // several: ambiguous short forms
};

// Everything wrong is added to `problems`; what can be read is returned all the same.
Places parse_places(const ConfigNode& root, Problems& problems);

}  // namespace firegate::registry
