// Who is in, for administrators: the sessions of the users and walls that they see.
#include <fmt/format.h>

#include <algorithm>

#include "api/json_writer.h"
#include "api/routes/account_json.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

// Of a phone or wall what it may; of a person what the user may.
const std::vector<Grant>* grants_of(const Context& context, const SessionRecord& session) {
  if (!session.grants.empty()) return &session.grants;
  const auto user = context.door.accounts.users().find(session.user);
  return user == context.door.accounts.users().end() ? nullptr : &user->second.grants;
}

bool sees(const Context& context, const Request& request, const SessionRecord& session) {
  const Scope scope = request.principal->scope(Permission::administer);
  const std::vector<Grant>* grants = grants_of(context, session);
  return scope.every ||
         (grants && std::ranges::any_of(*grants, [&scope](const Grant& grant) { return scope.admits(grant.estate); }));
}

Response list_sessions(const Context& context, const Request& request) {
  JsonWriter json;
  json.begin_object().key("sessions").begin_array();
  for (const SessionRecord& session : context.door.accounts.sessions()) {
    if (sees(context, request, session)) write(json, session, request.principal->session);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void end_session(const Context& context, const Request& request, const Responder& respond) {
  const std::string& id = request.arguments.front();
  const auto sessions = context.door.accounts.sessions();
  const auto found = std::ranges::find(sessions, id, &SessionRecord::id);
  if (found == sessions.end() || !sees(context, request, *found)) {
    return respond(problem(404, "not_found", fmt::format("ending session {}: no such session", id)));
  }
  if (const std::vector<Grant>* grants = grants_of(context, *found)) {
    for (const Grant& grant : *grants) {
      if (auto refusal = context.door.authorise.outside(request, Permission::administer, grant.estate)) {
        return respond(std::move(*refusal));
      }
    }
  }
  change_accounts(
      context, respond,
      [&context, who = *request.principal, id] {
        return without_secret(context.door.accounts.end_session(who, id, context.clock.now()));
      },
      [respond](const accounts::Made&) { respond(no_content()); });
}

}  // namespace

void add_session_list_routes(Router& router, const Context& context) {
  router.get(
      "/api/v1/sessions", needs(Permission::administer),
      [&context](const Request& request, const Responder& respond) { respond(list_sessions(context, request)); });
  router.remove(
      "/api/v1/sessions/{id}", needs(Permission::administer).with_pin(),
      [&context](const Request& request, const Responder& respond) { end_session(context, request, respond); });
}

}  // namespace firegate::api
