// Being in: who stands behind a session or token, what a session may ask for, and leaving.
#include <fmt/format.h>

#include <algorithm>

#include "accounts/accounts.h"
#include "accounts/grants.h"
#include "accounts/secret.h"
#include "accounts/words.h"

namespace firegate::accounts {
namespace {

constexpr std::chrono::minutes kStraysAreNoted{1};
constexpr std::size_t kWallIdLength = 12;  // of the session's id

Principal principal_of(const Session& session, const UserRecord& user, const Caller& caller, Steady now) {
  Principal principal;
  const bool wall = session.record.kind == SessionKind::wall;
  principal.kind = wall ? PrincipalKind::wall : PrincipalKind::user;
  principal.id = wall ? session.record.id.substr(0, kWallIdLength) : user.id;
  principal.name = wall ? session.record.label : user.name;
  principal.address = caller.address;
  principal.session = session.record.id;
  principal.grants = grants_of(session, user, now);
  principal.confirmed = !wall && session.confirmed(now);
  const auto may_sleep = [](const Grant& grant) { return sleeps(grant.role); };
  principal.asleep =
      session.record.kind == SessionKind::person && session.asleep(now) && std::ranges::any_of(user.grants, may_sleep);
  return principal;
}

// Apart from signing in, so that whoever attacks an account from outside does not delay the acts of the one who is in.
Backoff::Try confirming(const Principal& by) { return {"confirm:" + by.id, true, {}}; }

}  // namespace

std::optional<Principal> Accounts::of_session(std::string_view secret, const Caller& caller, bool acting, Instant now,
                                              Steady steady) {
  if (secret.size() != kSecretLength) return std::nullopt;
  const auto found = sessions_.find(hash_of(secret));
  if (found == sessions_.end()) return std::nullopt;
  Session& session = found->second;
  const UserRecord* user = find_user(session.record.user);
  if (!why_ended(session, user, steady).empty()) return std::nullopt;  // the next tick writes it down
  if (session.record.kind == SessionKind::wall && session.record.address != caller.address) {
    note_stray(session, caller, now, steady);
    return std::nullopt;
  }
  session.used = steady;
  session.record.used_at = now;
  if (acting && !session.asleep(steady)) session.acted = steady;
  return principal_of(session, *user, caller, steady);
}

void Accounts::note_stray(Session& wall, const Caller& caller, Instant now, Steady steady) {
  if (wall.stray_noted && steady - *wall.stray_noted < kStraysAreNoted) return;
  wall.stray_noted = steady;
  JournalEntry& entry =
      pending_.journal.emplace_back(own_line("sign_in_refused", session_subject(wall.record.id), caller.address, now));
  entry.why = fmt::format("the wall \"{}\" is bound to {}", wall.record.label, wall.record.address);
}

std::optional<Principal> Accounts::of_token(std::string_view token, const Caller& caller, Instant now) {
  const auto id = id_of_token(token);
  const auto found = id ? tokens_.find(*id) : tokens_.end();
  if (found == tokens_.end() || !same(found->second.record.hash, hash_of(token))) return std::nullopt;
  TokenRecord& record = found->second.record;
  // A clock that was set back gives no token more time than it had when it was last used.
  const Instant passed = std::max({now, record.used_at, record.created_at});
  const UserRecord* user = find_enabled(record.user);
  if (user == nullptr || passed >= record.ends_at) return std::nullopt;

  Principal principal;
  principal.kind = PrincipalKind::token;
  principal.id = record.id;
  principal.name = record.name;
  principal.address = caller.address;
  principal.grants = within(record.grants, user->grants);
  if (principal.grants.empty()) return std::nullopt;
  record.used_at = passed;
  return principal;
}

Principal Accounts::local(std::string_view who) {
  Principal principal;
  principal.kind = PrincipalKind::local;
  principal.id = who;
  principal.name = who;
  principal.address = "local";
  principal.grants = every_grant();
  principal.confirmed = true;
  return principal;
}

std::string Accounts::csrf(std::string_view session_secret) { return derive(session_secret, "firegate csrf"); }

std::string Accounts::ticket(std::string_view session_id, Steady now) { return tickets_.issue(session_id, now); }

bool Accounts::redeem_ticket(std::string_view ticket, std::string_view session_id, Steady now) {
  return tickets_.redeem(ticket, session_id, now) && sessions_.find(session_id) != sessions_.end();
}

// --- the PIN or password of whoever is in ---

Result<Attempt> Accounts::begin_confirm(const Principal& by, bool with_password, Steady now) {
  if (by.kind != PrincipalKind::user) return fail(ErrorCode::refused, "confirming: only a person who is signed in can");
  const auto found = sessions_.find(by.session);
  const UserRecord* user = find_enabled(by.id);
  if (found == sessions_.end() || user == nullptr)
    return fail(ErrorCode::not_found, "confirming: the session has ended");
  const std::string& stored = with_password ? user->password : user->pin;
  if (stored.empty()) return fail(ErrorCode::refused, "confirming: no PIN has been chosen yet");
  if (found->second.tries >= kTriesOfASession || backoff_.admit(confirming(by), now)) {
    return fail(ErrorCode::overloaded, "confirming: too many tries failed, wait before the next");
  }
  ++found->second.tries;
  return Attempt{user->id, stored, true};
}

std::chrono::seconds Accounts::retry_after_confirm(const Principal& by, Steady now) const {
  return backoff_.wait(confirming(by), now);
}

Result<AccountChange> Accounts::confirm(const Principal& by, bool with_password, bool matched, Instant now,
                                        Steady steady) {
  const auto found = sessions_.find(by.session);
  if (found == sessions_.end()) return fail(ErrorCode::not_found, "confirming: the session has ended");
  Session& session = found->second;
  const std::string_view what = with_password ? "password" : "PIN";
  if (!matched) {
    JournalEntry& entry = pending_.journal.emplace_back(line(by, "pin_refused", session_subject(by.session), now));
    entry.why = fmt::format("wrong {}, {} of {}", what, session.tries, kTriesOfASession);
    if (session.tries >= kTriesOfASession)
      end(found, pending_, by, fmt::format("{} wrong ones", kTriesOfASession), now);
    return fail(ErrorCode::refused, fmt::format("confirming: the {} is wrong", what));
  }
  AccountChange change;
  backoff_.succeeded(confirming(by));
  session.tries = 0;
  session.confirmed_until = steady + kConfirmHolds;
  if (!with_password) return change;
  session.password_given_until = steady + kConfirmHolds;
  if (session.record.kind != SessionKind::person) return change;
  if (session.asleep(steady)) change.journal.push_back(line(by, "roles_wake", session_subject(by.session), now));
  session.acted = steady;
  return change;
}

std::chrono::seconds Accounts::confirmed_for(std::string_view session_id, Steady now) const {
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end() || !found->second.confirmed(now)) return std::chrono::seconds{0};
  return std::chrono::duration_cast<std::chrono::seconds>(*found->second.confirmed_until - now);
}

// --- leaving ---

AccountChange Accounts::sign_out(const Principal& by, Instant now) {
  AccountChange change;
  const auto found = sessions_.find(by.session);
  if (found == sessions_.end()) return change;
  change.journal.push_back(line(by, "sign_out", session_subject(by.session), now));
  change.drop_sessions.push_back(found->first);
  sessions_.erase(found);
  return change;
}

Result<AccountChange> Accounts::end_session(const Principal& by, std::string_view id, Instant now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end())
    return fail(ErrorCode::not_found, fmt::format("ending session {}: no such session", excerpt(id)));
  AccountChange change;
  end(found, change, by, "ended on request", now);
  return change;
}

}  // namespace firegate::accounts
