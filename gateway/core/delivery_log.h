// DeliveryLog: the record of who is told what, and how it went. The outbox pipeline (respond) writes it, the store keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/archive.h"
#include "core/batch.h"
#include "core/result.h"

namespace firegate {

struct WaitingDelivery {
  Notice notice;
  std::string channel;
  std::uint32_t attempts = 0;
};

// What a crash or a restart left undone, oldest first.
struct Undelivered {
  std::vector<Notice> unrouted;          // committed, nobody chosen yet
  std::vector<WaitingDelivery> waiting;  // chosen, not finished
};

// `routed` and `record`: any thread, never block, in order; what they write is durable with the next commit. A crash before
// it means one more delivery with the same key.
class DeliveryLog {
 public:
  virtual ~DeliveryLog() = default;
  virtual Result<Undelivered> undelivered() noexcept = 0;  // at start; blocks on the disk
  virtual void routed(std::string key, std::vector<std::string> channels, Instant at) noexcept = 0;
  virtual void record(DeliveryRow row) noexcept = 0;
};

}  // namespace firegate
