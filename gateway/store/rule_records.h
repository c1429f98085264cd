// RuleRecords: the versions of the rules and the shadow on the store. Reads on a connection of its own; writes through
// the writer, in one transaction with the line of the journal, and waits for the commit. Owned by `app`; the writer
// outlives it. One thread at a time, which may wait for the disk.
//
// What was not committed within kPatience, or failed, is given up: nothing of it is written later. One case is left, as
// with accounts: a commit that seemed to fail had reached the disk. Then the version is in the record and its files are
// not in the folder, and the next start or reload records what the folder holds as a further version.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "core/account.h"
#include "core/batch.h"
#include "core/rule_version.h"
#include "store/writer.h"

namespace firegate::store {

class RuleRecords {
 public:
  static constexpr Millis kPatience{10'000};  // our choice: below the 15 s that an answer of the API may take

  RuleRecords(std::filesystem::path path, Writer& writer) : path_(std::move(path)), writer_(writer) {}

  // Newest first; empty: nothing was published yet.
  Result<std::vector<RuleVersion>> versions(std::size_t limit);
  // not_found: no such version.
  Result<std::pair<RuleVersion, RuleFiles>> version(std::uint32_t number);
  Result<std::vector<RuleHits>> hits(const Scope& scope, Instant now);
  Result<std::optional<ShadowRecord>> shadow();
  // What the lanes have learned of their sources. Any thread: on a connection of its own.
  Result<std::vector<LinkRow>> links() const;

  // Gives the version the next number and writes it; `line`, if any, gets it as `to`. Answers the number.
  Result<std::uint32_t> publish(RuleVersion version, RuleFiles files, std::optional<JournalEntry> line);
  Result<void> keep_shadow(std::optional<ShadowRecord> shadow, JournalEntry line);

 private:
  template <typename Read>
  auto reading(Read read) -> decltype(read(std::declval<Database&>()));
  Result<void> write(Writer::Work work);

  const std::filesystem::path path_;
  Writer& writer_;
  std::optional<Database> database_;
};

}  // namespace firegate::store
