// Estates: the level above the buildings. Nothing is decided here about alarms; it groups what people are told, because
// the people of an estate are the same for all its buildings (alarms/flood_guard.h). Partitions hand their notices in
// before they write them. Any thread: a lock held for the few notices of one batch.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "alarms/flood_guard.h"
#include "core/batch.h"

namespace firegate::partition {

class Estates {
 public:
  // Takes the notices out that are held back; adds the journal's lines.
  void admit(Batch& batch);
  // What is to be told by now; writes nothing when there is nothing. Each second.
  void advance(Instant now, Batch& batch);
  void flush(Instant now, Batch& batch);  // all of it, at a stop
  void clock_stepped(Millis step);

 private:
  std::mutex mutex_;
  std::map<std::string, alarms::FloodGuard> guards_;  // by estate
};

}  // namespace firegate::partition
