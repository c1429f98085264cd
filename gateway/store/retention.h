// Retention: how long things are kept (architecture, section 9.7).
// Alarms, journal, notices and changes of state (readings that are not numbers): two years, never less. Numbers: 90
// days (our choice: a season of every curve; 2,000 devices are about 4 GB). Readings go a day at once, by dropping the
// day's table; the journal up to a signed checkpoint (journal_keeper.h); the rest goes in small steps between commits.
// The file does not shrink: its free pages are used again.
#pragma once

#include "core/clock.h"
#include "core/config_node.h"
#include "store/database.h"

namespace firegate::store {

constexpr int kTwoYears = 731;  // days, a leap day included

struct RetentionSettings {
  int record_days = kTwoYears;  // alarms, journal, notices, states
  int number_days = 90;

  // `retention: {records_days, numbers_days}` of gateway.yaml.
  static RetentionSettings parse(const ConfigNode* node, Problems& problems);
};

// Removes a part of what is too old: one day of readings, or some hundred rows. True: there may be more. One
// transaction, short enough to stand between two commits.
Result<bool> retain_step(Database& database, const RetentionSettings& settings, Instant now);

Result<std::uint64_t> size_bytes(Database& database);  // of the file, free pages included

}  // namespace firegate::store
