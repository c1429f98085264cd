// Invites and tokens: what lets others, and programs, in.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accounts/accounts.h"
#include "accounts/grants.h"
#include "accounts/secret.h"
#include "accounts/words.h"

namespace firegate::accounts {
namespace {

// An administrator lets anybody in; each himself, with what he has; a manager lets installers in (console.md, section
// 3), and nobody else, for whoever is let in acts in the user's name.
bool may_let_in(const Principal& by, InviteKind kind, const UserRecord& user, const Grant& grant) {
  if (administers(by, {grant})) return true;
  if (by.kind == PrincipalKind::user && by.id == user.id) return covers(by.grants, grant);
  return kind == InviteKind::phone && grant.role == Role::installer && covers(by.grants, {Role::manager, grant.estate});
}

std::chrono::milliseconds lasts(InviteKind kind) noexcept {
  if (kind == InviteKind::password) return kPasswordInvite;
  return kInviteLasts;
}

tl::unexpected<Error> more_than_allowed(InviteKind kind) {
  return fail(ErrorCode::refused,
              fmt::format("inviting a {}: it would get more than you may hand out, or nothing", label(kind)));
}

}  // namespace

Result<Made> Accounts::invite(const Principal& by, InviteKind kind, std::string_view user, std::string_view name,
                              std::vector<Grant> grants, Instant now) {
  const bool own_wall = kind == InviteKind::wall && user.empty();
  const UserRecord* whose = find_enabled(own_wall ? std::string_view(by.id) : user);
  if (whose == nullptr) return fail(ErrorCode::not_found, fmt::format("inviting: no user \"{}\"", excerpt(user)));
  if (!is_short_text(name, kLongestName) && (kind == InviteKind::wall || !name.empty())) {
    return fail(ErrorCode::bad_input,
                fmt::format("inviting a {}: expected a name of 1 to {} bytes", label(kind), kLongestName));
  }
  if (auto free = free_to_change(whose->id); !free) return tl::unexpected(free.error());
  if (invites_.size() + opening(Opening::invite) >= kInvitesAtMost) {
    return fail(ErrorCode::refused,
                fmt::format("inviting: {} invites are open, the most there may be", invites_.size()));
  }
  auto given = grants_of_invite(by, kind, *whose, std::move(grants));
  if (!given) return tl::unexpected(given.error());

  Made made;
  made.secret = kind == InviteKind::phone ? random_secret() : one_time_code();
  InviteRecord record;
  record.hash = hash_of(kind == InviteKind::phone ? made.secret : *read_code(made.secret));
  record.kind = kind;
  record.user = whose->id;
  record.label = name;
  record.grants = std::move(*given);
  record.made_by = by.who();
  record.created_at = now;
  record.ends_at = now + lasts(kind);
  JournalEntry& entry = made.change.journal.emplace_back(line(by, "invite_create", user_subject(record.user), now));
  entry.to = kind == InviteKind::password
                 ? std::string(label(kind))
                 : fmt::format("{} \"{}\": {}", label(kind), record.label, in_words(record.grants));
  on_their_way_[record.hash] = {Opening::invite, record.user};
  made.change.put.invites.push_back(std::move(record));
  return made;
}

Result<std::vector<Grant>> Accounts::grants_of_invite(const Principal& by, InviteKind kind, const UserRecord& user,
                                                      std::vector<Grant> asked) const {
  if (kind == InviteKind::password) {  // whoever has it has the account
    if (!administers(by, user.grants)) return more_than_allowed(kind);
    return std::vector<Grant>{};
  }
  const bool everything = asked.empty();
  auto grants = tidy(everything ? user.grants : std::move(asked));
  if (!grants) return tl::unexpected(grants.error());
  if (kind == InviteKind::phone) drop_sleeping(*grants);
  std::vector<Grant> given;
  for (const Grant& grant : *grants) {
    const bool allowed = covers(user.grants, grant) && may_let_in(by, kind, user, grant);
    if (allowed) given.push_back(grant);
    else if (!everything) return more_than_allowed(kind);
  }
  if (given.empty()) return more_than_allowed(kind);
  return given;
}

// --- tokens ---

Result<Made> Accounts::create_token(const Principal& by, std::string_view name, std::vector<Grant> grants,
                                    Instant ends_at, Instant now) {
  if (by.kind != PrincipalKind::user || find_enabled(by.id) == nullptr) {
    return fail(ErrorCode::refused, "making a token: only a person who is signed in can, for himself");
  }
  return make_token(by, by.id, by.grants, {name, std::move(grants), ends_at}, now);
}

// Not for administrators of an estate: what such a token does is journalled as its user's.
Result<Made> Accounts::create_token_for(const Principal& by, std::string_view user, std::string_view name,
                                        std::vector<Grant> grants, Instant ends_at, Instant now) {
  if (by.kind != PrincipalKind::local) {
    return fail(ErrorCode::refused,
                "making a token for somebody: only the command line of the machine itself can, expected no \"user\"");
  }
  const UserRecord* whose = find_enabled(user);
  if (whose == nullptr) return fail(ErrorCode::not_found, fmt::format("making a token: no user \"{}\"", excerpt(user)));
  return make_token(by, whose->id, whose->grants, {name, std::move(grants), ends_at}, now);
}

Result<Made> Accounts::make_token(const Principal& by, const std::string& user, const std::vector<Grant>& most,
                                  TokenDraft draft, Instant now) {
  if (!is_short_text(draft.name, kLongestName)) {
    return fail(ErrorCode::bad_input, fmt::format("making a token: expected a name of 1 to {} bytes", kLongestName));
  }
  if (draft.ends_at <= now || draft.ends_at - now > kLongestToken) {
    return fail(ErrorCode::bad_input, fmt::format("making a token: found the end {}, expected within {} days",
                                                  to_text(draft.ends_at), kLongestToken.count() / 24));
  }
  auto tidied = tidy(std::move(draft.grants));
  if (!tidied) return tl::unexpected(tidied.error());
  if (tidied->empty()) return fail(ErrorCode::bad_input, "making a token: expected at least one role");
  if (!std::ranges::all_of(*tidied, [&most](const Grant& grant) { return covers(most, grant); })) {
    return fail(ErrorCode::refused, fmt::format("making a token: it would may more than {}", user));
  }
  if (auto free = free_to_change(user); !free) return tl::unexpected(free.error());

  Made made;
  if (auto room = make_room_for_token(made.change, now); !room) return tl::unexpected(room.error());
  TokenText token = random_token();
  while (tokens_.contains(token.id) || on_their_way_.contains(token.id)) token = random_token();
  TokenRecord record;
  record.id = token.id;
  record.name = draft.name;
  record.hash = hash_of(token.text);
  record.user = user;
  record.grants = std::move(*tidied);
  record.created_at = record.used_at = now;
  record.ends_at = draft.ends_at;
  JournalEntry& entry = made.change.journal.emplace_back(line(by, "token_create", token_subject(record.id), now));
  const std::string whose = by.id == user && by.kind == PrincipalKind::user ? "" : " of " + user_subject(user);
  entry.to =
      fmt::format("\"{}\"{}: {}, until {}", record.name, whose, in_words(record.grants), to_text(record.ends_at));
  on_their_way_[record.id] = {Opening::token, user};
  made.secret = std::move(token.text);
  made.change.put.tokens.push_back(std::move(record));
  return made;
}

Result<void> Accounts::make_room_for_token(AccountChange& into, Instant now) {
  if (tokens_.size() + opening(Opening::token) < kTokensAtMost) return {};
  const auto ended = std::ranges::find_if(tokens_, [now](const auto& one) {
    return std::max(now, one.second.record.used_at) >= one.second.record.ends_at;
  });
  if (ended == tokens_.end()) {
    return fail(ErrorCode::refused, fmt::format("making a token: there are {}, the most there may be", tokens_.size()));
  }
  JournalEntry& entry = into.journal.emplace_back(line(ourselves(), "token_drop", token_subject(ended->first), now));
  entry.from = user_subject(ended->second.record.user);
  entry.why = "ended, and its place was needed";
  into.drop_tokens.push_back(ended->first);
  tokens_.erase(ended);
  return {};
}

Result<AccountChange> Accounts::drop_token(const Principal& by, std::string_view id, Instant now) {
  const auto found = tokens_.find(id);
  if (found == tokens_.end())
    return fail(ErrorCode::not_found, fmt::format("dropping token {}: no such token", excerpt(id)));
  AccountChange change;
  JournalEntry& entry = change.journal.emplace_back(line(by, "token_drop", token_subject(found->first), now));
  entry.from = user_subject(found->second.record.user);
  change.drop_tokens.push_back(found->first);
  tokens_.erase(found);
  return change;
}

}  // namespace firegate::accounts
