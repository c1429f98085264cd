#include "api/account_changes.h"

#include <fmt/format.h>

#include <utility>

#include "core/log.h"

namespace firegate::api {

AccountChanges::AccountChanges(accounts::Accounts& accounts, AccountStore& store, const Clock& clock,
                               std::function<void(std::function<void()>)> post, std::function<void()> settled)
    : accounts_(accounts), store_(store), clock_(clock), post_(std::move(post)), settled_(std::move(settled)) {}

void AccountChanges::run(Decide decide, Done done) {
  if (waiting_.size() >= kMaxWaiting) {
    return done(fail(ErrorCode::overloaded, "changing the accounts: too many changes wait"));
  }
  waiting_.push_back({std::move(decide), std::move(done)});
  next();
}

void AccountChanges::next() {
  while (!busy_ && !waiting_.empty()) {
    const Waiting turn = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    const auto made = turn.decide();
    if (!made || made->change.empty()) {
      tell(turn.done, made);
      continue;
    }
    store_.save(made->change, [this, post = post_, made = *made, done = turn.done](Result<void> result) {
      post([this, made, done, result = std::move(result)] { stored(made, done, result); });
    });
  }
}

void AccountChanges::stored(const accounts::Made& made, const Done& done, const Result<void>& result) {
  if (result) {
    failing_ = false;
    accounts_.apply(made.change, clock_.now(), clock_.steady_now());
    tell(done, made);
  } else {
    accounts_.abandon(made.change);
    if (!std::exchange(failing_, true)) log::error("accounts_not_stored", {{"error", result.error().message}});
    tell(done, fail(ErrorCode::io_failed, fmt::format("storing the change: {}", result.error().message)));
  }
  next();
}

void AccountChanges::tell(const Done& done, const Result<accounts::Made>& made) {
  busy_ = false;
  settled_();
  done(made);
}

}  // namespace firegate::api
