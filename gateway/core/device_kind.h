// Kinds of device. Source: vocabulary, "Kinds of device"; expected intervals are our choice unless a source is named.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/clock.h"
#include "core/labels.h"

namespace firegate {

enum class DeviceKind : std::uint8_t {
  smoke_detector, heat_detector, gas_detector, co_detector, multi_detector, manual_call_point, sos_button,
  charging_station, swap_cabinet, elevator_controller, ebike_camera, electrical_fire_monitor, water_pressure_sensor,
  water_level_sensor, door_contact, sounder, relay, metering_plug, fire_panel, user_transmission_unit,
  environment_sensor, gateway,
};
template <>
struct Labels<DeviceKind> {
  static constexpr std::array<std::string_view, 22> list{
      "smoke_detector", "heat_detector", "gas_detector", "co_detector", "multi_detector", "manual_call_point",
      "sos_button", "charging_station", "swap_cabinet", "elevator_controller", "ebike_camera",
      "electrical_fire_monitor", "water_pressure_sensor", "water_level_sensor", "door_contact", "sounder", "relay",
      "metering_plug", "fire_panel", "user_transmission_unit", "environment_sensor", "gateway"};
};

// How often a device of this kind speaks at least, when neither its model nor its row says otherwise.
// Battery detectors report once a day (domain, section 7: NB-IoT 24 h typical); mains devices more often.
constexpr Millis default_interval(DeviceKind kind) noexcept {
  using namespace std::chrono_literals;
  switch (kind) {
    case DeviceKind::charging_station:
    case DeviceKind::swap_cabinet:
    case DeviceKind::elevator_controller:
    case DeviceKind::fire_panel:
    case DeviceKind::user_transmission_unit:
    case DeviceKind::gateway:
      return 2min;
    case DeviceKind::ebike_camera:
    case DeviceKind::electrical_fire_monitor:
    case DeviceKind::metering_plug:
    case DeviceKind::relay:
      return 10min;
    case DeviceKind::multi_detector:
    case DeviceKind::water_pressure_sensor:
    case DeviceKind::water_level_sensor:
      return 60min;
    default:
      return 24h;
  }
}

}  // namespace firegate
