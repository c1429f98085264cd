// Census: what stands in each building just now, for the metrics by place. A partition counts its buildings every few
// seconds and replaces what it had counted before; a building belongs to one partition, so nothing is counted twice.
// Estates and buildings come from configuration: their number is bounded. Never a device, a person or a port.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm.h"
#include "core/device_kind.h"
#include "core/self_fault.h"

namespace firegate::metrics {

// How much is left in a battery. Critical: at most 10 %, low: at most 20 % (domain, section 7); fair: our choice.
enum class BatteryBand : std::uint8_t { critical, low, fair, good };
constexpr BatteryBand battery_band(double pct) noexcept {
  if (pct <= 10) return BatteryBand::critical;
  if (pct <= 20) return BatteryBand::low;
  return pct <= 50 ? BatteryBand::fair : BatteryBand::good;
}

}  // namespace firegate::metrics

template <>
struct firegate::Labels<firegate::metrics::BatteryBand> {
  static constexpr std::array<std::string_view, 4> list{"critical", "low", "fair", "good"};
};

namespace firegate::metrics {

struct BuildingCensus {
  struct Kind {
    std::uint64_t devices = 0;   // mapped
    std::uint64_t heard = 0;     // of these: at least once (接入率)
    std::uint64_t online = 0;    // of those in service: within their own time (在线率)
    std::uint64_t disabled = 0;  // of these: taken out of service by somebody
  };
  std::string estate, building;  // ids
  std::map<DeviceKind, Kind> kinds;
  std::array<std::uint64_t, label_count<BatteryBand>()> batteries{};
  std::map<std::uint8_t, std::uint64_t> ports;  // charging ports by the ordinal of Point::port_state
  double charging_watts = 0;                    // of its charging stations
  std::map<std::uint8_t, std::uint64_t> lifts;  // by the ordinal of Point::lift_mode
  std::map<std::pair<AlarmClass, AlarmState>, std::uint64_t> alarms;  // live ones
  std::map<SelfFaultCode, std::uint64_t>
      faults;  // of our own, present now; the pseudo-building `gateway` alone has them
};
using BuildingsCensus = std::vector<BuildingCensus>;

class Census {
 public:
  // What partition `index` has counted; replaces what it counted before. Any thread.
  void put(std::size_t index, BuildingsCensus counted);
  // Everything, by partition. Any thread.
  std::vector<std::shared_ptr<const BuildingsCensus>> all() const;

 private:
  mutable std::mutex mutex_;  // for the pointers alone
  std::vector<std::shared_ptr<const BuildingsCensus>> counted_;
};

}  // namespace firegate::metrics
