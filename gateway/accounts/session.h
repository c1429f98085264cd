// Session: somebody who is in, and how long still.
//
// Two clocks. Within a run of the program a session ages by the steady clock alone, so that a stepped system clock
// neither prolongs it nor ends a duty session in the night. Across a restart only wall time is left: a session comes
// back with what was left of it at `ends_at`, counted from the latest moment that it knows to have passed (now, or its
// last use, whichever is later), and with never more than its kind may last: a clock set back gives no more than was
// left at the last use. When the clock is stepped, what is stored is set anew by what is left (as_stored).
//
// Pure; Accounts owns them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/account.h"
#include "core/clock.h"

namespace firegate::accounts {

constexpr std::chrono::hours kPersonLasts{24};
constexpr std::chrono::hours kPhoneLasts{12};
constexpr std::chrono::hours kUnusedEnds{12};
constexpr std::chrono::minutes kPowersSleep{15};  // reliability, T13
constexpr unsigned kTriesOfASession = 5;          // wrong PINs or passwords; our choice

struct Session {
  SessionRecord record;
  std::optional<Steady> ends;  // none: a wall, which has no end
  Steady used{};
  std::optional<Steady> acted;            // the last act; none: asleep
  std::optional<Steady> confirmed_until;  // by PIN or password
  std::optional<Steady> password_given_until;
  unsigned tries = 0;                 // PINs and passwords since the last right one, the ones being compared included
  Instant stored_used{};              // what the store knows
  std::optional<Steady> stray_noted;  // a wall: when its use from elsewhere was last journalled

  bool asleep(Steady now) const noexcept { return !acted || now - *acted >= kPowersSleep; }
  bool confirmed(Steady now) const noexcept { return confirmed_until && now < *confirmed_until; }
  bool password_given(Steady now) const noexcept { return password_given_until && now < *password_given_until; }
};

// None: a wall.
std::optional<std::chrono::hours> lasts(SessionKind kind) noexcept;

// A record that comes from the store, or has just gone there. Its roles sleep.
Session begin_session(SessionRecord record, Instant now, Steady steady);

// What the session may at this moment, its user being as given.
std::vector<Grant> grants_of(const Session& session, const UserRecord& user, Steady now);

// Why it has ended; empty: it has not. `user`: null when there is no such user any more.
std::string_view why_ended(const Session& session, const UserRecord* user, Steady now);

// The record as it should be stored by now.
SessionRecord as_stored(const Session& session, Instant now, Steady steady);

}  // namespace firegate::accounts
