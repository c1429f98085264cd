// Command: what a person or a rule asks of a device, in our words (vocabulary, "Commands"). Drivers put it into the words
// of their format (Driver::encode); the device's answer comes back as a Reply with the same id.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/labels.h"
#include "core/reading.h"

namespace firegate {

enum class CommandKind : std::uint8_t {
  cut_off, release, start, stop,          // charging port
  hold_door, release_door, recall,        // lift
  sound, strobe, silence_device,
  switch_on, switch_off,                  // relay, plug
  open_valve, close_valve,
  query, set_limits, sync_clock, duty_check,
};
template <>
struct Labels<CommandKind> {
  static constexpr std::array<std::string_view, 18> list{
      "cut_off", "release",        "start",     "stop",       "hold_door",  "release_door", "recall",     "sound",
      "strobe",  "silence_device", "switch_on", "switch_off", "open_valve", "close_valve",  "query",      "set_limits",
      "sync_clock", "duty_check"};
};

struct Command {
  std::string id;  // ours; [A-Za-z0-9_-]{1,64}
  CommandKind kind{};
  Port port = kNoPort;             // of the device, where it has several
  std::optional<Instant> until{};  // when the device itself must end it (hold_door), where its format can say so
};

// Why a driver gives no bytes for a command.
enum class RefuseReason : std::uint8_t {
  not_supported,  // the format has no such command
  bad_port,       // the command needs a port, or this device has none
  not_known_yet,  // something that only the device can tell is missing (the order number of a charging port)
};
template <>
struct Labels<RefuseReason> {
  static constexpr std::array<std::string_view, 3> list{"not_supported", "bad_port", "not_known_yet"};
};
struct Refusal {
  RefuseReason reason{};
  std::string detail;
};

}  // namespace firegate
