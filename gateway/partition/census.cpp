// Partition: counts what stands in its buildings.
#include <boost/unordered/unordered_flat_map.hpp>

#include "partition/partition.h"

namespace firegate::partition {
namespace {

constexpr std::string_view kSelfPrefix = "self_";  // Partition::self_fault

using metrics::BuildingCensus;

// The census of a building, made when it is new. Devices share the places of their map, so most are found by pointer.
class Buildings {
 public:
  BuildingCensus& of(const Place& place) {
    const auto known = by_place_.find(&place);
    if (known != by_place_.end()) return all_[known->second];
    const auto [at, is_new] = by_key_.try_emplace(building_key(place), all_.size());
    if (is_new) {
      all_.emplace_back();
      all_.back().estate = place.estate.id;
      all_.back().building = place.building.id;
    }
    by_place_.emplace(&place, at->second);
    return all_[at->second];
  }
  metrics::BuildingsCensus take() { return std::move(all_); }

 private:
  metrics::BuildingsCensus all_;
  boost::unordered_flat_map<const Place*, std::size_t> by_place_;
  std::map<std::string, std::size_t> by_key_;
};

void count_presence(const DeviceState& state, Instant now, BuildingCensus::Kind& kind) {
  const bool disabled = state.is_disabled(now);
  ++kind.devices;
  if (state.liveness.last_heard()) ++kind.heard;
  if (disabled) ++kind.disabled;
  if (!disabled && state.liveness.presence(state.policy, now) == Presence::online) ++kind.online;
}

void count_value(const DeviceState& state, const Current& current, BuildingCensus& building) {
  const double* number = as_number(current.value);
  const Choice* choice = std::get_if<Choice>(&current.value);
  switch (current.point) {
    case Point::battery_pct:
      if (number) ++building.batteries[static_cast<std::size_t>(metrics::battery_band(*number))];
      break;
    case Point::port_state:
      if (choice) ++building.ports[choice->ordinal];
      break;
    case Point::lift_mode:
      if (choice) ++building.lifts[choice->ordinal];
      break;
    case Point::power_w:
      if (number && state.device->kind == DeviceKind::charging_station) building.charging_watts += *number;
      break;
    default: break;
  }
}

void count_alarm(const Alarm& alarm, BuildingCensus& building) {
  ++building.alarms[{alarm.alarm_class, alarm.state}];
  const std::string_view rule = alarm.rule;
  if (!rule.starts_with(kSelfPrefix) || !condition_present(alarm.state)) return;
  if (const auto code = from_label<SelfFaultCode>(rule.substr(kSelfPrefix.size()))) ++building.faults[*code];
}

}  // namespace

metrics::BuildingsCensus Partition::census(Instant now) const {
  Buildings buildings;
  for (const auto& [no, state] : devices_) {
    if (!state.device->mapped) continue;
    BuildingCensus& building = buildings.of(*state.device->place);
    count_presence(state, now, building.kinds[state.device->kind]);
    for (const Current& current : state.values.all()) count_value(state, current, building);
  }
  for (const auto& [id, alarm] : book_.live()) count_alarm(alarm, buildings.of(*alarm.subject.place));
  return buildings.take();
}

}  // namespace firegate::partition
