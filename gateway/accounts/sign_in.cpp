// Coming in: the first user, by password, by invite.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accounts/accounts.h"
#include "accounts/grants.h"
#include "accounts/password.h"
#include "accounts/secret.h"
#include "accounts/words.h"
#include "core/utf8.h"

namespace firegate::accounts {
namespace {

Principal person(const UserRecord& user, const Caller& caller) {
  Principal principal;
  principal.kind = PrincipalKind::user;
  principal.id = user.id;
  principal.name = user.name;
  principal.address = caller.address;
  return principal;
}

// A wall that is being opened: nobody is signed in on it, and it has no id yet.
Principal screen(const std::string& name, const Caller& caller) {
  Principal principal;
  principal.kind = PrincipalKind::wall;
  principal.name = name;
  principal.address = caller.address;
  return principal;
}

// How the secret of an invite was written down: a phone's is scanned, the others are typed.
std::optional<std::string> invite_hash(std::string_view typed, InviteKind kind) {
  if (kind == InviteKind::phone) return typed.size() == kSecretLength ? std::optional(hash_of(typed)) : std::nullopt;
  const auto code = read_code(typed);
  return code ? std::optional(hash_of(*code)) : std::nullopt;
}

}  // namespace

// --- first start ---

bool Accounts::opens_setup(std::string_view typed_code) const {
  const auto typed = read_code(typed_code);
  return setup_code_ && typed && same(*typed, *read_code(*setup_code_));
}

Result<AccountChange> Accounts::set_up(std::string_view typed_code, const UserDraft& draft, std::string password_hash,
                                       const Caller& caller, Instant now) {
  if (!setup_code_) return fail(ErrorCode::refused, "setting up: there are users already");
  if (!opens_setup(typed_code)) {
    refuse_sign_in("setup", caller, "wrong setup code", now);
    return fail(ErrorCode::refused, "setting up: the code is wrong; the one that counts was printed at the last start");
  }
  if (!changing_.empty()) return fail(ErrorCode::overloaded, "setting up: the first user is being stored");
  if (auto good = check_draft(draft); !good) return tl::unexpected(good.error());

  UserRecord user;
  user.id = draft.id;
  user.name = draft.name;
  user.grants = every_grant();
  user.password = std::move(password_hash);
  user.created_at = now;
  AccountChange change;
  change.journal.push_back(line(person(user, caller), "setup", user_subject(user.id), now));
  change.journal.back().to = in_words(user.grants);
  put_user(std::move(user), change, now);
  return change;
}

// --- by password ---

Result<Attempt> Accounts::begin(std::string_view typed, const Caller& caller, Steady now) {
  const std::string id = typed_user_id(typed);
  if (backoff_.admit({id, find_user(id) != nullptr, caller.address}, now))
    return turn_away(user_subject(excerpt(id)), caller);
  const UserRecord* user = find_enabled(id);
  if (user == nullptr || user->password.empty()) return Attempt{id, std::string(matches_nothing()), false};
  return Attempt{id, user->password, true};
}

std::chrono::seconds Accounts::retry_after(std::string_view typed, const Caller& caller, Steady now) const {
  const std::string id = typed_user_id(typed);
  return backoff_.wait({id, find_user(id) != nullptr, caller.address}, now);
}

Result<Opened> Accounts::sign_in(const Attempt& attempt, bool matched, const Caller& caller, Instant now) {
  const UserRecord* user = find_enabled(attempt.user);
  // Between the comparison and now the password may have been changed, or the user disabled.
  const bool still_true = attempt.known && user != nullptr && user->password == attempt.stored;
  if (!matched || !still_true || user->grants.empty()) {
    const bool exists = find_user(attempt.user) != nullptr;
    const auto why = !exists          ? "no such user"
                     : !attempt.known ? "may not sign in"
                     : !matched       ? "wrong password"
                                      : "has changed";
    return refuse_sign_in(user_subject(exists ? attempt.user : excerpt(attempt.user)), caller, why, now);
  }
  if (auto free = free_to_change(user->id); !free) return tl::unexpected(free.error());

  AccountChange change;
  if (auto room = make_room_for_session(user->id, change, now); !room) return tl::unexpected(room.error());
  backoff_.succeeded({user->id, true, caller.address});
  SessionRecord record;
  record.kind = SessionKind::person;
  record.user = user->id;
  record.label = readable(caller.agent, kLongestName);
  record.address = caller.address;
  return open_session(std::move(record), std::move(change), person(*user, caller), now);
}

Opened Accounts::open_session(SessionRecord record, AccountChange change, const Principal& who, Instant now) {
  Opened opened{random_secret(), std::move(change)};
  record.id = hash_of(opened.secret);
  record.created_at = record.used_at = now;
  const auto longest = lasts(record.kind);
  record.ends_at = longest ? now + *longest : kNever;
  JournalEntry& entry = opened.change.journal.emplace_back(line(who, "sign_in", session_subject(record.id), now));
  entry.to = fmt::format("{}: {}", label(record.kind),
                         record.grants.empty() ? std::string("what the user may") : in_words(record.grants));
  entry.why = record.label;
  on_their_way_[record.id] = {Opening::session, record.user};
  opened.change.put.sessions.push_back(std::move(record));
  return opened;
}

Result<void> Accounts::make_room_for_session(const std::string& user, AccountChange& into, Instant now) {
  const auto is_his = [&user](const auto& one) {
    return one.second.record.user == user && one.second.record.kind != SessionKind::wall;
  };
  const std::size_t coming = opening(Opening::session, user);
  if (coming >= kSessionsOfAUser) {
    return fail(ErrorCode::overloaded, fmt::format("signing in: {} sessions of {} are being stored", coming, user));
  }
  while (static_cast<std::size_t>(std::ranges::count_if(sessions_, is_his)) + coming >= kSessionsOfAUser) {
    auto unused = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
      if (is_his(*at) && (unused == sessions_.end() || at->second.used < unused->second.used)) unused = at;
    }
    end(unused, into, ourselves(), "too many sessions of one user", now);
  }
  return {};
}

