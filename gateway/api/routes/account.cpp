// One's own account: sessions, password, PIN.
#include <fmt/format.h>

#include <algorithm>

#include "accounts/password.h"
#include "api/account_bodies.h"
#include "api/json_writer.h"
#include "api/routes/account_json.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

using accounts::Cost;
using Change = Result<AccountChange> (accounts::Accounts::*)(const Principal&, std::string, Instant, Steady);

bool is_own(const SessionRecord& session, const Principal& who) {
  return who.kind == PrincipalKind::user && session.user == who.id && session.kind != SessionKind::wall;
}

Response list_sessions(const Context& context, const Request& request) {
  JsonWriter json;
  json.begin_object().key("sessions").begin_array();
  for (const SessionRecord& session : context.door.accounts.sessions()) {
    if (is_own(session, *request.principal)) write(json, session, request.principal->session);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void end_session(const Context& context, const Request& request, const Responder& respond) {
  const std::string& id = request.arguments.front();
  const auto sessions = context.door.accounts.sessions();
  const auto found = std::ranges::find(sessions, id, &SessionRecord::id);
  if (found == sessions.end() || !is_own(*found, *request.principal)) {
    return respond(problem(404, "not_found", fmt::format("ending session {}: no such session of yours", id)));
  }
  change_accounts(
      context, respond,
      [&context, who = *request.principal, id] {
        return without_secret(context.door.accounts.end_session(who, id, context.clock.now()));
      },
      [respond](const accounts::Made&) { respond(no_content()); });
}

struct Hashed {
  bool matched = false;
  Result<std::string> fresh;
};

// The password was right: from here on it is as if it had been confirmed, which is what the change asks for.
void replace(const Context& context, const Request& request, const Responder& respond, const Hashed& hashed,
             Change change) {
  context.door.changes.run(
      [&context, who = *request.principal, hashed, change]() -> Result<accounts::Made> {
        accounts::Accounts& accounts = context.door.accounts;
        const Moment now = context.now();
        if (auto right = accounts.confirm(who, true, hashed.matched, now.wall, now.steady); !right) {
          return tl::unexpected<Error>(right.error());
        }
        if (!hashed.fresh) return tl::unexpected<Error>(hashed.fresh.error());
        return without_secret((accounts.*change)(who, *hashed.fresh, now.wall, now.steady));
      },
      [&context, request, respond, wrong = !hashed.matched](const Result<accounts::Made>& made) {
        if (made) return respond(no_content());
        respond(wrong ? entry_refused(context, request, made.error(), {}) : problem(made.error()));
      });
}

void replace_secret(const Context& context, const Request& request, const Responder& respond, const ReplaceBody& body,
                    Cost cost, Change change) {
  accounts::Accounts& accounts = context.door.accounts;
  const Principal& who = *request.principal;
  const Steady now = context.clock.steady_now();
  const auto attempt = accounts.begin_confirm(who, true, now);
  if (!attempt) {
    if (attempt.error().code == ErrorCode::refused) return respond(problem(attempt.error()));
    return respond(entry_refused(context, request, attempt.error(), accounts.retry_after_confirm(who, now)));
  }
  hash_aside<Hashed>(
      context, respond,
      [stored = attempt->stored, body, cost] {
        if (!accounts::matches(stored, body.password)) return Hashed{false, std::string()};
        return Hashed{true, accounts::hash_password(body.fresh, cost)};
      },
      [&context, request, respond, change](const Hashed& hashed) {
        replace(context, request, respond, hashed, change);
      });
}

void change_password(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_new_password(request.body);
  if (!body) return respond(problem(body.error()));
  const auto good = accounts::check_new_password(body->fresh, request.principal->id, request.principal->name);
  if (!good) return respond(problem(good.error()));
  replace_secret(context, request, respond, *body, Cost::password, &accounts::Accounts::change_password);
}

void change_pin(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_new_pin(request.body);
  if (!body) return respond(problem(body.error()));
  if (const auto good = accounts::check_new_pin(body->fresh); !good) return respond(problem(good.error()));
  replace_secret(context, request, respond, *body, Cost::pin, &accounts::Accounts::change_pin);
}

}  // namespace

void add_account_routes(Router& router, const Context& context) {
  router.get("/api/v1/account/sessions", kSignedIn, [&context](const Request& request, const Responder& respond) {
    respond(list_sessions(context, request));
  });
  router.remove(
      "/api/v1/account/sessions/{id}", kSignedIn,
      [&context](const Request& request, const Responder& respond) { end_session(context, request, respond); });
  router.put("/api/v1/account/password", kSignedIn, [&context](const Request& request, const Responder& respond) {
    change_password(context, request, respond);
  });
  router.put("/api/v1/account/pin", kSignedIn,
             [&context](const Request& request, const Responder& respond) { change_pin(context, request, respond); });
}

}  // namespace firegate::api
