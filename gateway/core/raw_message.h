// RawMessage: bytes as received. Views are valid only during the call that was given the message.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/clock.h"

namespace firegate {

using InboxSeq = std::uint64_t;  // position in the inbox, counted from 1, never reused

struct RawMessage {
  std::string_view topic;
  std::string_view payload;
  Instant arrived_at{};
  bool retained = false;
  bool duplicate = false;  // MQTT DUP: the broker sends it again
  InboxSeq seq = 0;
};

}  // namespace firegate
