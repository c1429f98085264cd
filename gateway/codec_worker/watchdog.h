// Watchdog: tells a call that has computed too long to stop. It counts computing time, not the clock's: on a loaded
// machine nobody is stopped for having waited. It is a courtesy, so that a stopped script gets an answer that says so;
// what the engine cannot interrupt is stopped by the parent, by the clock.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace firegate::codec {

constexpr std::chrono::milliseconds kComputingTime{50};  // design of the codecs: the slowest published one takes 1 ms

class Watchdog {
 public:
  // Watches the thread that makes it. `stop` is called from the watchdog's own thread, once a call.
  explicit Watchdog(std::function<void()> stop);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void begin_call();
  // Whether the call was told to stop.
  bool end_call();
  bool expired();

 private:
  using Computed = std::chrono::nanoseconds;
  Computed computed() const noexcept;
  void watch();

  std::function<void()> stop_;
  clockid_t clock_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool calling_ = false, expired_ = false, ending_ = false;
  Computed may_until_{};
  std::thread thread_;
};

}  // namespace firegate::codec
