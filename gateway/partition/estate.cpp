#include "partition/estate.h"

namespace firegate::partition {

void Estates::admit(Batch& batch) {
  if (batch.notices.empty()) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(batch.notices, [this, &batch](const Notice& notice) {
    const std::string& estate = notice.alarm.subject.place->estate.id;
    if (estate.empty()) return false;  // our own faults belong to no estate
    return !guards_.try_emplace(estate, estate).first->second.admit(notice, batch);
  });
}

void Estates::advance(Instant now, Batch& batch) {
  const std::lock_guard lock(mutex_);
  for (auto& [estate, guard] : guards_) guard.advance(now, batch);
}

void Estates::flush(Instant now, Batch& batch) {
  const std::lock_guard lock(mutex_);
  for (auto& [estate, guard] : guards_) guard.flush(now, batch);
}

void Estates::clock_stepped(Millis step) {
  const std::lock_guard lock(mutex_);
  for (auto& [estate, guard] : guards_) guard.clock_stepped(step);
}

}  // namespace firegate::partition
