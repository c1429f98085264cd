// What the properties of Zigbee2MQTT's state messages mean, and what a bridge has taught us about a device's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.h"
#include "drivers/common/json.h"

namespace firegate::zigbee {

// The type of a property as `bridge/devices` states it.
enum class Form : char { unknown = '?', binary = 'b', numeric = 'n', choice = 'e', other = 'o', command = 'c' };

// One property of one device, as the device list states it. Views into the list or into LinkState.
struct Expose {
  std::string_view property;
  Form form = Form::unknown;
  std::string_view unit;
  std::string_view on;  // the value that means "yes": "true", "false", "ON", ...; empty where not stated
  std::string_view off;
};

// Everything known about a device's properties. Empty where no list has been seen.
class Exposes {
 public:
  static Exposes from_bytes(std::string_view bytes);  // views into `bytes`
  bool known() const noexcept { return !list_.empty() || emergency_.has_value(); }
  const Expose* find(std::string_view property) const noexcept;
  // The switch at the port; null where the device has none there, or none is known.
  const Expose* relay_at(Port port) const noexcept;
  // Whether one of its actions is a call for help; none where no list has been seen.
  std::optional<bool> emergency() const noexcept { return emergency_; }

 private:
  std::vector<Expose> list_;
  std::optional<bool> emergency_;
};

// One definition's `exposes` as compact bytes: only properties that may become points.
std::string learned_bytes(const json::Array& exposes);

// Whether the property may become a point (with or without the suffix of a port).
bool is_property(std::string_view name) noexcept;
// A word of `action` by which a person calls for help.
bool is_emergency(std::string_view action) noexcept;

// What the other members of the message say about an ambiguous one.
struct Surroundings {
  bool on_battery = false;  // the message has a battery: `voltage` is then the battery's
};

// Adds what a property says; nothing when it is no point of ours or its meaning is uncertain.
void read_property(std::string_view name, const json::Element& value, const Exposes& exposes,
                   const Surroundings& surroundings, std::vector<Reading>& readings);

}  // namespace firegate::zigbee
