#include "app/disk_watch.h"

#include <fmt/format.h>

namespace firegate::app {

void DiskWatch::look() {
  std::error_code failure;
  const auto space = std::filesystem::space(folder_, failure);
  if (failure) return;  // the store and the inbox say what they cannot do
  metrics_.disk_free_bytes.set(static_cast<double>(space.available));
  if (!low_ && space.available < kDiskLow) {
    low_ = true;
    faults_.raise(SelfFaultCode::disk_low, "", fmt::format("{} MB free in {}", space.available / 1'000'000, folder_.string()));
  } else if (low_ && space.available > kDiskEnough) {
    low_ = false;
    faults_.clear(SelfFaultCode::disk_low, "");
  }
}

}  // namespace firegate::app
