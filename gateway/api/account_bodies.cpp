#include "api/account_bodies.h"

#include "api/members.h"

namespace firegate::api {

Result<SignInBody> read_sign_in(std::string_view body) {
  return read_body<SignInBody>(body, [](Members& members, SignInBody& given) {
    given.user = members.text("user", kMaxNameBytes, true);
    given.password = members.text("password", kMaxSecretBytes, true);
  });
}

Result<ConfirmBody> read_confirm(std::string_view body) {
  return read_body<ConfirmBody>(body, [](Members& members, ConfirmBody& given) {
    given.with_password = members.has("password");
    if (given.with_password && members.has("pin")) members.wrong("pin", "stands beside a password", "one of the two");
    given.secret = members.text(given.with_password ? "password" : "pin", kMaxSecretBytes, true);
  });
}

Result<SetupBody> read_setup(std::string_view body) {
  return read_body<SetupBody>(body, [](Members& members, SetupBody& given) {
    given.code = members.text("code", kMaxSecretBytes, true);
    given.user = members.text("user", kMaxNameBytes, true);
    given.name = members.text("name", kMaxNameBytes, true);
    given.password = members.text("password", kMaxSecretBytes, true);
  });
}

Result<RedeemBody> read_redeem(std::string_view body, bool with_password) {
  return read_body<RedeemBody>(body, [with_password](Members& members, RedeemBody& given) {
    given.secret = members.text("secret", kMaxSecretBytes, true);
    if (with_password) given.password = members.text("password", kMaxSecretBytes, true);
  });
}

Result<ReplaceBody> read_new_password(std::string_view body) {
  return read_body<ReplaceBody>(body, [](Members& members, ReplaceBody& given) {
    given.password = members.text("old", kMaxSecretBytes, true);
    given.fresh = members.text("new", kMaxSecretBytes, true);
  });
}

Result<ReplaceBody> read_new_pin(std::string_view body) {
  return read_body<ReplaceBody>(body, [](Members& members, ReplaceBody& given) {
    given.password = members.text("password", kMaxSecretBytes, true);
    given.fresh = members.text("pin", kMaxSecretBytes, true);
  });
}

Result<UserBody> read_user(std::string_view body) {
  return read_body<UserBody>(body, [](Members& members, UserBody& given) {
    given.id = members.text("id", kMaxNameBytes, true);
    given.name = members.text("name", kMaxNameBytes, true);
    given.grants = members.grants("grants");
  });
}

Result<UserPatch> read_user_patch(std::string_view body) {
  return read_body<UserPatch>(body, [](Members& members, UserPatch& given) {
    if (members.has("name")) given.name = members.text("name", kMaxNameBytes, true);
    if (members.has("grants")) given.grants = members.grants("grants");
    if (members.has("disabled")) given.disabled = members.boolean("disabled");
  });
}

Result<TokenBody> read_token(std::string_view body, Instant now) {
  return read_body<TokenBody>(body, [now](Members& members, TokenBody& given) {
    given.user = members.text("user", kMaxNameBytes, false);
    given.name = members.text("name", kMaxNameBytes, true);
    given.grants = members.grants("grants");
    given.ends_at = members.instant_after("ends_at", now);
  });
}

Result<InviteBody> read_invite(std::string_view body) {
  return read_body<InviteBody>(body, [](Members& members, InviteBody& given) {
    given.kind = members.choice<InviteKind>("kind");
    if (given.kind == InviteKind::password) members.wrong("kind", "is \"password\"", "phone or wall");
    given.user = members.text("user", kMaxNameBytes, false);
    given.label = members.text("label", kMaxNameBytes, true);
    given.grants = members.grants("grants");
  });
}

}  // namespace firegate::api
