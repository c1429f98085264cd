// Coming in for the first time: the first user, an invite of a phone or wall, a new password by invite.
#include "accounts/password.h"
#include "accounts/secret.h"
#include "api/account_bodies.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

using accounts::Cost;
using Hash = Result<std::string>;

// --- the first user ---

// The first user has been made: they are signed in with the password that they have just chosen.
void enter_first(const Context& context, const Request& request, const Responder& respond, const std::string& user) {
  context.door.changes.run(
      [&context, caller = caller_of(request), user]() -> Result<accounts::Made> {
        accounts::Accounts& accounts = context.door.accounts;
        const Moment now = context.now();
        const auto attempt = accounts.begin(user, caller, now.steady);
        if (!attempt) return tl::unexpected<Error>(attempt.error());
        return as_made(accounts.sign_in(*attempt, true, caller, now.wall));
      },
      [&context, request, respond](const Result<accounts::Made>& made) {
        respond(made ? signed_in(context, request, made->secret) : entry_refused(context, request, made.error(), {}));
      });
}

void make_first(const Context& context, const Request& request, const Responder& respond, const SetupBody& body,
                const std::string& hash) {
  context.door.changes.run(
      [&context, caller = caller_of(request), body, hash] {
        return without_secret(context.door.accounts.set_up(body.code, {body.user, body.name, {}, false}, hash, caller,
                                                           context.clock.now()));
      },
      [&context, request, respond, user = body.user](const Result<accounts::Made>& made) {
        if (!made) return respond(problem(made.error()));
        enter_first(context, request, respond, user);
      });
}

void set_up(const Context& context, const Request& request, const Responder& respond) {
  accounts::Accounts& accounts = context.door.accounts;
  const auto body = read_setup(request.body);
  if (!body) return respond(problem(body.error()));
  if (!accounts.setup_code()) return respond(problem(409, "refused", "setting up: there are users already"));
  if (!accounts.opens_setup(body->code)) {
    return respond(entry_refused(context, request,
                                 {ErrorCode::refused,
                                  "setting up: the code is wrong; the one that counts was printed at "
                                  "the last start"},
                                 {}));
  }
  const auto draft = accounts::check_draft({body->user, body->name, {}, false});
  const auto good = draft ? accounts::check_new_password(body->password, body->user, body->name) : draft;
  if (!good) return respond(problem(good.error()));
  hash_aside<Hash>(
      context, respond, [password = body->password] { return accounts::hash_password(password, Cost::password); },
      [&context, request, respond, body = *body](const Hash& hash) {
        hash ? make_first(context, request, respond, body, *hash) : respond(problem(hash.error()));
      });
}

// --- by invite ---

// What a phone scans is longer than what is typed for a wall.
InviteKind kind_of(std::string_view secret) noexcept {
  return secret.size() == accounts::kSecretLength ? InviteKind::phone : InviteKind::wall;
}

std::chrono::seconds wait_of_invites(const Context& context, const Request& request) {
  return context.door.accounts.retry_after({}, caller_of(request), context.clock.steady_now());
}

void redeem(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_redeem(request.body, false);
  if (!body) return respond(problem(body.error()));
  context.door.changes.run(
      [&context, secret = body->secret, caller = caller_of(request)] {
        const Moment now = context.now();
        return as_made(context.door.accounts.redeem(secret, kind_of(secret), caller, now.wall, now.steady));
      },
      [&context, request, respond](const Result<accounts::Made>& made) {
        respond(made ? signed_in(context, request, made->secret)
                     : entry_refused(context, request, made.error(), wait_of_invites(context, request)));
      });
}

void choose_password(const Context& context, const Request& request, const Responder& respond) {
  accounts::Accounts& accounts = context.door.accounts;
  const auto body = read_redeem(request.body, true);
  if (!body) return respond(problem(body.error()));
  const Moment now = context.now();
  const auto user = accounts.invited(body->secret, InviteKind::password, caller_of(request), now.wall, now.steady);
  if (!user) return respond(entry_refused(context, request, user.error(), wait_of_invites(context, request)));
  const auto good = accounts::check_new_password(body->password, *user, accounts.users().at(*user).name);
  if (!good) return respond(problem(good.error()));
  hash_aside<Hash>(
      context, respond, [password = body->password] { return accounts::hash_password(password, Cost::password); },
      [&context, respond, secret = body->secret, caller = caller_of(request)](const Hash& hash) {
        if (!hash) return respond(problem(hash.error()));
        change_accounts(
            context, respond,
            [&context, secret, caller, hash = *hash] {
              const Moment then = context.now();
              return without_secret(context.door.accounts.set_password(secret, hash, caller, then.wall, then.steady));
            },
            [respond](const accounts::Made&) { respond(no_content()); });
      });
}

}  // namespace

void add_entry_routes(Router& router, const Context& context) {
  router.post("/api/v1/setup", kOpen,
              [&context](const Request& request, const Responder& respond) { set_up(context, request, respond); });
  router.post("/api/v1/invites:redeem", kOpen,
              [&context](const Request& request, const Responder& respond) { redeem(context, request, respond); });
  router.post("/api/v1/password", kOpen, [&context](const Request& request, const Responder& respond) {
    choose_password(context, request, respond);
  });
}

}  // namespace firegate::api
