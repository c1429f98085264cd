// Commands to devices (core/commands.h). Inside the caller's transaction or on a connection of its own.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/commands.h"
#include "store/database.h"

namespace firegate::store::commands {

constexpr std::uint64_t kKept = 1000;  // of each device, the newest; our choice

Result<void> add(Database& database, const CommandRecord& record);
Result<void> change(Database& database, const CommandRecord& record);  // state, why and changed_at

Result<std::vector<CommandRecord>> open(Database& database);  // requested, sent or accepted
// Newest first, those before number `before` (0: from the newest on).
Result<std::vector<CommandRecord>> of_device(Database& database, std::string_view device, std::uint64_t before,
                                             std::size_t limit);
Result<std::optional<CommandRecord>> by_key(Database& database, std::string_view who, std::string_view key);

}  // namespace firegate::store::commands