tl::unexpected<Error> Accounts::refuse_sign_in(std::string subject, const Caller& caller, std::string_view why,
                                               Instant now) {
  JournalEntry entry = own_line("sign_in_refused", std::move(subject), caller.address, now);
  entry.why = why;
  refusals_.refused(std::move(entry));
  return fail(ErrorCode::refused, "signing in: name or password is wrong");
}

tl::unexpected<Error> Accounts::turn_away(std::string subject, const Caller& caller) {
  refusals_.turned_away(std::move(subject), caller.address);
  return fail(ErrorCode::overloaded, "signing in: too many tries failed, wait before the next");
}

// --- by invite ---

Result<std::string> Accounts::find_invite(std::string_view typed, InviteKind kind, const Caller& caller, Instant now,
                                          Steady steady) {
  const Backoff::Try attempt{{}, false, caller.address};
  if (backoff_.admit(attempt, steady)) return turn_away(fmt::format("invite:{}", label(kind)), caller);
  const auto hash = invite_hash(typed, kind);
  const auto found = hash ? invites_.find(*hash) : invites_.end();
  const bool good = found != invites_.end() && found->second.record.kind == kind && steady < found->second.ends &&
                    find_enabled(found->second.record.user) != nullptr;
  if (!good) {
    refuse_sign_in(fmt::format("invite:{}", label(kind)), caller, "wrong, used or ended invite", now);
    return fail(ErrorCode::refused, "using an invite: it is wrong, was used before, or has ended");
  }
  backoff_.succeeded(attempt);
  if (auto free = free_to_change(found->second.record.user); !free) return tl::unexpected(free.error());
  return found->first;
}

Result<std::string> Accounts::invited(std::string_view invite, InviteKind kind, const Caller& caller, Instant now,
                                      Steady steady) {
  return find_invite(invite, kind, caller, now, steady).map([this](const std::string& hash) {
    return invites_.at(hash).record.user;
  });
}

Result<Opened> Accounts::redeem(std::string_view invite, InviteKind kind, const Caller& caller, Instant now,
                                Steady steady) {
  if (kind == InviteKind::password) return fail(ErrorCode::bad_input, "using an invite: this one sets a password");
  const auto hash = find_invite(invite, kind, caller, now, steady);
  if (!hash) return tl::unexpected(hash.error());
  const InviteRecord given = invites_.at(*hash).record;
  const UserRecord& user = users_.at(given.user);
  if (within(given.grants, user.grants).empty()) {
    return fail(ErrorCode::refused, fmt::format("using an invite: {} has none of its roles any more", user.id));
  }
  AccountChange change;
  if (kind == InviteKind::phone) {
    if (auto room = make_room_for_session(user.id, change, now); !room) return tl::unexpected(room.error());
  } else if (auto room = room_for_wall(); !room) {
    return tl::unexpected(room.error());
  }
  invites_.erase(*hash);
  change.drop_invites.push_back(*hash);

  SessionRecord record;
  record.kind = kind == InviteKind::phone ? SessionKind::phone : SessionKind::wall;
  record.user = user.id;
  record.label = given.label.empty() ? readable(caller.agent, kLongestName) : given.label;
  record.grants = given.grants;
  record.address = caller.address;
  const Principal who = kind == InviteKind::phone ? person(user, caller) : screen(record.label, caller);
  JournalEntry& entry = change.journal.emplace_back(line(who, "invite_use", user_subject(user.id), now));
  entry.to = fmt::format("{}: {}", label(kind), in_words(record.grants));
  entry.why = fmt::format("invited by {}", given.made_by);
  return open_session(std::move(record), std::move(change), who, now);
}

Result<void> Accounts::room_for_wall() const {
  const auto is_wall = [](const auto& one) { return one.second.record.kind == SessionKind::wall; };
  const auto walls = static_cast<std::size_t>(std::ranges::count_if(sessions_, is_wall)) + opening(Opening::session);
  if (walls < kWallsAtMost) return {};
  return fail(ErrorCode::refused,
              fmt::format("opening a wall: there are {}, the most there may be; end one first", walls));
}

Result<AccountChange> Accounts::set_password(std::string_view invite, std::string password_hash, const Caller& caller,
                                             Instant now, Steady steady) {
  const auto hash = find_invite(invite, InviteKind::password, caller, now, steady);
  if (!hash) return tl::unexpected(hash.error());
  const InviteRecord given = invites_.at(*hash).record;
  UserRecord user = users_.at(given.user);
  user.password = std::move(password_hash);
  const Principal who = person(user, caller);
  AccountChange change;
  change.journal.push_back(line(who, "invite_use", user_subject(user.id), now));
  change.journal.back().why = fmt::format("invited by {}", given.made_by);
  change.journal.push_back(line(who, "password_change", user_subject(user.id), now));
  end_everything_of(user.id, {}, &user, change, who, "new password", now);
  put_user(std::move(user), change, now);
  return change;
}

}  // namespace firegate::accounts
