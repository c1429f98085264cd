// AccountBodies: what people send about themselves and other accounts. As bodies.h: bad_input, naming the member. What
// an id, a password or a PIN must look like is the business of accounts/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/account.h"
#include "core/result.h"

namespace firegate::api {

constexpr std::size_t kMaxSecretBytes = 256;  // passwords, codes and other secrets; our choice

struct SignInBody {
  std::string user, password;
};
Result<SignInBody> read_sign_in(std::string_view body);

struct ConfirmBody {
  std::string secret;  // the PIN or the password
  bool with_password = false;
};
Result<ConfirmBody> read_confirm(std::string_view body);  // exactly one of the two

struct SetupBody {
  std::string code, user, name, password;
};
Result<SetupBody> read_setup(std::string_view body);

struct RedeemBody {
  std::string secret;    // of the invite
  std::string password;  // new; only of a password invite
};
Result<RedeemBody> read_redeem(std::string_view body, bool with_password);

struct ReplaceBody {
  std::string password;  // the one that holds
  std::string fresh;     // the new password or PIN
};
Result<ReplaceBody> read_new_password(std::string_view body);  // {old, new}
Result<ReplaceBody> read_new_pin(std::string_view body);       // {password, pin}

struct UserBody {
  std::string id, name;
  std::vector<Grant> grants;
};
Result<UserBody> read_user(std::string_view body);

struct UserPatch {
  std::optional<std::string> name;
  std::optional<std::vector<Grant>> grants;
  std::optional<bool> disabled;
};
Result<UserPatch> read_user_patch(std::string_view body);

struct TokenBody {
  std::string user;  // whose; empty: of who asks
  std::string name;
  std::vector<Grant> grants;
  Instant ends_at{};
};
Result<TokenBody> read_token(std::string_view body, Instant now);

struct InviteBody {
  InviteKind kind{};  // phone or wall
  std::string user;   // who gets in; empty: who asks
  std::string label;
  std::vector<Grant> grants;
};
Result<InviteBody> read_invite(std::string_view body);

}  // namespace firegate::api
