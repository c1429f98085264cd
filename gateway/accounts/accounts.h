// Accounts: who may come in. Users, sessions, tokens, invites and the back-off of failed attempts, in memory;
// everything that changes them gives an AccountChange, which the caller has stored and then hands to `apply`.
//
// Pure: no I/O, no threads, no hashing of passwords (password.h does that on a job thread); time is a parameter. The
// web thread owns it.
//
// Storing. Each change that is given out goes to AccountStore::save at once, in the order they were made, and comes
// back by `apply` (stored) or `abandon` (not stored), exactly one of the two. What begins, begins with `apply`: a
// secret is handed out only after it. What ends, ends as soon as the change is made: a sign-out is never undone by a
// full disk, and an invite is never used twice in parallel. A second change of a user whose first is on its way is
// `overloaded`: try again.
//
// Lifetimes (reliability, T13, and our choice): a session of a person ends 24 h after sign-in, that of a phone 12 h, a
// wall never; 12 h without use end any but a wall. By which clock: session.h. The roles manager and admin sleep after
// 15 min without an act and after a restart, until the password is given; the other roles of the session stay, so that
// a duty view never goes dark. A session left without a role ends. A phone that came in by invite never gets manager or
// admin.
//
// Rotation. When a user's grants or password change, or he is disabled or dropped, his sessions, tokens and invites
// end. A wall is the building's rather than its maker's: it stays as long as its maker still may what it shows, new
// password or not.
//
// Journal, `kind`: setup, sign_in, sign_in_refused, sign_out, session_end, roles_wake, pin_refused, password_change,
// pin_change, user_create, user_change, user_drop, token_create, token_drop, invite_create, invite_use. `subject` is
// "user:wangfang", "session:<id>" or "token:<id>".
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/backoff.h"
#include "accounts/refusals.h"
#include "accounts/session.h"
#include "accounts/tickets.h"
#include "core/account.h"
#include "core/account_store.h"
#include "core/result.h"

namespace firegate::accounts {

constexpr std::chrono::minutes kConfirmHolds{2};       // PIN or password; our choice
constexpr std::chrono::minutes kInviteLasts{10};       // phone, wall; our choice
constexpr std::chrono::hours kPasswordInvite{72};      // our choice
constexpr std::chrono::hours kLongestToken{24 * 366};  // our choice
// How many at most; our choice.
constexpr std::size_t kUsersAtMost = 1000;
constexpr std::size_t kSessionsOfAUser = 20;  // one more ends the one that was longest unused
constexpr std::size_t kWallsAtMost = 50;
constexpr std::size_t kTokensAtMost = 100;
constexpr std::size_t kInvitesAtMost = 200;

// From where a request comes.
struct Caller {
  std::string address;  // "192.168.1.7"; "local": the Unix socket
  std::string agent;    // the browser's own words, cut
};

// A secret is shown once, to whom it is for, and only its hash is kept.
struct Opened {
  std::string secret;    // for the cookie
  AccountChange change;  // store it, apply it, then hand the secret out
};
struct Made {
  std::string secret;
  AccountChange change;
};

// What a password has to be compared with, on a job thread. An unknown name gets a hash that nothing matches, so that
// it takes as long.
struct Attempt {
  std::string user;
  std::string stored;
  bool known = false;
};

struct UserDraft {
  std::string id, name;
  std::vector<Grant> grants;
  bool disabled = false;
};

// bad_input: no id, or no name.
Result<void> check_draft(const UserDraft& draft);

class Accounts {
 public:
  Accounts(const AccountRows& rows, Instant now, Steady steady);

  // What was stored has become true. A change that was not given out, or has been settled before, changes nothing.
  void apply(const AccountChange& change, Instant now, Steady steady);
  // It could not be stored: what would have begun does not; what has ended is given out again by the next `tick`.
  void abandon(const AccountChange& change);

  // --- first start ---
  // While there is no user: the code that lets the first one be made. New at each start, kept nowhere.
  const std::optional<std::string>& setup_code() const noexcept { return setup_code_; }
  bool opens_setup(std::string_view typed_code) const;  // ask before a password is hashed
  // refused: there are users, or the code is wrong; bad_input: id or name. The first user gets every role in every
  // estate.
  Result<AccountChange> set_up(std::string_view typed_code, const UserDraft& draft, std::string password_hash,
                               const Caller& caller, Instant now);

