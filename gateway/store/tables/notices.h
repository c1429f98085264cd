// The outbox: notices (what happened, with the alarm as it was then) and their deliveries (who is told, and how it
// went).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/archive.h"
#include "core/batch.h"
#include "core/delivery_log.h"
#include "store/database.h"

namespace firegate::store::notices {

Result<void> append(Database& database, const Notice& notice);  // a key that is there already stays as it is
// The deliveries of a notice as waiting, and the notice as routed. A delivery that is there already stays as it is.
Result<void> route(Database& database, const std::string& key, std::span<const std::string> channels, Instant at);
Result<void> record(Database& database, const DeliveryRow& row);                 // inserts or replaces
Result<std::vector<DeliveryRow>> deliveries_of(Database& database, AlarmId id);  // oldest notice first
Result<Undelivered> undelivered(Database& database);
Result<std::int64_t> remove_before(Database& database, Instant limit, int at_most);  // with their deliveries

}  // namespace firegate::store::notices
