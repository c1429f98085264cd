// Opening the store: schema, a damaged file, what was true when we stopped; checks and backups for the command line.
// At start, before MQTT connects; afterwards the writer owns the connection.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/archive.h"
#include "core/result.h"
#include "store/database.h"

namespace firegate::store {

// Opens read-write and brings the schema up to date; a copy "<path>.schema<n>" is made first when there is something to
// lose. unsupported: the schema is newer than this program (reliability F37). corrupt: damaged, or not a store.
Result<Database> open(const std::filesystem::path& path);

struct Opened {
  Database database;
  std::optional<std::filesystem::path> damaged;  // where the damaged file was put aside; evidence, never deleted
};
// As `open`, but a damaged file is put aside as "<path>.damaged-<time>" and an empty store opened: alarms go on
// (reliability F09). The caller raises store_failed when `damaged` is set.
Result<Opened> open_or_replace(const std::filesystem::path& path, Instant now);

Result<Restored> load(Database& database);

struct CheckReport {
  int schema = 0;
  int newest_schema = 0;             // that this program knows
  std::vector<std::string> damages;  // as SQLite words them; empty: sound
  bool ok() const noexcept { return damages.empty() && schema <= newest_schema; }
};
// Reads every page: minutes for a large file, beside a running gateway.
Result<CheckReport> check(const std::filesystem::path& path);

// The same in pieces, without comparing every index entry with its row (F09): the damages of one table and its indexes.
Result<std::vector<std::string>> tables_of(const std::filesystem::path& path);
Result<std::vector<std::string>> quick_check(const std::filesystem::path& path, const std::string& table);

// A consistent copy while the gateway runs (online backup). `to` must not exist; it appears complete or not at all.
Result<void> backup(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace firegate::store
