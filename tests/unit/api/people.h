// People of the tests: users, their sessions and tokens as the store would give them back.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "accounts/password.h"
#include "accounts/secret.h"
#include "core/account_store.h"
#include "support/fakes_api.h"

namespace firegate::api {

constexpr std::string_view kPassword = "correct horse battery";
constexpr std::string_view kPin = "493817";

// Hashed once a program, with the cheap cost: comparing reads the cost from the hash.
inline const std::string& hash_of_password() {
  static const std::string hash = accounts::hash_password(kPassword, accounts::Cost::pin).value();
  return hash;
}
inline const std::string& hash_of_pin() {
  static const std::string hash = accounts::hash_password(kPin, accounts::Cost::pin).value();
  return hash;
}

inline UserRecord make_user(std::string id, std::string name, std::vector<Grant> grants) {
  UserRecord user;
  user.id = std::move(id);
  user.name = std::move(name);
  user.grants = std::move(grants);
  user.password = hash_of_password();
  user.pin = hash_of_pin();
  user.created_at = user.changed_at = fakes::kMorning;
  user.revision = 1;
  return user;
}

// The secret that belongs to a session of the tests: as long as a real one.
inline std::string secret_of(std::string_view name) {
  std::string secret(name);
  secret.resize(accounts::kSecretLength, '-');
  return secret;
}

inline SessionRecord make_session(std::string user, SessionKind kind = SessionKind::person,
                                  std::vector<Grant> grants = {}) {
  SessionRecord session;
  session.id = accounts::hash_of(secret_of(user));
  session.kind = kind;
  session.user = std::move(user);
  session.label = "Firefox";
  session.grants = std::move(grants);
  session.address = "192.168.1.7";
  session.created_at = session.used_at = fakes::kMorning;
  session.ends_at = kind == SessionKind::wall ? kNever : fakes::kMorning + std::chrono::hours{12};
  return session;
}

// "fgt_" + id + "_" + secret, as accounts/secret.h makes them.
struct TestToken {
  std::string text;
  TokenRecord record;
};
inline TestToken make_token(std::string user, std::vector<Grant> grants) {
  const accounts::TokenText made = accounts::random_token();
  TokenRecord record;
  record.id = made.id;
  record.name = "reports";
  record.hash = accounts::hash_of(made.text);
  record.user = std::move(user);
  record.grants = std::move(grants);
  record.created_at = record.used_at = fakes::kMorning;
  record.ends_at = fakes::kMorning + std::chrono::hours{24 * 30};
  return {made.text, record};
}

inline std::vector<Grant> every_role(std::string estate = "*") {
  std::vector<Grant> grants;
  for (std::size_t role = 0; role < label_count<Role>(); ++role) grants.push_back({static_cast<Role>(role), estate});
  return grants;
}

inline AccountRows only_chief() {
  AccountRows rows;
  rows.users.push_back(make_user("wangfang", "王芳", every_role()));
  rows.sessions.push_back(make_session("wangfang"));
  return rows;
}

}  // namespace firegate::api
