// The journal: append only, numbered without reuse, each row chained to the one before (journal_chain.h). Rows go only
// through `remove_through`, which retention calls for what a signed checkpoint lets go (journal_keeper.h).
#pragma once

#include <optional>
#include <vector>

#include "core/archive.h"
#include "store/database.h"
#include "store/journal_chain.h"

namespace firegate::store::journal {

// Facts of the server (state::fact).
constexpr std::string_view kCut = "journal_cut";          // rows up to here may have been removed
constexpr std::string_view kCheckpoints = "checkpoints";  // number of the last checkpoint that was written

// Inside the writer's transaction: the hash follows from the row that is last in it.
Result<void> append(Database& database, const JournalEntry& entry);
Result<std::vector<JournalEntry>> of_alarm(Database& database, AlarmId id);  // oldest first
// Rows with a number above `seq`, oldest first.
Result<std::vector<JournalRow>> rows_after(Database& database, std::int64_t seq, std::size_t limit);

// The place in the list after which a page begins.
struct Before {
  Instant at{};
  std::uint64_t seq = 0;
};
// Newest first, at most limit + 1: one more tells that there is a next page. `estates`: those of the scope, each
// between unit separators.
Result<std::vector<JournalRow>> newest(Database& database, const JournalQuery& query, const std::string& estates,
                                       const Before& before);

struct Ends {
  std::uint64_t first = 0, last = 0;  // numbers of the rows; zero: none
  std::uint64_t given = 0;            // the highest number that was ever given
  std::uint64_t checkpoints = 0;      // fact kCheckpoints
};
Result<Ends> ends(Database& database);                                            // of one moment
Result<std::optional<ChainHash>> hash_of(Database& database, std::uint64_t seq);  // none: no such row, or not chained

// Removes the rows up to `seq` and notes it.
Result<void> remove_through(Database& database, std::uint64_t seq);

// The step of the schema that begins the chain: hashes the rows that are there, from the one after the last gap (rows
// may have been removed by age before), and makes the journal append only again.
Result<void> chain_existing(Database& database);

}  // namespace firegate::store::journal
