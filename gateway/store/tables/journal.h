// The journal: append only, numbered without reuse.
#pragma once

#include <vector>

#include "core/batch.h"
#include "store/database.h"

namespace firegate::store::journal {

Result<void> append(Database& database, const JournalEntry& entry);
Result<std::vector<JournalEntry>> of_alarm(Database& database, AlarmId id);  // oldest first
Result<std::int64_t> remove_before(Database& database, Instant limit, int at_most);

}  // namespace firegate::store::journal
