// Out of the program. Sender: to a source (MQTT or TCP link). Notifier: one delivery channel.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "core/batch.h"
#include "core/driver.h"

namespace firegate {

// Any thread; never blocks. `done` runs once: success when the broker has taken it.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual void send(Outgoing outgoing, std::function<void(Result<void>)> done) noexcept = 0;
};

struct Sent {};
struct RetryAfter {
  Millis wait{};
  std::string why;
};
struct Rejected {
  std::string why;
};
using DeliveryOutcome = std::variant<Sent, RetryAfter, Rejected>;

// One channel. Called on the channel's own thread, may block up to its own time limit.
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual DeliveryOutcome deliver(const Notice& notice) noexcept = 0;
};

// "Tell people now, unrecorded": for a fire that the store could not write in time. Any thread; never blocks.
class Announcer {
 public:
  virtual ~Announcer() = default;
  virtual void announce(const Notice& notice) noexcept = 0;
};

}  // namespace firegate
