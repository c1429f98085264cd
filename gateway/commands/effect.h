// Effect: by which reading of its device a command is seen to have worked. Pure functions.
#pragma once

#include "core/commands.h"
#include "core/live.h"

namespace firegate::commands {

// Whether a reading can show it at all.
bool has_effect(CommandKind kind) noexcept;

// Whether the device, after the command was ordered, says by a good reading of its own what the command wanted. Of a
// query: that it has spoken since.
bool shows_effect(const CommandRecord& record, const DeviceSnapshot& device) noexcept;

}  // namespace firegate::commands
