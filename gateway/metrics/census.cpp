#include "metrics/census.h"

namespace firegate::metrics {

void Census::put(std::size_t index, BuildingsCensus counted) {
  auto made = std::make_shared<const BuildingsCensus>(std::move(counted));
  const std::lock_guard lock(mutex_);
  if (counted_.size() <= index) counted_.resize(index + 1, std::make_shared<const BuildingsCensus>());
  counted_[index].swap(made);
}

std::vector<std::shared_ptr<const BuildingsCensus>> Census::all() const {
  const std::lock_guard lock(mutex_);
  return counted_;
}

}  // namespace firegate::metrics
