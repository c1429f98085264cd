// Takes the calling thread out of the way of those that decide: whatever it computes may wait.
#pragma once

#include <sys/resource.h>

namespace firegate::replay {

// Linux: a thread has a priority of its own, and 0 names the calling one.
inline void lower_own_priority() noexcept { static_cast<void>(::setpriority(PRIO_PROCESS, 0, 19)); }

}  // namespace firegate::replay
