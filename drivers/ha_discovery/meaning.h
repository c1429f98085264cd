// What an entity of Home Assistant means in our words: by its component, its device class and its unit, as Home
// Assistant documents them. What "on" is, an entity's own payloads say.
#pragma once

#include <optional>
#include <string_view>

#include "core/point.h"

namespace firegate::ha {

struct Meaning {
  Point point{};
  double scale = 1, offset = 0;  // numbers: value × scale + offset
};

struct Described {
  std::string_view component;     // binary_sensor, sensor, switch
  std::string_view device_class;  // may be empty
  std::string_view unit;
  std::string_view field;  // the last name of the template's path, else of the topic of its configuration
};

// None where the entity is no point of ours, or could be several.
std::optional<Meaning> meaning_of(const Described& described);

}  // namespace firegate::ha
