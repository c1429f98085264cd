// The book itself: loading, settling what was stored, ending, and the tick. The acts are in sign_in.cpp, being_in.cpp,
// users.cpp and invites.cpp.
#include "accounts/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "accounts/grants.h"
#include "accounts/secret.h"
#include "accounts/words.h"

namespace firegate::accounts {
namespace {

constexpr std::chrono::minutes kUsesAreStored{1};
constexpr std::size_t kPendingLines = 1000;

Steady end_of_invite(const InviteRecord& invite, Instant now, Steady steady) {
  const Instant passed = std::max(now, invite.created_at);
  const Millis longest = invite.kind == InviteKind::password ? Millis(kPasswordInvite) : Millis(kInviteLasts);
  return steady + std::clamp(invite.ends_at - passed, Millis(0), longest);
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Accounts::Accounts(const AccountRows& rows, Instant now, Steady steady) {
  for (const UserRecord& user : rows.users) users_[user.id] = user;
  for (const SessionRecord& session : rows.sessions) sessions_[session.id] = begin_session(session, now, steady);
  for (const TokenRecord& token : rows.tokens) tokens_[token.id] = {token, token.used_at};
  for (const InviteRecord& invite : rows.invites) invites_[invite.hash] = {invite, end_of_invite(invite, now, steady)};
  if (users_.empty()) setup_code_ = one_time_code();
}

const UserRecord* Accounts::find_user(std::string_view id) const {
  const auto found = users_.find(std::string(id));
  return found == users_.end() ? nullptr : &found->second;
}

const UserRecord* Accounts::find_enabled(std::string_view id) const {
  const UserRecord* user = find_user(id);
  return user == nullptr || user->disabled ? nullptr : user;
}

std::size_t Accounts::opening(Opening what, std::string_view user) const {
  return static_cast<std::size_t>(std::ranges::count_if(on_their_way_, [what, user](const auto& one) {
    return one.second.what == what && (user.empty() || one.second.user == user);
  }));
}

// --- settling ---

void Accounts::apply(const AccountChange& change, Instant now, Steady steady) {
  settle_users(change, true);
  for (const SessionRecord& record : change.put.sessions) {
    if (!settle(Opening::session, record.id)) continue;
    Session& session = sessions_[record.id] = begin_session(record, now, steady);
    if (record.kind == SessionKind::person) session.acted = steady;  // the password was given for it
  }
  for (const TokenRecord& record : change.put.tokens) {
    if (settle(Opening::token, record.id)) tokens_[record.id] = {record, record.used_at};
  }
  for (const InviteRecord& record : change.put.invites) {
    if (settle(Opening::invite, record.hash)) invites_[record.hash] = {record, end_of_invite(record, now, steady)};
  }
}

void Accounts::abandon(const AccountChange& change) {
  settle_users(change, false);
  bool began = !change.put.users.empty() || !change.drop_users.empty();
  for (const SessionRecord& record : change.put.sessions) {
    began |= settle(Opening::session, record.id);
    const auto found = sessions_.find(record.id);
    if (found != sessions_.end()) found->second.stored_used = {};
  }
  for (const TokenRecord& record : change.put.tokens) {
    began |= settle(Opening::token, record.id);
    const auto found = tokens_.find(record.id);
    if (found != tokens_.end()) found->second.stored_used = {};
  }
  for (const InviteRecord& record : change.put.invites) began |= settle(Opening::invite, record.hash);
  append(pending_.drop_sessions, change.drop_sessions);
  append(pending_.drop_tokens, change.drop_tokens);
  append(pending_.drop_invites, change.drop_invites);
  // The lines of what did not happen are forgotten with it.
  if (!began && pending_.journal.size() < kPendingLines) append(pending_.journal, change.journal);
}

void Accounts::settle_users(const AccountChange& change, bool stored) {
  for (const UserRecord& user : change.put.users) {
    const auto claim = changing_.find(user.id);
    if (claim == changing_.end() || claim->second != user.revision) continue;
    changing_.erase(claim);
    if (stored) users_.insert_or_assign(user.id, user);
  }
  for (const std::string& id : change.drop_users) {
    const auto claim = changing_.find(id);
    if (claim == changing_.end() || claim->second != 0) continue;
    changing_.erase(claim);
    if (stored) users_.erase(id);
  }
  if (!users_.empty()) setup_code_.reset();
}

bool Accounts::settle(Opening what, const std::string& id) {
  const auto found = on_their_way_.find(id);
  if (found == on_their_way_.end() || found->second.what != what) return false;
  on_their_way_.erase(found);
  return true;
}

// --- ending ---

void Accounts::end(Sessions::iterator session, AccountChange& into, const Principal& by, std::string_view why,
                   Instant now) {
  const SessionRecord& record = session->second.record;
  JournalEntry& entry = into.journal.emplace_back(line(by, "session_end", session_subject(record.id), now));
  entry.from = user_subject(record.user);
  entry.why = why;
  into.drop_sessions.push_back(record.id);
  sessions_.erase(session);
}

void Accounts::end_everything_of(const std::string& user, std::string_view keep, const UserRecord* after,
                                 AccountChange& into, const Principal& by, std::string_view why, Instant now) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto session = at++;
    const SessionRecord& record = session->second.record;
    if (record.user != user || record.id == keep) continue;
    const bool wall_stays = record.kind == SessionKind::wall && after != nullptr && !after->disabled &&
                            !within(record.grants, after->grants).empty();
    if (!wall_stays) end(session, into, by, why, now);
  }
  for (auto at = tokens_.begin(); at != tokens_.end();) {
    const auto token = at++;
    if (token->second.record.user != user) continue;
    JournalEntry& entry = into.journal.emplace_back(line(by, "token_drop", token_subject(token->first), now));
    entry.from = user_subject(user);
    entry.why = why;
    into.drop_tokens.push_back(token->first);
    tokens_.erase(token);
  }
  end_invites_of(user, into);
  end_openings_of(user, into);
}

void Accounts::end_invites_of(const std::string& user, AccountChange& into) {
  for (auto at = invites_.begin(); at != invites_.end();) {
    const auto invite = at++;
    if (invite->second.record.user != user && invite->second.record.made_by != user_subject(user)) continue;
    into.drop_invites.push_back(invite->first);
    invites_.erase(invite);
  }
}

// What is being stored at this moment is dropped behind its own back: saves keep their order.
void Accounts::end_openings_of(const std::string& user, AccountChange& into) {
  for (auto at = on_their_way_.begin(); at != on_their_way_.end();) {
    const auto one = at++;
    if (one->second.user != user) continue;
    switch (one->second.what) {
      case Opening::session: into.drop_sessions.push_back(one->first); break;
      case Opening::token: into.drop_tokens.push_back(one->first); break;
      case Opening::invite: into.drop_invites.push_back(one->first); break;
    }
    on_their_way_.erase(one);
  }
}

// --- looking ---

std::vector<SessionRecord> Accounts::sessions() const {
  std::vector<SessionRecord> all;
  for (const auto& [id, session] : sessions_) all.push_back(session.record);
  return all;
}

std::vector<TokenRecord> Accounts::tokens() const {
  std::vector<TokenRecord> all;
  for (const auto& [id, token] : tokens_) all.push_back(token.record);
  return all;
}

// --- the tick ---

AccountChange Accounts::tick(Instant now, Steady steady) {
  AccountChange change = std::exchange(pending_, {});
  end_what_is_over(change, now, steady);
  store_uses(change, now, steady);
  refusals_.report(change.journal, now, steady);
  tickets_.forget_old(steady);
  return change;
}

void Accounts::end_what_is_over(AccountChange& into, Instant now, Steady steady) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto session = at++;
    const auto why = why_ended(session->second, find_user(session->second.record.user), steady);
    if (!why.empty()) end(session, into, ourselves(), why, now);
  }
  for (auto at = invites_.begin(); at != invites_.end();) {
    const auto invite = at++;
    if (steady < invite->second.ends) continue;
    into.drop_invites.push_back(invite->first);
    invites_.erase(invite);
  }
}

void Accounts::store_uses(AccountChange& into, Instant now, Steady steady) {
  const auto differs = [](Instant a, Instant b) { return a - b >= kUsesAreStored || b - a >= kUsesAreStored; };
  for (auto& [id, session] : sessions_) {
    SessionRecord record = as_stored(session, now, steady);
    if (!differs(record.used_at, session.stored_used)) continue;  // a stepped clock moves it too
    session.stored_used = record.used_at;
    session.record = record;
    into.put.sessions.push_back(std::move(record));
  }
  for (auto& [id, token] : tokens_) {
    if (!differs(token.record.used_at, token.stored_used)) continue;
    token.stored_used = token.record.used_at;
    into.put.tokens.push_back(token.record);
  }
}

}  // namespace firegate::accounts
