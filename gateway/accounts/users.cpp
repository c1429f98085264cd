// Users: made, changed, dropped; and what each may change of his own.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accounts/accounts.h"
#include "accounts/grants.h"
#include "accounts/words.h"

namespace firegate::accounts {
namespace {

const Grant& whole_administration() {
  static const Grant grant{Role::admin, std::string(kEveryEstate)};
  return grant;
}

// Can sign in, and administer everything.
bool administers_everything(const UserRecord& user) {
  return !user.disabled && !user.password.empty() && covers(user.grants, whole_administration());
}

std::string described(const UserRecord& user) {
  return fmt::format("{}: {}{}", user.name, in_words(user.grants), user.disabled ? "; disabled" : "");
}

tl::unexpected<Error> out_of_reach(std::string_view doing, std::string_view id) {
  return fail(ErrorCode::refused,
              fmt::format("{} user {}: its roles reach estates that are not yours to administer", doing, excerpt(id)));
}

tl::unexpected<Error> no_such_user(std::string_view doing, std::string_view id) {
  return fail(ErrorCode::not_found, fmt::format("{} user {}: no such user", doing, excerpt(id)));
}

}  // namespace

Result<void> check_draft(const UserDraft& draft) {
  if (!is_user_id(draft.id)) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("naming a user: found id \"{}\", expected a letter or digit and then at most {} of a-z, 0-9, "
                    "dot, underscore and dash",
                    excerpt(draft.id), kLongestUserId - 1));
  }
  if (!is_short_text(draft.name, kLongestName)) {
    return fail(ErrorCode::bad_input, fmt::format("naming user {}: found a name of {} bytes, expected 1 to {} of UTF-8 "
                                                  "without control characters",
                                                  draft.id, draft.name.size(), kLongestName));
  }
  return {};
}

// --- by administrators ---

Result<AccountChange> Accounts::create_user(const Principal& by, const UserDraft& draft, Instant now) {
  if (auto good = check_draft(draft); !good) return tl::unexpected(good.error());
  auto grants = tidy(draft.grants);
  if (!grants) return tl::unexpected(grants.error());
  if (!administers(by, *grants)) return out_of_reach("making", draft.id);
  if (auto free = free_to_change(draft.id); !free) return tl::unexpected(free.error());
  if (find_user(draft.id) != nullptr) {
    return fail(ErrorCode::refused, fmt::format("making user {}: there is one of this id", draft.id));
  }
  if (users_.size() + changing_.size() >= kUsersAtMost) {
    return fail(ErrorCode::refused,
                fmt::format("making user {}: there are {}, the most there may be", draft.id, users_.size()));
  }
  UserRecord user;
  user.id = draft.id;
  user.name = draft.name;
  user.grants = std::move(*grants);
  user.disabled = draft.disabled;
  user.created_at = now;
  AccountChange change;
  change.journal.push_back(line(by, "user_create", user_subject(user.id), now));
  change.journal.back().to = described(user);
  put_user(std::move(user), change, now);
  return change;
}

Result<AccountChange> Accounts::change_user(const Principal& by, const UserDraft& draft, std::uint32_t revision,
                                            Instant now) {
  const UserRecord* found = find_user(draft.id);
  if (found == nullptr) return no_such_user("changing", draft.id);
  if (auto good = check_draft(draft); !good) return tl::unexpected(good.error());
  auto grants = tidy(draft.grants);
  if (!grants) return tl::unexpected(grants.error());
  if (!administers(by, found->grants) || !administers(by, *grants)) return out_of_reach("changing", draft.id);
  if (auto free = free_to_change(draft.id); !free) return tl::unexpected(free.error());
  if (found->revision != revision) {
    return fail(ErrorCode::refused, fmt::format("changing user {}: found revision {}, it is {} by now", draft.id,
                                                revision, found->revision));
  }
  UserRecord after = *found;
  after.name = draft.name;
  after.grants = std::move(*grants);
  after.disabled = draft.disabled;
  if (administers_everything(*found) && !administers_everything(after)) {
    if (auto other = somebody_administers_without(draft.id); !other) return tl::unexpected(other.error());
  }
  AccountChange change;
  change.journal.push_back(line(by, "user_change", user_subject(after.id), now));
  change.journal.back().from = described(*found);
  change.journal.back().to = described(after);
  if (after.grants != found->grants || after.disabled != found->disabled) {
    end_everything_of(after.id, {}, &after, change, by, after.disabled ? "user disabled" : "grants changed", now);
  }
  put_user(std::move(after), change, now);
  return change;
}

