// Pulse: when a loop last came round. Written by the loop, read by whoever watches it, from any thread. Steady time.
// A thread beats by itself each time it comes round; a strand is asked, and beats when it gets to answer.
#pragma once

#include <atomic>

#include "core/clock.h"

namespace firegate {

class Pulse {
 public:
  void beat(Steady now) noexcept {
    last_.store(now, std::memory_order_relaxed);
    asked_.store(false, std::memory_order_relaxed);
  }
  // Whether to ask now: false while the last question waits for its answer, so that questions never pile up.
  bool ask() noexcept { return !asked_.exchange(true, std::memory_order_relaxed); }
  Steady last() const noexcept { return last_.load(std::memory_order_relaxed); }  // Steady{}: never

 private:
  std::atomic<Steady> last_{Steady{}};
  std::atomic<bool> asked_{false};
};

}  // namespace firegate
