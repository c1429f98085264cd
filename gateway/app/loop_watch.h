// LoopWatch: whether every loop of the program still goes round. Those with a thread of their own beat as they go; the
// strands are asked each second. What has been silent for too long is named in /readyz and in the log, and the service
// manager's watchdog is not fed: it ends the program with a dump of what every thread was doing, and starts it again.
// Owned by App; `look` on the io thread, everything else from any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/pulse.h"
#include "metrics/metrics.h"

namespace firegate::app {

// One kind of loop as it is watched.
struct WatchedLoop {
  metrics::Loop loop{};
  std::function<Steady()> last_beat;  // of the slowest of its kind; Steady{}: never yet
  Millis patience{};                  // silent for longer: stuck
};

class LoopWatch {
 public:
  // reliability, F32: stuck for 20 s. Those who wait for the disk get longer: as long as the others go round, fires are
  // announced without a record, and a restart would lose what is in memory and gain nothing. Our choice.
  static constexpr Millis kPatience{20'000};
  static constexpr Millis kDiskPatience{120'000};

  // `loops` are those beside the io loop, which calls `look`. Everybody has until its patience ends to come round
  // first.
  LoopWatch(const Clock& clock, metrics::Metrics& metrics, std::vector<WatchedLoop> loops);

  // Each second, on the io thread: this loop goes round. Whether all others do too.
  bool look();
  // What is stuck, in words: "lanes silent for 25 s". Empty: nothing is.
  std::vector<std::string> stuck() const;

 private:
  Millis silence(const WatchedLoop& loop) const noexcept;

  const Clock& clock_;
  metrics::Metrics& metrics_;
  const Steady started_;
  Pulse io_;
  std::vector<WatchedLoop> loops_;
  bool told_ = false;
};

}  // namespace firegate::app
