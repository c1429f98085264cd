// Door: what stands between whoever comes and the routes: the accounts, their changes, who may what, and how often.
// Made of the rows that the store gave back. Web thread only; it outlives every request.
#pragma once

#include <functional>
#include <string>

#include "accounts/accounts.h"
#include "api/account_changes.h"
#include "api/authorise.h"
#include "api/idempotency.h"
#include "api/live_feed.h"
#include "api/rate_limit.h"

namespace firegate::api {

// Runs it on the thread for passwords; false: too much waits.
using PasswordJob = std::function<void()>;
using PostPasswordJob = std::function<bool(PasswordJob)>;

class Door {
 public:
  Door(AccountRows rows, AccountStore& store, LiveFeed& feed, metrics::Metrics& metrics, const Clock& clock,
       std::function<void(std::function<void()>)> post, PostPasswordJob password_job);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  accounts::Accounts accounts;
  AccountChanges changes;
  Authorise authorise;
  Idempotency idempotency;
  PostPasswordJob password_job;

  // 429 when whoever asks asks too often.
  std::optional<Response> refuse_haste(const Request& request);
  // The same for a platform that pushes: by its address, before anybody looks at its proof.
  std::optional<Response> refuse_hasty_push(const Request& request);
  // Who opens a live feed.
  Watcher watcher(const Principal& principal) const;
  // Writes a line of the journal that nobody waits for.
  void record(JournalEntry entry);
  // Each second: ends what is over, sends away whose session has ended.
  void tick();

 private:
  void review();

  AccountStore& store_;
  LiveFeed& feed_;
  const Clock& clock_;
  RateLimit signed_in_{kSignedInRate};
  RateLimit strangers_{kStrangerRate};
  RateLimit pushes_{kPushRate};
};

}  // namespace firegate::api
