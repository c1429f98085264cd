#include "drivers/ha_discovery/meaning.h"

#include <algorithm>
#include <array>

namespace firegate::ha {
namespace {

struct BinaryClass {
  std::string_view device_class;
  Point point;
};
// Home Assistant, "Binary sensor", device classes: what "on" means. `power`, `plug`, `lock`, `light`, `running` and
// others are no points of ours, or could be several.
constexpr std::array kBinary{BinaryClass{"battery", Point::battery_low},    // on: low
                             BinaryClass{"carbon_monoxide", Point::co},     // on: detected
                             BinaryClass{"connectivity", Point::online},    // on: connected
                             BinaryClass{"door", Point::door_open},         // on: open
                             BinaryClass{"garage_door", Point::door_open},  // on: open
                             BinaryClass{"gas", Point::gas},                // on: detected
                             BinaryClass{"heat", Point::heat},              // on: hot
                             BinaryClass{"moisture", Point::water_leak},    // on: wet
                             BinaryClass{"motion", Point::motion},          // on: detected
                             BinaryClass{"moving", Point::motion},          // on: moving
                             BinaryClass{"occupancy", Point::motion},       // on: occupied
                             BinaryClass{"opening", Point::door_open},      // on: open
                             BinaryClass{"presence", Point::motion},        // on: somebody is there
                             BinaryClass{"problem", Point::fault},          // on: a problem
                             BinaryClass{"safety", Point::supervisory},     // on: unsafe, and no word of why
                             BinaryClass{"smoke", Point::smoke},            // on: detected
                             BinaryClass{"tamper", Point::tamper},          // on: tampered with
                             BinaryClass{"vibration", Point::vibration},    // on: detected
                             BinaryClass{"window", Point::door_open}};      // on: open

struct NumberClass {
  std::string_view device_class, unit;
  Point point;
  double scale = 1, offset = 0;
};
constexpr std::array kNumbers{NumberClass{"battery", "%", Point::battery_pct},
                              NumberClass{"carbon_dioxide", "ppm", Point::co2_pct, 1e-4},
                              NumberClass{"carbon_monoxide", "ppm", Point::co_ppm},
                              NumberClass{"current", "A", Point::current_a},
                              NumberClass{"current", "mA", Point::current_a, 1e-3},
                              NumberClass{"energy", "MWh", Point::energy_kwh, 1e3},
                              NumberClass{"energy", "Wh", Point::energy_kwh, 1e-3},
                              NumberClass{"energy", "kWh", Point::energy_kwh},
                              NumberClass{"humidity", "%", Point::humidity_pct},
                              NumberClass{"power", "W", Point::power_w},
                              NumberClass{"power", "kW", Point::power_w, 1e3},
                              NumberClass{"signal_strength", "dBm", Point::signal_dbm},
                              NumberClass{"temperature", "K", Point::temperature_c, 1, -273.15},
                              NumberClass{"temperature", "°C", Point::temperature_c},
                              NumberClass{"temperature", "°F", Point::temperature_c, 1 / 1.8, -32 / 1.8},
                              NumberClass{"voltage", "V", Point::voltage_v},
                              NumberClass{"voltage", "mV", Point::battery_v, 1e-3}};  // mains are not given in mV

bool has(std::string_view field, std::string_view word) { return field.find(word) != std::string_view::npos; }

// A name that is one of our points' and of the right type.
std::optional<Point> named(std::string_view field, ValueType type) {
  const auto point = point_from_name(field);
  return point && info(*point).type == type ? point : std::nullopt;
}

std::optional<Meaning> binary(const Described& described) {
  const auto by_name = named(described.field, ValueType::boolean);
  // What an entity is called says more than "unsafe".
  if (by_name && (described.device_class.empty() || described.device_class == "safety")) return Meaning{*by_name};
  const auto found = std::find_if(kBinary.begin(), kBinary.end(), [&described](const BinaryClass& known) {
    return known.device_class == described.device_class;
  });
  return found == kBinary.end() ? std::nullopt : std::optional(Meaning{found->point});
}

// The inside of a device is not the room, and a battery is not the mains.
Point closer(Point point, std::string_view field) {
  if (point == Point::temperature_c) {
    for (const std::string_view inside : {"device_temp", "chip", "cpu", "internal", "board", "processor"}) {
      if (has(field, inside)) return Point::board_temperature_c;
    }
  }
  return point == Point::voltage_v && has(field, "bat") ? Point::battery_v : point;
}

std::optional<Meaning> number(const Described& described) {
  if (described.field == "linkquality") return Meaning{Point::link_quality};
  if (has(described.unit, "LEL")) return Meaning{Point::gas_lel_pct};
  const auto found = std::find_if(kNumbers.begin(), kNumbers.end(), [&described](const NumberClass& known) {
    return known.device_class == described.device_class && known.unit == described.unit;
  });
  if (found == kNumbers.end()) return std::nullopt;
  return Meaning{closer(found->point, described.field), found->scale, found->offset};
}

// Settings are switches as well (child_lock, mute): only what is named as an outlet is one.
std::optional<Meaning> outlet(const Described& described) {
  if (const auto by_name = named(described.field, ValueType::boolean)) return Meaning{*by_name};
  for (const std::string_view name :
       {"state", "POWER", "power", "output", "relay", "switch", "outlet", "plug", "socket"}) {
    if (described.field.starts_with(name)) return Meaning{Point::switch_on};
  }
  const bool is_outlet = described.device_class == "outlet" || described.device_class == "switch";
  return is_outlet ? std::optional(Meaning{Point::switch_on}) : std::nullopt;
}

}  // namespace

std::optional<Meaning> meaning_of(const Described& described) {
  if (described.component == "binary_sensor") return binary(described);
  if (described.component == "sensor") return number(described);
  if (described.component == "switch") return outlet(described);
  return std::nullopt;
}

}  // namespace firegate::ha
