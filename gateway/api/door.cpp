#include "api/door.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include "accounts/grants.h"
#include "core/log.h"

namespace firegate::api {
namespace {

// What each session and token may in all, whether or not a part of it sleeps: a live feed does not end because nobody
// has touched the page for a while.
class Standings {
 public:
  Standings(const accounts::Accounts& accounts, Instant now) {
    const auto add = [this, &accounts](const std::string& id, const std::string& user_id,
                                       const std::vector<Grant>& grants) {
      const auto user = accounts.users().find(user_id);
      if (user == accounts.users().end() || user->second.disabled) return;
      const std::vector<Grant>& all = user->second.grants;
      by_id_[id] = accounts::in_words(grants.empty() ? all : accounts::within(grants, all));
    };
    for (const SessionRecord& session : accounts.sessions()) add(session.id, session.user, session.grants);
    for (const TokenRecord& token : accounts.tokens()) {
      if (now < token.ends_at) add(token.id, token.user, token.grants);
    }
  }

  std::string of(const Principal& principal) const {
    if (principal.kind == PrincipalKind::local) return "local";
    const auto at = by_id_.find(principal.session.empty() ? principal.id : principal.session);
    return at == by_id_.end() ? std::string() : at->second;
  }

 private:
  boost::unordered_flat_map<std::string, std::string> by_id_;
};

}  // namespace

Door::Door(AccountRows rows, AccountStore& store, LiveFeed& feed, metrics::Metrics& metrics, const Clock& clock,
           std::function<void(std::function<void()>)> post, PostPasswordJob job)
    : accounts(std::move(rows), clock.now(), clock.steady_now()),
      changes(accounts, store, clock, std::move(post), [this] { review(); }),
      authorise(accounts, metrics, clock),
      password_job(std::move(job)),
      store_(store),
      feed_(feed),
      clock_(clock) {}

std::optional<Response> Door::refuse_haste(const Request& request) {
  if (request.local_uid) return std::nullopt;
  const Steady now = clock_.steady_now();
  const auto wait =
      request.principal ? signed_in_.take(request.principal->who(), now) : strangers_.take(request.address, now);
  if (!wait) return std::nullopt;
  return authorise.too_many(request, "too_many_requests", *wait);
}

std::optional<Response> Door::refuse_hasty_push(const Request& request) {
  const auto wait = pushes_.take(request.address, clock_.steady_now());
  if (!wait) return std::nullopt;
  return authorise.too_many(request, "too_many_requests", *wait);
}

Watcher Door::watcher(const Principal& principal) const {
  return {principal, Standings(accounts, clock_.now()).of(principal)};
}

void Door::record(JournalEntry entry) {
  AccountChange change;
  change.journal.push_back(std::move(entry));
  store_.save(std::move(change), [](Result<void> stored) {
    if (!stored) log::error("act_not_recorded", {{"error", stored.error().message}});
  });
}

void Door::tick() {
  if (changes.idle()) {
    changes.run(
        [this]() -> Result<accounts::Made> {
          return accounts::Made{{}, accounts.tick(clock_.now(), clock_.steady_now())};
        },
        [](const Result<accounts::Made>&) {});
  }
  review();
}

void Door::review() {
  if (feed_.clients() == 0) return;
  const Standings standings(accounts, clock_.now());
  feed_.review([&standings](const Principal& principal) { return standings.of(principal); });
}

}  // namespace firegate::api
