// CommandBook: the commands under way and what may still become of them: sent, answered, measured or out of time. Pure:
// no clock, no I/O; the time is given. Owned by the desk (app/command_desk.h); its thread.
//
// A command only goes forward: an answer that overtakes the broker's receipt counts, a late receipt does not. One that
// timed out is still watched for kWatched: a late answer is the truth about it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/commands.h"
#include "core/live.h"

namespace firegate::commands {

constexpr Millis kAnswerWithin{
    30'000};  // from the order to the device's first word; our choice: three polls of a charger
constexpr Millis kDoneWithin{300'000};  // from "accepted" to "done"; our choice
constexpr Millis kDutyWithin{660'000};  // the same, of a duty check: its 10 minutes (gb_link/packets.h) and one more
constexpr Millis kWatched{600'000};     // after its last change, for late answers and measured effects; our choice

class CommandBook {
 public:
  // A command as the store has it, new or of the run before.
  void add(CommandRecord record);

  // Each gives the command as it is now where something has changed. Unknown ids change nothing.
  std::optional<CommandRecord> advance(std::string_view id, CommandState to, std::string why, Instant now);
  // Only from the source and the address that it was sent to, or from the unit above that address.
  std::optional<CommandRecord> answered(const CommandAnswer& answer, Instant now);
  // Whether what the device measures by now shows the effect.
  std::optional<CommandRecord> measured(std::string_view id, const DeviceSnapshot& device, Instant now);
  // Those whose time is over; forgets what need not be watched any longer.
  std::vector<CommandRecord> tick(Instant now);

  // As it is now, where the record is about a command that is still watched: the store may lag behind.
  CommandRecord newest(CommandRecord record) const;

  // Commands whose effect readings may still show.
  std::vector<CommandRecord> to_measure() const;

 private:
  std::map<std::string, CommandRecord, std::less<>> records_;  // by id
};

}  // namespace firegate::commands