  // --- signing in ---
  // overloaded: too many failures, `retry_after` says how long. Everything else is said by `sign_in`.
  Result<Attempt> begin(std::string_view user, const Caller& caller, Steady now);
  // How long until the next try of this user from there is looked at; zero: it is. Empty: of an invite.
  std::chrono::seconds retry_after(std::string_view user, const Caller& caller, Steady now) const;
  // `matched`: what the job found. refused with one and the same message whatever was wrong.
  Result<Opened> sign_in(const Attempt& attempt, bool matched, const Caller& caller, Instant now);
  // Of a phone or a wall. overloaded: too many wrong ones from there.
  Result<Opened> redeem(std::string_view invite, InviteKind kind, const Caller& caller, Instant now, Steady steady);
  // Whose invite this is: ask before a password is judged and hashed. overloaded: too many wrong ones from there.
  Result<std::string> invited(std::string_view invite, InviteKind kind, const Caller& caller, Instant now,
                              Steady steady);
  // Ends the sessions of the user and the invite.
  Result<AccountChange> set_password(std::string_view invite, std::string password_hash, const Caller& caller,
                                     Instant now, Steady steady);

  // --- being in ---
  // `acting`: the request is an act of the person, not a poll of the page. None: no such session, it has ended, or (a
  // wall) it comes from elsewhere.
  std::optional<Principal> of_session(std::string_view secret, const Caller& caller, bool acting, Instant now,
                                      Steady steady);
  std::optional<Principal> of_token(std::string_view token, const Caller& caller, Instant now);
  static Principal local(std::string_view who);                 // the machine itself, by the Unix socket: every role
  static std::string csrf(std::string_view session_secret);     // what a POST with the cookie must bring along
  std::string ticket(std::string_view session_id, Steady now);  // for one live feed
  bool redeem_ticket(std::string_view ticket, std::string_view session_id, Steady now);
  // The PIN or the password of whoever is in. overloaded: `retry_after_confirm` says how long; refused: there is no
  // PIN, or no session; not_found: the session has ended.
  Result<Attempt> begin_confirm(const Principal& by, bool with_password, Steady now);
  std::chrono::seconds retry_after_confirm(const Principal& by, Steady now) const;
  // `matched`: what the job found of the PIN; or of the password, which also wakes sleeping roles. The fifth wrong one
  // ends the session.
  Result<AccountChange> confirm(const Principal& by, bool with_password, bool matched, Instant now, Steady steady);
  // How long what was confirmed in this session still holds; zero: nothing is.
  std::chrono::seconds confirmed_for(std::string_view session_id, Steady now) const;
  AccountChange sign_out(const Principal& by, Instant now);

  // --- my account: refused unless the password was given in this session just now (confirm) ---
  Result<AccountChange> change_password(const Principal& by, std::string password_hash, Instant now, Steady steady);
  Result<AccountChange> change_pin(const Principal& by, std::string pin_hash, Instant now, Steady steady);

  // --- for administrators (who may is the routes' business; that nobody hands out more than he has, and that somebody
  // stays who may administer every estate, is ours: refused) ---
  Result<AccountChange> create_user(const Principal& by, const UserDraft& draft, Instant now);
  // not_found; refused: `revision` is not the present one, or the last admin would go. New grants end the user's
  // sessions.
  Result<AccountChange> change_user(const Principal& by, const UserDraft& draft, std::uint32_t revision, Instant now);
  Result<AccountChange> drop_user(const Principal& by, std::string_view id, Instant now);
  // `user`: who gets in; of a wall: empty, or on whose account. `grants`: the most it may; empty: what the user may.
  Result<Made> invite(const Principal& by, InviteKind kind, std::string_view user, std::string_view label,
                      std::vector<Grant> grants, Instant now);
  Result<Made> create_token(const Principal& by, std::string_view name, std::vector<Grant> grants, Instant ends_at,
                            Instant now);
  // By the command line of the machine itself, which needs no session: for a user, and no more than they may.
  Result<Made> create_token_for(const Principal& by, std::string_view user, std::string_view name,
                                std::vector<Grant> grants, Instant ends_at, Instant now);
  Result<AccountChange> drop_token(const Principal& by, std::string_view id, Instant now);
  Result<AccountChange> end_session(const Principal& by, std::string_view id, Instant now);

