// What has to be known after a restart beside alarms and values: liveness of devices, states of rules, retained fires
// that were raised, what sources taught us, how far each building has come, and facts of the server.
#pragma once

#include <string_view>
#include <vector>

#include "core/batch.h"
#include "store/database.h"

namespace firegate::store::state {

Result<void> save(Database& database, const DeviceRow& row);
Result<void> save(Database& database, const RuleStateRow& row);     // an empty state removes the row
Result<void> save(Database& database, const RetainedFireRow& row);  // one to forget removes the row
Result<void> save(Database& database, const LinkRow& row);          // empty bytes: forgotten
Result<void> save(Database& database, const Position& row);

Result<std::vector<DeviceRow>> load_devices(Database& database);
Result<std::vector<RuleStateRow>> load_rule_states(Database& database);
Result<std::vector<RetainedFireRow>> load_retained_fires(Database& database);
Result<std::vector<LinkRow>> load_links(Database& database);
Result<std::vector<Position>> load_positions(Database& database);

// Facts of the server: whole numbers by name. Zero when absent.
constexpr std::string_view kInboxPosition = "inbox_position";
constexpr std::string_view kCommitNumber = "commit_number";
constexpr std::string_view kLastRetention = "last_retention";  // ms since 1970
Result<void> set_fact(Database& database, std::string_view key, std::uint64_t value);
Result<std::uint64_t> fact(Database& database, std::string_view key);

}  // namespace firegate::store::state
