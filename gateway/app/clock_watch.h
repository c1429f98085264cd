// ClockWatch: notices that the system's clock was stepped. Ours runs on the steady clock, so nothing happens by itself; a
// step over kClockStep takes the system's time as the new anchor, moves what the partitions remember by the same step, is
// written to the journal, and is a fault until it has been quiet for a minute. The io thread only.
#pragma once

#include <functional>
#include <optional>

#include "core/batch.h"
#include "core/clock.h"
#include "core/self_fault.h"

namespace firegate::app {

class ClockWatch {
 public:
  ClockWatch(Clock& clock, SelfFault& faults, Journal& journal, std::function<void(Millis)> stepped);
  void look();  // once a second

 private:
  Clock& clock_;
  SelfFault& faults_;
  Journal& journal_;
  std::function<void(Millis)> stepped_;
  std::optional<Steady> last_step_;
};

}  // namespace firegate::app