  // --- looking ---
  const std::map<std::string, UserRecord>& users() const noexcept { return users_; }
  std::vector<SessionRecord> sessions() const;  // by id
  std::vector<TokenRecord> tokens() const;      // by id; ended ones stay until their place is needed

  // Each second: what has ended, what was used since it was last stored (once a minute at most), and the journal of
  // those who were refused.
  AccountChange tick(Instant now, Steady steady);

 private:
  struct Token {
    TokenRecord record;
    Instant stored_used{};
  };
  struct Invite {
    InviteRecord record;
    Steady ends{};
  };
  enum class Opening : std::uint8_t { session, token, invite };
  struct OnItsWay {
    Opening what{};
    std::string user;
  };
  using Sessions = std::map<std::string, Session, std::less<>>;

  const UserRecord* find_user(std::string_view id) const;
  const UserRecord* find_enabled(std::string_view id) const;
  std::size_t opening(Opening what, std::string_view user = {}) const;

  // Changes of users: claimed when made, settled by apply or abandon.
  Result<void> free_to_change(std::string_view id) const;
  Result<void> somebody_administers_without(std::string_view id) const;
  void put_user(UserRecord user, AccountChange& into, Instant now);
  void settle_users(const AccountChange& change, bool stored);
  bool settle(Opening what, const std::string& id);

  // Ending: in memory now, in the store by `into`.
  void end(Sessions::iterator session, AccountChange& into, const Principal& by, std::string_view why, Instant now);
  // `keep`: the session that stays; `after`: the user as he will be, null: no more. Walls stay that he still may.
  void end_everything_of(const std::string& user, std::string_view keep, const UserRecord* after, AccountChange& into,
                         const Principal& by, std::string_view why, Instant now);
  void end_invites_of(const std::string& user, AccountChange& into);
  void end_openings_of(const std::string& user, AccountChange& into);
  Result<void> make_room_for_session(const std::string& user, AccountChange& into, Instant now);

  Opened open_session(SessionRecord record, AccountChange change, const Principal& who, Instant now);
  tl::unexpected<Error> refuse_sign_in(std::string subject, const Caller& caller, std::string_view why, Instant now);
  tl::unexpected<Error> turn_away(std::string subject, const Caller& caller);
  Result<void> room_for_wall() const;
  Result<std::string> find_invite(std::string_view typed, InviteKind kind, const Caller& caller, Instant now,
                                  Steady steady);
  void note_stray(Session& wall, const Caller& caller, Instant now, Steady steady);
  Result<std::vector<Grant>> grants_of_invite(const Principal& by, InviteKind kind, const UserRecord& user,
                                              std::vector<Grant> asked) const;
  struct TokenDraft {
    std::string_view name;
    std::vector<Grant> grants;
    Instant ends_at{};
  };
  // `most`: what it may at the most.
  Result<Made> make_token(const Principal& by, const std::string& user, const std::vector<Grant>& most,
                          TokenDraft draft, Instant now);
  Result<void> make_room_for_token(AccountChange& into, Instant now);
  Result<UserRecord> after_password(const Principal& by, Steady steady) const;

  void end_what_is_over(AccountChange& into, Instant now, Steady steady);
  void store_uses(AccountChange& into, Instant now, Steady steady);

  std::map<std::string, UserRecord> users_;
  Sessions sessions_;
  std::map<std::string, Token, std::less<>> tokens_;
  std::map<std::string, Invite, std::less<>> invites_;
  std::optional<std::string> setup_code_;
  std::map<std::string, OnItsWay, std::less<>> on_their_way_;   // sessions, tokens, invites being stored, by id
  std::map<std::string, std::uint32_t, std::less<>> changing_;  // users being stored: their new revision; 0: none
  Backoff backoff_;
  Refusals refusals_;
  Tickets tickets_;
  AccountChange pending_;  // what nobody waits for: goes with the next tick
};

}  // namespace firegate::accounts
