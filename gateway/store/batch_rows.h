// A batch in rows: written inside a transaction, counted, and made smaller when it has to wait.
#pragma once

#include "core/batch.h"
#include "store/database.h"
#include "store/tables/readings.h"

namespace firegate::store {

Result<void> write_rows(Transaction& transaction, const Batch& batch, ReadingLog& readings);
std::size_t count_rows(const Batch& batch) noexcept;

// Drops history that nothing depends on, readings and raw messages: the number of rows that went.
std::size_t drop_history(Batch& batch) noexcept;

// Drops what a later row of the same key replaces (devices, rule states, links, positions, alarms), and doubled holds;
// the order of what is left stays. Journal and history are kept. Writing the batch gives the same store.
void compact(Batch& batch);

}  // namespace firegate::store
