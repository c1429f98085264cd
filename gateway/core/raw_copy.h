// RawCopy: a message of a device as it was received, on its way to the store, and back from there for whoever installs
// or repairs the device. The store keeps the last kRawMessages of each device (architecture, section 9.7). Made by the
// lane for the messages that are kept (decode/raw_gate.h); shared and never changed afterwards; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/clock.h"

namespace firegate {

constexpr std::size_t kRawMessages = 50;           // of each device (architecture, section 9.7)
constexpr std::size_t kMostRawPayload = 4 * 1024;  // bytes; what is longer is cut (our choice, as in the unmapped tray)

struct RawCopy {
  Instant at{};  // of arrival
  std::string source;
  std::string topic;
  std::string payload;      // at most kMostRawPayload bytes; not always text
  std::uint64_t bytes = 0;  // of the payload as it came
  bool retained = false;    // the retain flag was set on receipt

  bool cut() const noexcept { return bytes > payload.size(); }
};
using RawCopyPtr = std::shared_ptr<const RawCopy>;

}  // namespace firegate
