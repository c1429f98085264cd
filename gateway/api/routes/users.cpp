// Users, for administrators. Who administers an estate sees whoever has a role there, and changes those whose roles all
// lie within what they administer.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/account_bodies.h"
#include "api/json_writer.h"
#include "api/routes/account_json.h"
#include "api/routes/account_steps.h"

namespace firegate::api {
namespace {

using Users = std::map<std::string, UserRecord>;

std::string etag(std::uint32_t revision) { return fmt::format("\"{}\"", revision); }

std::string password_path(std::string_view secret) { return fmt::format("/password#{}", secret); }

bool sees(const Principal& who, const UserRecord& user) {
  const Scope scope = who.scope(Permission::administer);
  return scope.every ||
         std::ranges::any_of(user.grants, [&scope](const Grant& grant) { return scope.admits(grant.estate); });
}

const UserRecord* find_user(const Context& context, const Request& request) {
  const Users& users = context.door.accounts.users();
  const auto found = users.find(request.arguments.front());
  return found == users.end() || !sees(*request.principal, found->second) ? nullptr : &found->second;
}

Response no_such_user(const Request& request) {
  return problem(404, "not_found", fmt::format("looking up user {}: no such user", request.arguments.front()));
}

// 403 unless all of them lie within what the caller administers.
std::optional<Response> outside(const Context& context, const Request& request, const std::vector<Grant>& grants) {
  for (const Grant& grant : grants) {
    if (auto refusal = context.door.authorise.outside(request, Permission::administer, grant.estate)) return refusal;
  }
  return std::nullopt;
}

Response show(const UserRecord& user) {
  JsonWriter json;
  write(json, user);
  Response response = json_response(json.take());
  response.headers.push_back({"ETag", etag(user.revision)});
  return response;
}

Response list_users(const Context& context, const Request& request) {
  JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const auto& [id, user] : context.door.accounts.users()) {
    if (sees(*request.principal, user)) write(json, user);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void write_invite(JsonWriter& json, const accounts::Made& made) {
  json.member("secret", made.secret).member("url_path", password_path(made.secret));
  json.member("ends_at", made.change.put.invites.front().ends_at);
}

AccountChanges::Decide password_invite(const Context& context, const Principal& by, const std::string& id) {
  return [&context, by, id] {
    return context.door.accounts.invite(by, InviteKind::password, id, "", {}, context.clock.now());
  };
}

// The user is there; now the invite by which they choose a password.
void invite_new(const Context& context, const Request& request, const Responder& respond, const UserRecord& user) {
  change_accounts(context, respond, password_invite(context, *request.principal, user.id),
                  [respond, user](const accounts::Made& made) {
                    JsonWriter json;
                    json.begin_object();
                    write_members(json, user);
                    json.key("invite").begin_object();
                    write_invite(json, made);
                    json.end_object().end_object();
                    Response response = json_response(json.take());
                    response.status = 201;
                    response.headers.push_back({"ETag", etag(user.revision)});
                    response.headers.push_back({"Location", "/api/v1/users/" + user.id});
                    respond(std::move(response));
                  });
}

void create_user(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_user(request.body);
  if (!body) return respond(problem(body.error()));
  if (auto refusal = context.door.authorise.outside(request, Permission::administer, kEveryEstate)) {
    return respond(std::move(*refusal));
  }
  change_accounts(
      context, respond,
      [&context, by = *request.principal, body = *body] {
        return without_secret(
            context.door.accounts.create_user(by, {body.id, body.name, body.grants, false}, context.clock.now()));
      },
      [&context, request, respond](const accounts::Made& made) {
        invite_new(context, request, respond, made.change.put.users.front());
      });
}

// --- what may be changed only by who has seen it as it is ---

// The revision that If-Match names; none: it is no ETag of ours.
std::optional<std::uint32_t> revision_of(std::string_view tag) noexcept {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  std::uint32_t revision = 0;
  const char* end = tag.data() + tag.size() - 1;
  const auto read = std::from_chars(tag.data() + 1, end, revision);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(revision) : std::nullopt;
}

Response changed_since(std::string_view id) {
  return problem(412, "precondition_failed", fmt::format("changing user {}: it has changed since it was read", id));
}

// What refuses a change before it is decided: not seen, out of reach, no If-Match, or an old one.
std::optional<Response> refuse_change(const Context& context, const Request& request) {
  const UserRecord* user = find_user(context, request);
  if (!user) return no_such_user(request);
  if (auto refusal = outside(context, request, user->grants)) return refusal;
  const std::string_view tag = request.header("If-Match");
  if (tag.empty()) {
    return problem(428, "precondition_required",
                   fmt::format("changing user {}: expected If-Match with the ETag that was read", user->id));
  }
  if (revision_of(tag) != user->revision) return changed_since(user->id);
  return std::nullopt;
}

// Decides in its turn: by then somebody else may have changed the user.
void change_seen(const Context& context, const Request& request, const Responder& respond,
                 std::function<Result<AccountChange>(const UserRecord&)> decide,
                 std::function<void(const accounts::Made&)> then) {
  const auto revision = revision_of(request.header("If-Match"));
  const auto stale = std::make_shared<bool>(false);
  context.door.changes.run(
      [&context, id = request.arguments.front(), revision, stale,
       decide = std::move(decide)]() -> Result<accounts::Made> {
        const Users& users = context.door.accounts.users();
        const auto found = users.find(id);
        *stale = found == users.end() || found->second.revision != revision;
        if (*stale) return fail(ErrorCode::refused, "changing a user: it has changed");
        return without_secret(decide(found->second));
      },
      [respond, id = request.arguments.front(), stale, then = std::move(then)](const Result<accounts::Made>& made) {
        if (*stale) return respond(changed_since(id));
        made ? then(*made) : respond(problem(made.error()));
      });
}

void change_user(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_user_patch(request.body);
  if (!body) return respond(problem(body.error()));
  if (auto refusal = refuse_change(context, request)) return respond(std::move(*refusal));
  if (body->grants) {
    if (auto refusal = outside(context, request, *body->grants)) return respond(std::move(*refusal));
  }
  change_seen(
      context, request, respond,
      [&context, by = *request.principal, patch = *body](const UserRecord& user) {
        const accounts::UserDraft draft{user.id, patch.name.value_or(user.name), patch.grants.value_or(user.grants),
                                        patch.disabled.value_or(user.disabled)};
        return context.door.accounts.change_user(by, draft, user.revision, context.clock.now());
      },
      [respond](const accounts::Made& made) { respond(show(made.change.put.users.front())); });
}

void drop_user(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_change(context, request)) return respond(std::move(*refusal));
  change_seen(
      context, request, respond,
      [&context, by = *request.principal](const UserRecord& user) {
        return context.door.accounts.drop_user(by, user.id, context.clock.now());
      },
      [respond](const accounts::Made&) { respond(no_content()); });
}

void invite_user(const Context& context, const Request& request, const Responder& respond) {
  const UserRecord* user = find_user(context, request);
  if (!user) return respond(no_such_user(request));
  if (auto refusal = outside(context, request, user->grants)) return respond(std::move(*refusal));
  change_accounts(context, respond, password_invite(context, *request.principal, user->id),
                  [respond](const accounts::Made& made) {
                    JsonWriter json;
                    json.begin_object();
                    write_invite(json, made);
                    json.end_object();
                    respond(json_response(json.take()));
                  });
}

}  // namespace

void add_user_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::administer);
  constexpr Access kChanges = kLooks.with_pin();
  router.get("/api/v1/users", kLooks,
             [&context](const Request& request, const Responder& respond) { respond(list_users(context, request)); });
  router.post("/api/v1/users", kChanges,
              [&context](const Request& request, const Responder& respond) { create_user(context, request, respond); });
  router.get("/api/v1/users/{id}", kLooks, [&context](const Request& request, const Responder& respond) {
    const UserRecord* user = find_user(context, request);
    respond(user ? show(*user) : no_such_user(request));
  });
  router.patch("/api/v1/users/{id}", kChanges, [&context](const Request& request, const Responder& respond) {
    change_user(context, request, respond);
  });
  router.remove("/api/v1/users/{id}", kChanges,
                [&context](const Request& request, const Responder& respond) { drop_user(context, request, respond); });
  router.post("/api/v1/users/{id}:invite", kChanges,
              [&context](const Request& request, const Responder& respond) { invite_user(context, request, respond); });
}

}  // namespace firegate::api
