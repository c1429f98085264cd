// Commands in the record: what a person ordered a device to do and what became of it; and the seam between those who
// order (the API) and those who carry it out (app/command_desk.h). Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "core/device_map.h"
#include "core/result.h"

namespace firegate {

// In the order of a command's life (vocabulary, "Commands"); the last three end it otherwise.
enum class CommandState : std::uint8_t {
  requested,  // recorded, not yet known to have left
  sent,       // the broker or the unit has it
  accepted,   // the device says it will
  done,       // the device says it has
  verified,   // its own readings show it
  failed,     // the device says it cannot
  timed_out,  // no word in time; it may have happened
  refused,    // by the gateway: nothing left
};
template <>
struct Labels<CommandState> {
  static constexpr std::array<std::string_view, 8> list{"requested", "sent",   "accepted",  "done",
                                                        "verified",  "failed", "timed_out", "refused"};
};

struct CommandRecord {
  std::uint64_t seq = 0;  // of the store, in order of recording; 0: not yet recorded
  Command command;
  std::string device, estate;
  std::string source, address;  // as they were when it was ordered: the answer comes from there
  CommandState state{};
  std::string why;  // it is so: the device's reason, or ours
  Instant at{}, changed_at{};
  std::string by;      // who ordered it, as people call them
  std::string who;     // the same, as the journal has it
  std::string reason;  // that they gave
  std::string key;     // idempotency key; empty: none. One of `who` is carried out once, for ever.
};

struct CommandOrder {
  DevicePtr device;  // never null
  CommandKind kind{};
  Port port = kNoPort;
  std::optional<Instant> until;
  std::string by, who, from;  // `from`: an IP address, or "local"
  std::string reason, key;
};

// A device's answer on its way from the lane.
struct CommandAnswer {
  std::string id;      // of the command
  std::string source;  // the source and the address that gave it
  std::string address;
  std::string result;  // accepted, done, failed
  std::string reason;
};

// A command that a device's format knows.
struct CommandOffer {
  CommandKind kind{};
  bool needs_port = false;
};

// Switches, opens or moves something outside, or silences it: asks for the PIN (vocabulary, "Commands").
constexpr bool is_dangerous(CommandKind kind) noexcept {
  switch (kind) {
    case CommandKind::query:
    case CommandKind::sync_clock:
    case CommandKind::duty_check:
    case CommandKind::sound:
    case CommandKind::strobe: return false;
    default: return true;
  }
}

// Any thread. `done` runs once, on any thread: it posts and returns.
class Commands {
 public:
  virtual ~Commands() = default;
  // The command as it is once it is recorded and on its way, or refused. With a key that was used before: that command.
  // Errors: bad_input (the key stands for another command), overloaded, io_failed, timed_out: nothing was sent.
  virtual void order(CommandOrder order, std::function<void(Result<CommandRecord>)> done) noexcept = 0;
  // Newest first, those recorded before number `before` (0: from the newest on).
  virtual void history(std::string device, std::uint64_t before, std::size_t limit,
                       std::function<void(Result<std::vector<CommandRecord>>)> done) noexcept = 0;
  // What the device's format can say to it; empty where nothing can be said.
  virtual void offers(DevicePtr device, std::function<void(std::vector<CommandOffer>)> done) noexcept = 0;
  virtual std::string exposition() const = 0;  // of its metrics, as text for Prometheus
};

}  // namespace firegate
