// Points: what a reading says. The unit is part of the name, so no number travels without one.
// Source of the list: vocabulary, "Points". Nobody else may invent a point name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace firegate {

enum class Point : std::uint8_t {
  // the detector's own alarm
  smoke, heat, flame, gas, co, fire,
  // panels, transmission units and their components
  supervisory, disabled, started, feedback, manual_mode, bus_fault, delayed,
  // analogue detectors
  smoke_obscuration_db_m, smoke_od_m, smoke_pct,
  temperature_c, humidity_pct, co_ppm, gas_lel_pct, co2_pct, o2_pct,
  // people calling
  manual_call, sos,
  // water
  water_leak, water_flow, valve_open, pump_running,
  water_pressure_kpa, water_level_m, water_flow_l_s,
  // electrical fire
  residual_current_ma, cable_temperature_c,
  arc_fault, phase_loss, over_current, over_voltage, under_voltage,
  // health of a device
  tamper, fault, test, muted, end_of_life, contaminated, fault_code,
  battery_pct, battery_v, battery_low, mains_fail, backup_power_fail,
  signal_dbm, snr_db, link_quality, online,
  // charging port, plug, cabinet
  port_state, power_w, current_a, voltage_v, energy_kwh, charge_s,
  port_temperature_c, board_temperature_c,
  switch_on, relay_stuck, fuse_blown, plug_present, water_ingress, extinguisher_fired, stop_reason,
  // elevator controller
  ebike_detected, door_held, person_inside, person_trapped, emergency_call, fire_recall, firefighter_mode,
  lift_mode, lift_floor, lift_direction, lift_door, lift_fault,
  // contacts and cameras
  door_open, motion, vibration,
  smoke_seen, flame_seen, exit_blocked, ebike_seen,
};
constexpr std::size_t kPointCount = static_cast<std::size_t>(Point::ebike_seen) + 1;

enum class ValueType : std::uint8_t { boolean, number, choice, text };

struct PointInfo {
  std::string_view name;
  ValueType type;
  std::string_view unit;                      // numbers: how a person writes it; empty for a bare count
  double low, high;                           // numbers: outside this range a reading is `bad` (our choice)
  double deadband;                            // numbers: a smaller change is not stored as a change (our choice)
  std::span<const std::string_view> choices;  // choice: the closed list, ordinal = position
};

const PointInfo& info(Point point) noexcept;
inline std::string_view name(Point point) noexcept { return info(point).name; }
std::optional<Point> point_from_name(std::string_view name) noexcept;

// A fire that a detector or a person says by itself: it alarms even from a device nobody has mapped.
bool says_fire(Point point) noexcept;

}  // namespace firegate
