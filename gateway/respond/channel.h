// Channel: the strand of one delivery channel. Takes deliveries, sends them by priority through its Notifier, repeats
// what may be repeated, and records every outcome. Its own thread: a slow receiver holds up nobody else (reliability
// F27).
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/delivery_log.h"
#include "core/self_fault.h"
#include "core/sender.h"
#include "metrics/metrics.h"
#include "respond/delivery_queue.h"

namespace firegate::respond {

// What all channels share; outlives them.
struct Surroundings {
  DeliveryLog& log;
  const Clock& clock;
  metrics::Metrics& metrics;
  SelfFault& faults;
  RetryPolicy retry;
};

class Channel {
 public:
  Channel(std::string name, std::unique_ptr<Notifier> notifier, const Surroundings& surroundings);
  ~Channel();  // stops
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const std::string& name() const noexcept { return name_; }
  void start();
  void stop() noexcept;  // after the delivery that is under way; what waits stays in the store

  // Any thread; never blocks. `recorded`: the store has the notice, and the outcome is written down.
  void add(Notice notice, std::uint32_t attempts, bool recorded) noexcept;
  std::size_t waiting() const noexcept;

 private:
  void run() noexcept;
  std::optional<Delivery> wait_for_next();
  void attempt(Delivery delivery);
  void sent(Delivery& delivery);
  void failed(Delivery delivery, const RetryAfter& retry);
  void rejected(Delivery& delivery, const std::string& why);
  void record(const Delivery& delivery, std::string_view state, std::string detail);
  bool recorded_meanwhile(const Delivery& delivery);

  const std::string name_;
  const std::unique_ptr<Notifier> notifier_;
  const Surroundings& around_;

  mutable std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  DeliveryQueue queue_;
  std::string under_way_;              // key
  bool under_way_recorded_ = false;    // it was recorded while it was under way
  std::deque<std::string> announced_;  // keys that were sent unrecorded, the last kAnnounced
  bool stopping_ = false;

  std::uint32_t failures_in_a_row_ = 0;  // the channel's thread only
  std::minstd_rand random_;
  std::thread thread_;
};

}  // namespace firegate::respond
