// AccountChanges: one change of the accounts at a time: decided on what then holds, stored, applied, told. While one is
// on its way to the disk the next waits, so that two that are right alone ("there is another admin") are not wrong
// together. What could not be stored is abandoned. Web thread only; the store's answers come by `post`.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "accounts/accounts.h"
#include "core/account_store.h"

namespace firegate::api {

class AccountChanges {
 public:
  static constexpr std::size_t kMaxWaiting = 100;  // our choice

  // Decides on the accounts as they are when its turn comes. The secret (of a session, an invite, a token) may be
  // empty.
  using Decide = std::function<Result<accounts::Made>()>;
  using Done = std::function<void(const Result<accounts::Made>&)>;  // what has become true

  // `post`: onto the web thread, from any thread. `settled`: after each decision, good or not, before its `done`.
  AccountChanges(accounts::Accounts& accounts, AccountStore& store, const Clock& clock,
                 std::function<void(std::function<void()>)> post, std::function<void()> settled);
  AccountChanges(const AccountChanges&) = delete;
  AccountChanges& operator=(const AccountChanges&) = delete;

  // `done` runs once: io_failed when it could not be stored, overloaded when too many wait, else what `decide` said. A
  // decision that changes nothing to be stored is done at once.
  void run(Decide decide, Done done);
  bool idle() const noexcept { return !busy_; }

 private:
  struct Waiting {
    Decide decide;
    Done done;
  };
  void next();
  void stored(const accounts::Made& made, const Done& done, const Result<void>& result);
  void tell(const Done& done, const Result<accounts::Made>& made);

  accounts::Accounts& accounts_;
  AccountStore& store_;
  const Clock& clock_;
  std::function<void(std::function<void()>)> post_;
  std::function<void()> settled_;
  std::deque<Waiting> waiting_;
  bool busy_ = false;
  bool failing_ = false;  // said once, not each second
};

}  // namespace firegate::api
