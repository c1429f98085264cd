// DiskWatch: says in time that the disk of the record is nearly full. The io thread only.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/self_fault.h"
#include "metrics/metrics.h"

namespace firegate::app {

constexpr std::uintmax_t kDiskLow = 500'000'000;     // bytes free; our choice: some inbox segments and a day of readings
constexpr std::uintmax_t kDiskEnough = 600'000'000;  // clears above this

class DiskWatch {
 public:
  DiskWatch(std::filesystem::path folder, SelfFault& faults, metrics::Metrics& metrics)
      : folder_(std::move(folder)), faults_(faults), metrics_(metrics) {}
  void look();  // once a second

 private:
  std::filesystem::path folder_;
  SelfFault& faults_;
  metrics::Metrics& metrics_;
  bool low_ = false;
};

}  // namespace firegate::app
