// DeliveryQueue: what one channel still has to deliver, and what comes next: the most urgent priority first, within it
// the oldest. Pure: time comes in. One delivery a key, so that a fire announced directly and then recorded is one
// delivery.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/clock.h"

namespace firegate::respond {

struct RetryPolicy {
  Millis first{1'000};                     // our choice
  Millis longest{60'000};                  // reliability F28
  Millis give_up{std::chrono::hours{24}};  // our choice: then people have long been told another way
};

// The wait after `attempts` failures (from 1): doubles from `first` to `longest`, and between half and all of that, so
// that receivers are not hit by everybody at once. `random` in [0, 1).
Millis retry_wait(const RetryPolicy& policy, std::uint32_t attempts, double random) noexcept;

struct Delivery {
  Notice notice;
  std::string key;  // of the notice
  std::uint32_t attempts = 0;
  bool recorded = true;  // false: announced directly, the store does not know of it yet
  Instant not_before{};
};

class DeliveryQueue {
 public:
  void add(Delivery delivery);                // joins one of the same key
  std::optional<Delivery> take(Instant now);  // the next that is due
  std::optional<Instant> next_due() const;    // none: empty
  std::size_t size() const noexcept { return waiting_.size(); }

 private:
  std::vector<Delivery> waiting_;  // by priority, then time of the notice
};

}  // namespace firegate::respond
