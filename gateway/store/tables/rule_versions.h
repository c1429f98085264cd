// Published versions of the rules with their files, the shadow, and what each rule has raised.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/account.h"
#include "core/rule_version.h"
#include "store/database.h"

namespace firegate::store::rule_versions {

// The number of the newest; 0: there is none.
Result<std::uint32_t> newest(Database& database);
Result<void> insert(Database& database, const RuleVersion& version, const RuleFiles& files);
// Newest first.
Result<std::vector<RuleVersion>> list(Database& database, std::size_t limit);
// not_found: no such version.
Result<std::pair<RuleVersion, RuleFiles>> load(Database& database, std::uint32_t number);

// In place of the one before; none: there is no shadow any more.
Result<void> save_shadow(Database& database, const std::optional<ShadowRecord>& shadow);
Result<std::optional<ShadowRecord>> load_shadow(Database& database);

// Rules that raised something in the 30 days before `now`, by id, in the estates of the scope.
Result<std::vector<RuleHits>> hits(Database& database, const Scope& scope, Instant now);

}  // namespace firegate::store::rule_versions
