// Deadlines: at most one time for each alarm, the earliest first; of one time the lower id first. The owner's thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/alarm.h"

namespace firegate::alarms {

class Deadlines {
 public:
  void set(AlarmId id, Instant at) {
    erase(id);
    times_.emplace(id, at);
    queue_.emplace(at, id);
  }
  void erase(AlarmId id) {
    const auto known = times_.find(id);
    if (known == times_.end()) return;
    queue_.erase({known->second, id});
    times_.erase(known);
  }
  Instant next() const noexcept { return queue_.empty() ? kNever : queue_.begin()->first; }
  AlarmId first() const { return queue_.begin()->second; }  // there must be one

 private:
  std::map<AlarmId, Instant> times_;
  std::set<std::pair<Instant, AlarmId>> queue_;
};

}  // namespace firegate::alarms
