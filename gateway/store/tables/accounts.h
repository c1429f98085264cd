// Accounts as rows: users, sessions, tokens, invites. A row whose roles or kind cannot be read gives nothing: a user
// then has no role, the others are left out.
#pragma once

#include "core/account_store.h"
#include "store/database.h"

namespace firegate::store::accounts {

Result<void> save(Database& database, const AccountRows& put);
Result<void> drop(Database& database, const AccountChange& change);
Result<AccountRows> load(Database& database);

std::string grants_to_text(const std::vector<Grant>& grants);  // "duty@jinxiu,viewer@*"
std::optional<std::vector<Grant>> grants_from_text(std::string_view text);

}  // namespace firegate::store::accounts
