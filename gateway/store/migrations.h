// Migrations: the numbered steps of the schema, built into the program from schema/NNNN_name.sql. Each is applied in
// one transaction with the new PRAGMA user_version: after a crash the schema is the old one or the new one, never
// between.
#pragma once

#include <span>
#include <string_view>

#include "store/database.h"

namespace firegate::store {

struct Migration {
  int version;  // from 1, without gaps
  std::string_view name;
  std::string_view sql;
  Result<void> (*then)(Database&) = nullptr;  // what SQL cannot say; in the same transaction
};

std::span<const Migration> migrations() noexcept;
inline int newest_schema() noexcept { return static_cast<int>(migrations().size()); }

Result<int> schema_version(Database& database);

// Brings the schema to the last of `steps`. Unsupported when the file's schema is newer than that: an older program
// must not write what it does not understand (reliability F37).
Result<void> migrate(Database& database, std::span<const Migration> steps = migrations());

}  // namespace firegate::store
