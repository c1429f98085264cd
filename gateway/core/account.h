// Accounts in words: roles and what they may do, the estates in which they may do it, and the principal: whoever stands
// behind a request. Plain values. Who may do what is `may` below and is said nowhere else (vocabulary, "Commands").
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/labels.h"

namespace firegate {

enum class Role : std::uint8_t { viewer, operator_, duty, installer, manager, admin };
template <>
struct Labels<Role> {
  static constexpr std::array<std::string_view, 6> list{"viewer", "operator", "duty", "installer", "manager", "admin"};
};

enum class Permission : std::uint8_t {
  look,           // live alarms, history, devices, health
  silence,        // a post's sounder
  handle_alarms,  // acknowledge, unacknowledge, verdict, reset, shelve, unshelve
  command,        // what moves or switches something outside
  map_devices,    // adopt, import, replace, test, disable, enable; the raw messages of devices nobody knows
  edit_rules,     // rules, routes, rosters
  read_journal,   // the journal of acts; nobody may change it
  administer,     // users, tokens, sessions of others, settings, backup
};
template <>
struct Labels<Permission> {
  static constexpr std::array<std::string_view, 8> list{"look",        "silence",    "handle_alarms", "command",
                                                        "map_devices", "edit_rules", "read_journal",  "administer"};
};

constexpr bool may(Role role, Permission permission) noexcept {
  switch (permission) {
    case Permission::look: return true;
    case Permission::silence:
    case Permission::handle_alarms: return role == Role::operator_ || role == Role::duty;
    case Permission::command: return role == Role::duty || role == Role::manager;
    case Permission::map_devices: return role == Role::installer || role == Role::manager;
    case Permission::edit_rules: return role == Role::manager;
    case Permission::read_journal: return role == Role::manager || role == Role::admin;
    case Permission::administer: return role == Role::admin;
  }
  return false;
}

constexpr std::string_view kEveryEstate = "*";

// A role within one estate, or within all ("*"). A person has as many as the work needs.
struct Grant {
  Role role{};
  std::string estate;

  bool covers(std::string_view other) const noexcept { return estate == kEveryEstate || estate == other; }
  friend bool operator==(const Grant&, const Grant&) = default;
};

// The estates a question may reach. What belongs to no estate (faults of our own, unmapped devices) belongs to everybody
// who reaches any: life comes before tenancy.
struct Scope {
  bool every = false;
  std::vector<std::string> estates;

  bool any() const noexcept { return every || !estates.empty(); }
  bool admits(std::string_view estate) const noexcept {
    return every || (any() && (estate.empty() || std::ranges::find(estates, estate) != estates.end()));
  }
};

enum class PrincipalKind : std::uint8_t { user, token, wall, local, system };
template <>
struct Labels<PrincipalKind> {
  static constexpr std::array<std::string_view, 5> list{"user", "token", "wall", "local", "system"};
};

// Who stands behind a request, as it was let in. A copy: what a session may do later does not change it.
struct Principal {
  PrincipalKind kind{};
  std::string id;       // "wangfang"; id of the token or wall; "root" of the machine itself
  std::string name;     // as people call them: 王芳
  std::string address;  // from where: an IP address, or "local"
  std::string session;  // id of the session, not its secret; empty: a token, local
  std::vector<Grant> grants;
  bool confirmed = false;  // has given the PIN or the password just now
  bool asleep = false;     // the roles manager and admin sleep until the password is given again: not among `grants`

  // As the journal has it: "user:wangfang", "token:1a2b3c4d", "system".
  std::string who() const { return id.empty() ? std::string(label(kind)) : std::string(label(kind)) + ":" + id; }
  bool may(Permission permission, std::string_view estate) const { return scope(permission).admits(estate); }
  bool may_anywhere(Permission permission) const { return scope(permission).any(); }
  Scope scope(Permission permission) const {
    Scope scope;
    for (const Grant& grant : grants) {
      if (!firegate::may(grant.role, permission)) continue;
      // A wall may look and silence, whatever its maker may.
      if (kind == PrincipalKind::wall && permission != Permission::look && permission != Permission::silence) continue;
      if (grant.estate == kEveryEstate) scope.every = true;
      else scope.estates.push_back(grant.estate);
    }
    return scope;
  }
};

// --- what is stored ---

struct UserRecord {
  std::string id;    // what is typed to sign in: [a-z0-9][a-z0-9._-]{0,31}
  std::string name;  // as people call them
  std::vector<Grant> grants;
  std::string password;  // argon2id, libsodium's text form; empty: none yet, see InviteKind::password
  std::string pin;       // the same; empty: none
  bool disabled = false;
  Instant created_at{}, changed_at{};
  std::uint32_t revision = 0;  // counts every change: the ETag
};

enum class SessionKind : std::uint8_t { person, phone, wall };
template <>
struct Labels<SessionKind> {
  static constexpr std::array<std::string_view, 3> list{"person", "phone", "wall"};
};

struct SessionRecord {
  std::string id;    // hash of its secret (accounts/secret.h): cannot be turned into the cookie
  SessionKind kind{};
  std::string user;  // whose; of a wall: who made it
  std::string label;  // wall: its name; else the browser as it called itself
  std::vector<Grant> grants;  // of a phone or wall: the most it may; empty: what its user may
  std::string address;        // where it was opened; a wall works only from there
  Instant created_at{}, used_at{}, ends_at{};
};

struct TokenRecord {
  std::string id;    // public, 8 hexadecimal digits: part of the token
  std::string name;  // what it is for
  std::string hash;  // of the whole token
  std::string user;  // whose: it never may more than they
  std::vector<Grant> grants;
  Instant created_at{}, used_at{}, ends_at{};
};

enum class InviteKind : std::uint8_t { password, phone, wall };  // sets a password · signs a phone in · opens a wall
template <>
struct Labels<InviteKind> {
  static constexpr std::array<std::string_view, 3> list{"password", "phone", "wall"};
};

// Works once, until it ends.
struct InviteRecord {
  std::string hash;  // of its secret
  InviteKind kind{};
  std::string user;   // who gets in; of a wall: who made it
  std::string label;  // of the wall or phone
  std::vector<Grant> grants;
  std::string made_by;
  Instant created_at{}, ends_at{};
};

}  // namespace firegate
