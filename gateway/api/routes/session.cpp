// Signing in and out, and what the session is.
#include "accounts/password.h"
#include "api/account_bodies.h"
#include "api/cookie.h"
#include "api/json_writer.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

using accounts::Attempt;

// Whoever signs in anew in the same browser leaves the session that was there before.
void leave(const Context& context, const Principal& before) {
  context.door.changes.run(
      [&context, before] { return without_secret(context.door.accounts.sign_out(before, context.clock.now())); },
      [](const Result<accounts::Made>&) {});
}

void enter(const Context& context, const Request& request, const Responder& respond, const Attempt& attempt,
           bool matched) {
  const accounts::Caller caller = caller_of(request);
  context.door.changes.run(
      [&context, attempt, matched, caller] {
        const Moment now = context.now();
        return as_made(context.door.accounts.sign_in(attempt, matched, caller, now.wall));
      },
      [&context, request, respond](const Result<accounts::Made>& made) {
        if (!made) return respond(entry_refused(context, request, made.error(), {}));
        if (request.principal && !request.principal->session.empty()) leave(context, *request.principal);
        respond(signed_in(context, request, made->secret));
      });
}

void sign_in(const Context& context, const Request& request, const Responder& respond) {
  accounts::Accounts& accounts = context.door.accounts;
  const auto body = read_sign_in(request.body);
  if (!body) return respond(problem(body.error()));
  if (accounts.users().empty()) {
    return respond(problem(409, "setup_needed", "signing in: there is no user yet, expected the first one to be made"));
  }
  const accounts::Caller caller = caller_of(request);
  const Steady now = context.clock.steady_now();
  const auto attempt = accounts.begin(body->user, caller, now);
  if (!attempt) {
    return respond(entry_refused(context, request, attempt.error(), accounts.retry_after(body->user, caller, now)));
  }
  hash_aside<bool>(
      context, respond, [stored = attempt->stored, given = body->password] { return accounts::matches(stored, given); },
      [&context, request, respond, attempt = *attempt](bool matched) {
        enter(context, request, respond, attempt, matched);
      });
}

void sign_out(const Context& context, const Request& request, const Responder& respond) {
  change_accounts(
      context, respond,
      [&context, who = *request.principal] {
        context.feed.say_bye(who.session, "signed_out");
        return without_secret(context.door.accounts.sign_out(who, context.clock.now()));
      },
      [respond](const accounts::Made&) {
        Response response = no_content();
        response.headers.push_back(clear_session_cookie());
        respond(std::move(response));
      });
}

// The session as it is after it was confirmed. Roles that slept are awake: live feeds begin anew with them.
void answer_confirmed(const Context& context, Request request, const Responder& respond, bool woken) {
  const Moment now = context.now();
  if (woken) context.feed.say_bye(request.principal->session, "powers_changed");
  const std::string secret(session_secret(request));
  request.principal = context.door.accounts.of_session(secret, caller_of(request), true, now.wall, now.steady);
  respond(json_response(session_json(context, request, secret)));
}

void confirm(const Context& context, const Request& request, const Responder& respond) {
  accounts::Accounts& accounts = context.door.accounts;
  const auto body = read_confirm(request.body);
  if (!body) return respond(problem(body.error()));
  const Principal& who = *request.principal;
  const Steady now = context.clock.steady_now();
  const auto attempt = accounts.begin_confirm(who, body->with_password, now);
  if (!attempt) {
    if (attempt.error().code == ErrorCode::refused) return respond(problem(attempt.error()));
    return respond(entry_refused(context, request, attempt.error(), accounts.retry_after_confirm(who, now)));
  }
  hash_aside<bool>(
      context, respond, [stored = attempt->stored, given = body->secret] { return accounts::matches(stored, given); },
      [&context, request, respond, with_password = body->with_password](bool matched) {
        context.door.changes.run(
            [&context, who = *request.principal, with_password, matched] {
              const Moment at = context.now();
              return without_secret(context.door.accounts.confirm(who, with_password, matched, at.wall, at.steady));
            },
            [&context, request, respond, with_password](const Result<accounts::Made>& made) {
              if (!made) return respond(entry_refused(context, request, made.error(), {}));
              answer_confirmed(context, request, respond, with_password && request.principal->asleep);
            });
      });
}

Response ticket(const Context& context, const Request& request) {
  JsonWriter json;
  json.begin_object().member("ticket",
                             context.door.accounts.ticket(request.principal->session, context.clock.steady_now()));
  json.end_object();
  return json_response(json.take());
}

}  // namespace

void add_session_routes(Router& router, const Context& context) {
  router.get("/api/v1/session", kOpen, [&context](const Request& request, const Responder& respond) {
    respond(json_response(session_json(context, request, session_secret(request))));
  });
  router.post("/api/v1/session", kOpen,
              [&context](const Request& request, const Responder& respond) { sign_in(context, request, respond); });
  router.remove("/api/v1/session", kSignedIn,
                [&context](const Request& request, const Responder& respond) { sign_out(context, request, respond); });
  router.post("/api/v1/session:confirm", kSignedIn,
              [&context](const Request& request, const Responder& respond) { confirm(context, request, respond); });
  router.post("/api/v1/session:ticket", kSignedIn,
              [&context](const Request& request, const Responder& respond) { respond(ticket(context, request)); });
}

}  // namespace firegate::api
