// The seam between accounts and their record. What changes is written in one transaction with its lines of the journal.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/account.h"
#include "core/batch.h"
#include "core/result.h"

namespace firegate {

struct AccountRows {
  std::vector<UserRecord> users;
  std::vector<SessionRecord> sessions;
  std::vector<TokenRecord> tokens;
  std::vector<InviteRecord> invites;
};

struct AccountChange {
  AccountRows put;  // inserted, or replaced by id (hash)
  std::vector<std::string> drop_users, drop_sessions, drop_tokens, drop_invites;  // by id (hash)
  std::vector<JournalEntry> journal;

  bool empty() const noexcept {
    return put.users.empty() && put.sessions.empty() && put.tokens.empty() && put.invites.empty() && drop_users.empty() &&
           drop_sessions.empty() && drop_tokens.empty() && drop_invites.empty() && journal.empty();
  }
};

// Any thread. `done` runs once, on the writer's thread, after the commit or its failure: it posts and returns.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  virtual void save(AccountChange change, std::function<void(Result<void>)> done) noexcept = 0;
};

}  // namespace firegate