Result<AccountChange> Accounts::drop_user(const Principal& by, std::string_view id, Instant now) {
  const UserRecord* found = find_user(id);
  if (found == nullptr) return no_such_user("dropping", id);
  if (!administers(by, found->grants)) return out_of_reach("dropping", id);
  if (auto free = free_to_change(id); !free) return tl::unexpected(free.error());
  if (administers_everything(*found)) {
    if (auto other = somebody_administers_without(id); !other) return tl::unexpected(other.error());
  }
  AccountChange change;
  change.journal.push_back(line(by, "user_drop", user_subject(id), now));
  change.journal.back().from = described(*found);
  end_everything_of(found->id, {}, nullptr, change, by, "user dropped", now);
  changing_[found->id] = 0;
  change.drop_users.push_back(found->id);
  return change;
}

Result<void> Accounts::free_to_change(std::string_view id) const {
  if (changing_.find(id) == changing_.end()) return {};
  return fail(ErrorCode::overloaded, fmt::format("changing user {}: another change is being stored", excerpt(id)));
}

Result<void> Accounts::somebody_administers_without(std::string_view id) const {
  bool perhaps = false;
  for (const auto& [other, user] : users_) {
    if (other == id || !administers_everything(user)) continue;
    if (changing_.find(other) == changing_.end()) return {};
    perhaps = true;  // he may be losing it at this moment
  }
  if (perhaps) return fail(ErrorCode::overloaded, "changing users: another administrator is being changed");
  return fail(ErrorCode::refused,
              fmt::format("changing user {}: nobody would be left who can administer every estate", excerpt(id)));
}

void Accounts::put_user(UserRecord user, AccountChange& into, Instant now) {
  ++user.revision;
  user.changed_at = now;
  changing_[user.id] = user.revision;
  into.put.users.push_back(std::move(user));
}

// --- my account ---

Result<UserRecord> Accounts::after_password(const Principal& by, Steady steady) const {
  const auto found = sessions_.find(by.session);
  const UserRecord* user = find_enabled(by.id);
  if (by.kind != PrincipalKind::user || found == sessions_.end() || user == nullptr) {
    return fail(ErrorCode::not_found, "changing the own account: the session has ended");
  }
  if (!found->second.password_given(steady)) {
    return fail(ErrorCode::refused, "changing the own account: the password has to be given first");
  }
  if (auto free = free_to_change(by.id); !free) return tl::unexpected(free.error());
  return *user;
}

Result<AccountChange> Accounts::change_password(const Principal& by, std::string password_hash, Instant now,
                                                Steady steady) {
  auto user = after_password(by, steady);
  if (!user) return tl::unexpected(user.error());
  user->password = std::move(password_hash);
  AccountChange change;
  change.journal.push_back(line(by, "password_change", user_subject(by.id), now));
  end_everything_of(user->id, by.session, &*user, change, by, "new password", now);
  put_user(std::move(*user), change, now);
  return change;
}

Result<AccountChange> Accounts::change_pin(const Principal& by, std::string pin_hash, Instant now, Steady steady) {
  auto user = after_password(by, steady);
  if (!user) return tl::unexpected(user.error());
  user->pin = std::move(pin_hash);
  AccountChange change;
  change.journal.push_back(line(by, "pin_change", user_subject(by.id), now));
  put_user(std::move(*user), change, now);
  return change;
}

}  // namespace firegate::accounts
