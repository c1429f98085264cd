#include "core/point.h"

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>

namespace firegate {
namespace {

using namespace std::string_view_literals;

constexpr std::array kPortStates{"idle"sv, "connected"sv, "charging"sv, "full"sv, "disabled"sv, "fault"sv, "locked_out"sv};
constexpr std::array kStopReasons{"full"sv,         "time"sv,         "prepaid"sv,     "user"sv,   "energy"sv,
                                  "overload"sv,     "no_load"sv,      "over_temperature"sv, "smoke"sv, "over_current"sv,
                                  "over_voltage"sv, "under_voltage"sv, "remote"sv,     "fire_system"sv, "water"sv,
                                  "relay_fault"sv,  "unknown"sv};
constexpr std::array kLiftModes{"normal"sv, "inspection"sv, "out_of_service"sv, "fire_recall"sv, "firefighter"sv};
constexpr std::array kLiftDirections{"up"sv, "down"sv, "still"sv};
constexpr std::array kLiftDoors{"open"sv, "closed"sv, "opening"sv, "closing"sv};
constexpr std::array kLiftFaults{"stopped_outside_door_zone"sv, "trapped_level"sv, "trapped_between"sv,
                                 "running_with_door_open"sv,    "moved_with_door_open"sv, "over_speed"sv,
                                 "overrun_top"sv,               "overrun_bottom"sv,       "door_fault"sv, "other"sv};

constexpr PointInfo boolean(std::string_view name) { return {name, ValueType::boolean, {}, 0, 0, 0, {}}; }
constexpr PointInfo text(std::string_view name) { return {name, ValueType::text, {}, 0, 0, 0, {}}; }
constexpr PointInfo choice(std::string_view name, std::span<const std::string_view> list) {
  return {name, ValueType::choice, {}, 0, 0, 0, list};
}
constexpr PointInfo number(std::string_view name, std::string_view unit, double low, double high, double deadband) {
  return {name, ValueType::number, unit, low, high, deadband, {}};
}

// In the order of `Point`.
constexpr std::array<PointInfo, kPointCount> kPoints{
    boolean("smoke"), boolean("heat"), boolean("flame"), boolean("gas"), boolean("co"), boolean("fire"),
    boolean("supervisory"), boolean("disabled"), boolean("started"), boolean("feedback"), boolean("manual_mode"),
    boolean("bus_fault"), boolean("delayed"),
    number("smoke_obscuration_db_m", "dB/m", -1, 100, 0.02), number("smoke_od_m", "1/m", -0.5, 20, 0.005),
    number("smoke_pct", "%", 0, 100, 0.5),
    number("temperature_c", "°C", -60, 1200, 0.5), number("humidity_pct", "%", 0, 100, 2),
    number("co_ppm", "ppm", 0, 10000, 2), number("gas_lel_pct", "%LEL", 0, 100, 0.5),
    number("co2_pct", "%", 0, 100, 0.05), number("o2_pct", "%", 0, 100, 0.2),
    boolean("manual_call"), boolean("sos"),
    boolean("water_leak"), boolean("water_flow"), boolean("valve_open"), boolean("pump_running"),
    number("water_pressure_kpa", "kPa", -100, 10000, 5), number("water_level_m", "m", -1, 100, 0.02),
    number("water_flow_l_s", "L/s", 0, 10000, 0.5),
    number("residual_current_ma", "mA", 0, 30000, 5), number("cable_temperature_c", "°C", -60, 400, 0.5),
    boolean("arc_fault"), boolean("phase_loss"), boolean("over_current"), boolean("over_voltage"),
    boolean("under_voltage"),
    boolean("tamper"), boolean("fault"), boolean("test"), boolean("muted"), boolean("end_of_life"),
    boolean("contaminated"), text("fault_code"),
    number("battery_pct", "%", 0, 100, 1), number("battery_v", "V", 0, 60, 0.02), boolean("battery_low"),
    boolean("mains_fail"), boolean("backup_power_fail"),
    number("signal_dbm", "dBm", -200, 30, 5), number("snr_db", "dB", -60, 60, 3), number("link_quality", "", 0, 255, 20),
    boolean("online"),
    choice("port_state", kPortStates), number("power_w", "W", -100000, 1000000, 5),
    number("current_a", "A", -1000, 10000, 0.05), number("voltage_v", "V", 0, 1000, 3),
    number("energy_kwh", "kWh", 0, 1e9, 0.05), number("charge_s", "s", 0, 1e7, 60),
    number("port_temperature_c", "°C", -60, 400, 0.5), number("board_temperature_c", "°C", -60, 400, 1),
    boolean("switch_on"), boolean("relay_stuck"), boolean("fuse_blown"), boolean("plug_present"),
    boolean("water_ingress"), boolean("extinguisher_fired"), choice("stop_reason", kStopReasons),
    boolean("ebike_detected"), boolean("door_held"), boolean("person_inside"), boolean("person_trapped"),
    boolean("emergency_call"), boolean("fire_recall"), boolean("firefighter_mode"),
    choice("lift_mode", kLiftModes), number("lift_floor", "", -50, 300, 1), choice("lift_direction", kLiftDirections),
    choice("lift_door", kLiftDoors), choice("lift_fault", kLiftFaults),
    boolean("door_open"), boolean("motion"), boolean("vibration"),
    boolean("smoke_seen"), boolean("flame_seen"), boolean("exit_blocked"), boolean("ebike_seen"),
};
static_assert(kPoints[static_cast<std::size_t>(Point::fault_code)].name == "fault_code");
static_assert(kPoints[static_cast<std::size_t>(Point::stop_reason)].name == "stop_reason");
static_assert(kPoints[static_cast<std::size_t>(Point::ebike_seen)].name == "ebike_seen");

}  // namespace

const PointInfo& info(Point point) noexcept { return kPoints[static_cast<std::size_t>(point)]; }

std::optional<Point> point_from_name(std::string_view name) noexcept {
  static const auto index = [] {
    boost::unordered_flat_map<std::string_view, Point> map;
    for (std::size_t i = 0; i < kPointCount; ++i) map.emplace(kPoints[i].name, static_cast<Point>(i));
    return map;
  }();
  const auto found = index.find(name);
  return found == index.end() ? std::nullopt : std::optional(found->second);
}

bool says_fire(Point point) noexcept {
  switch (point) {
    case Point::smoke:
    case Point::heat:
    case Point::flame:
    case Point::fire:
    case Point::gas:
    case Point::co:
    case Point::manual_call:
    case Point::sos:
      return true;
    default:
      return false;
  }
}

}  // namespace firegate
