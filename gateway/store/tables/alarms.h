// Alarms, live and ended. One row an alarm; every field of core/alarm.h.
#pragma once

#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "store/database.h"

namespace firegate::store::alarms {

Result<void> save(Database& database, const Alarm& alarm);  // inserts or replaces
Result<std::vector<Alarm>> load_live(Database& database);   // not normal, or with an overlay; by first raise
Result<Alarm> load(Database& database, AlarmId id);         // not_found
Result<std::int64_t> remove_ended_before(Database& database, Instant limit, int at_most);

// Live as alarms/alarm_book.h has it: a shelved alarm that went back to normal still is. Word for word the condition of
// the index alarms_live, which SQLite uses only then.
extern const std::string_view kIsLive;

// The columns of an alarm in the order in which `bind` and `read` take them; notices have the same.
extern const std::string_view kColumns;
extern const std::string_view kPlaceholders;
void bind(Query& query, const Alarm& alarm);
Alarm read(Query& query);

}  // namespace firegate::store::alarms
