// What lets others in: tokens for programs, invites for phones and walls. The secret of each is shown once.
#include <fmt/format.h>

#include <algorithm>

#include "api/account_bodies.h"
#include "api/json_writer.h"
#include "api/routes/account_json.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

bool administers(const Principal& who, const std::vector<Grant>& grants) {
  const Scope scope = who.scope(Permission::administer);
  return scope.every ||
         std::ranges::all_of(grants, [&scope](const Grant& grant) { return scope.admits(grant.estate); });
}

Response list_tokens(const Context& context, const Request& request) {
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const TokenRecord& token : context.door.accounts.tokens()) {
    if (administers(*request.principal, token.grants)) write(json, token);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void create_token(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_token(request.body, context.clock.now());
  if (!body) return respond(problem(body.error()));
  for (const Grant& grant : body->grants) {
    if (auto refusal = context.door.authorise.outside(request, Permission::administer, grant.estate)) {
      return respond(std::move(*refusal));
    }
  }
  change_accounts(
      context, respond,
      [&context, by = *request.principal, body = *body] {
        accounts::Accounts& accounts = context.door.accounts;
        const Instant now = context.clock.now();
        if (body.user.empty()) return accounts.create_token(by, body.name, body.grants, body.ends_at, now);
        return accounts.create_token_for(by, body.user, body.name, body.grants, body.ends_at, now);
      },
      [respond](const accounts::Made& made) {
        JsonWriter json;
        json.begin_object().key("token");
        write(json, made.change.put.tokens.front());
        json.member("secret", made.secret).end_object();
        Response response = json_response(json.take());
        response.status = 201;
        respond(std::move(response));
      });
}

void drop_token(const Context& context, const Request& request, const Responder& respond) {
  const std::string& id = request.arguments.front();
  const auto tokens = context.door.accounts.tokens();
  const auto found = std::ranges::find(tokens, id, &TokenRecord::id);
  if (found == tokens.end() || !administers(*request.principal, found->grants)) {
    return respond(problem(404, "not_found", fmt::format("dropping token {}: no such token", id)));
  }
  change_accounts(
      context, respond,
      [&context, who = *request.principal, id] {
        return without_secret(context.door.accounts.drop_token(who, id, context.clock.now()));
      },
      [respond](const accounts::Made&) { respond(no_content()); });
}

// --- phones and walls ---

// A phone: who maps devices there, or administers; a wall: who edits the rules there, or administers.
std::optional<Response> refuse_invite(const Context& context, const Request& request, const InviteBody& body) {
  const Permission other = body.kind == InviteKind::phone ? Permission::map_devices : Permission::edit_rules;
  for (const Grant& grant : body.grants) {
    if (request.principal->may(Permission::administer, grant.estate)) continue;
    if (auto refusal = context.door.authorise.outside(request, other, grant.estate)) return refusal;
  }
  return std::nullopt;
}

// Whom the caller may hear of: whoever has a role where they administer; and an installer where they are manager, whom
// they may let in.
bool knows(const Principal& who, const UserRecord& user) {
  const Scope administered = who.scope(Permission::administer), managed = who.scope(Permission::edit_rules);
  return std::ranges::any_of(user.grants, [&](const Grant& grant) {
    const bool everywhere = grant.estate == kEveryEstate;
    if (administered.every || administered.admits(grant.estate)) return true;
    return grant.role == Role::installer && (managed.admits(grant.estate) || (everywhere && managed.any()));
  });
}

// Who gets in; none: nobody that the caller may hear of.
std::optional<std::string> whom(const Context& context, const Principal& by, const InviteBody& body) {
  if (body.user.empty() || (by.kind == PrincipalKind::user && by.id == body.user)) return by.id;
  const auto& users = context.door.accounts.users();
  const auto found = users.find(body.user);
  const bool known = found != users.end() && (by.kind == PrincipalKind::local || knows(by, found->second));
  return known ? std::optional(body.user) : std::nullopt;
}

void invite(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_invite(request.body);
  if (!body) return respond(problem(body.error()));
  if (auto refusal = refuse_invite(context, request, *body)) return respond(std::move(*refusal));
  const auto user = whom(context, *request.principal, *body);
  if (!user) return respond(problem(404, "not_found", fmt::format("inviting: no user \"{}\"", body->user)));
  change_accounts(
      context, respond,
      [&context, by = *request.principal, user = *user, body = *body] {
        return context.door.accounts.invite(by, body.kind, user, body.label, body.grants, context.clock.now());
      },
      [respond](const accounts::Made& made) {
        JsonWriter json;
        json.begin_object().member("secret", made.secret).member("url_path", fmt::format("/join#{}", made.secret));
        json.member("ends_at", made.change.put.invites.front().ends_at).end_object();
        Response response = json_response(json.take());
        response.status = 201;
        respond(std::move(response));
      });
}

}  // namespace

void add_token_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::administer);
  constexpr Access kChanges = kLooks.with_pin();
  constexpr Access kInvites = needs(Permission::map_devices, Permission::edit_rules, Permission::administer).with_pin();
  router.get("/api/v1/tokens", kLooks,
             [&context](const Request& request, const Responder& respond) { respond(list_tokens(context, request)); });
  router.post("/api/v1/tokens", kChanges, [&context](const Request& request, const Responder& respond) {
    create_token(context, request, respond);
  });
  router.remove("/api/v1/tokens/{id}", kChanges, [&context](const Request& request, const Responder& respond) {
    drop_token(context, request, respond);
  });
  router.post("/api/v1/invites", kInvites,
              [&context](const Request& request, const Responder& respond) { invite(context, request, respond); });
}

}  // namespace firegate::api
