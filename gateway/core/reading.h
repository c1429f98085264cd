// What a message said, after decoding: readings of one device. The lane makes these, the partition consumes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/labels.h"
#include "core/point.h"
#include "core/quality.h"
#include "core/value.h"

namespace firegate {

// Number of a charging port, an outlet or a probe as the device counts; kNoPort for the device as a whole.
using Port = std::int16_t;
constexpr Port kNoPort = -1;

enum class MessageKind : std::uint8_t {
  snapshot,  // the whole state; what it does not mention is still not cleared by silence
  delta,     // what changed
  event,     // a pulse: raises and clears at once
  will,      // what the broker or the network says about the device (online, offline)
  reply,     // the device's answer to a command
};
template <>
struct Labels<MessageKind> {
  static constexpr std::array<std::string_view, 5> list{"snapshot", "delta", "event", "will", "reply"};
};

struct Reading {
  Point point{};
  Port port = kNoPort;
  Quality quality = Quality::good;
  Value value;
};

// The answer to a command (kind `reply`).
struct Reply {
  std::string command_id;
  std::string result;  // accepted, done, failed
  std::string reason;
};

// One device's part of a decoded message.
struct DeviceMessage {
  std::string address;  // what the wire format calls the device
  MessageKind kind = MessageKind::snapshot;
  std::optional<Instant> measured_at;  // the device's own time, as sent; judged by the normaliser
  std::string boot;                    // native format: which run of the device numbered `seq`
  std::optional<std::uint64_t> seq;    // native format: the device's own number of the message
  std::vector<Reading> readings;
  std::optional<Reply> reply;
  bool of_the_network = false;  // about a bridge of the network: nothing to anybody who has not mapped it
};

}  // namespace firegate
