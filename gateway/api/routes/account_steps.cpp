#include "api/routes/account_steps.h"

#include <algorithm>

#include "api/cookie.h"
#include "api/json_writer.h"
#include "api/routes/account_json.h"

namespace firegate::api {
namespace {

std::optional<SessionRecord> find_session(const accounts::Accounts& accounts, std::string_view id) {
  if (id.empty()) return std::nullopt;
  for (SessionRecord& session : accounts.sessions()) {
    if (session.id == id) return std::move(session);
  }
  return std::nullopt;
}

// All that a person has been granted, awake or not; of a phone, wall or token what it may.
const std::vector<Grant>& shown_grants(const Principal& who, const UserRecord* user, const SessionRecord* session) {
  return user && session && session->kind == SessionKind::person ? user->grants : who.grants;
}

void write_user(JsonWriter& json, const accounts::Accounts& accounts, const Principal& who,
                const SessionRecord* session) {
  const auto found = accounts.users().find(who.id);
  const UserRecord* user =
      who.kind == PrincipalKind::user && found != accounts.users().end() ? &found->second : nullptr;
  json.key("user").begin_object().member("id", who.id).member("name", who.name);
  write_grants(json, shown_grants(who, user, session));
  json.member("has_pin", user && !user->pin.empty()).end_object();
  write_permissions(json, who);
}

}  // namespace

Response no_content() { return {204, "application/json", {}, {}}; }

Result<accounts::Made> without_secret(Result<AccountChange> change) {
  return std::move(change).map([](AccountChange&& made) { return accounts::Made{{}, std::move(made)}; });
}

Result<accounts::Made> as_made(Result<accounts::Opened> opened) {
  return std::move(opened).map([](accounts::Opened&& made) {
    return accounts::Made{std::move(made.secret), std::move(made.change)};
  });
}

void change_accounts(const Context& context, const Responder& respond, AccountChanges::Decide decide,
                     std::function<void(const accounts::Made&)> then) {
  context.door.changes.run(std::move(decide), [respond, then = std::move(then)](const Result<accounts::Made>& made) {
    made ? then(*made) : respond(problem(made.error()));
  });
}

std::string session_json(const Context& context, const Request& request, std::string_view secret) {
  const accounts::Accounts& accounts = context.door.accounts;
  JsonWriter json;
  json.begin_object().member("signed_in", request.principal.has_value());
  json.member("setup_needed", accounts.users().empty()).member("version", context.feed.version());
  json.member("powers_asleep", request.principal && request.principal->asleep);
  if (request.principal) {
    const Principal& who = *request.principal;
    const auto session = find_session(accounts, who.session);
    write_user(json, accounts, who, session ? &*session : nullptr);
    if (session) {
      json.member("kind", label(session->kind)).member("label", session->label);
      json.member("csrf", accounts::Accounts::csrf(secret));
      json.member("created_at", session->created_at);
      write_end(json, session->ends_at);
    }
    const std::chrono::seconds confirmed = accounts.confirmed_for(who.session, context.clock.steady_now());
    if (confirmed.count() > 0) json.member("confirmed_until", context.clock.now() + confirmed);
  }
  json.end_object();
  return json.take();
}

Response signed_in(const Context& context, Request request, std::string_view secret) {
  const accounts::Caller caller = caller_of(request);
  const Moment now = context.now();
  request.principal = context.door.accounts.of_session(secret, caller, true, now.wall, now.steady);
  if (!request.principal) return problem(401, "unauthenticated", "signing in: the session has ended at once");
  Response response{200, "application/json", {}, session_json(context, request, secret)};
  const auto session = find_session(context.door.accounts, request.principal->session);
  const bool ends = session && session->ends_at != kNever;
  const auto lasts = ends ? std::chrono::duration_cast<std::chrono::seconds>(session->ends_at - now.wall)
                          : std::chrono::seconds{kCookieOfAWall};
  response.headers.push_back(set_session_cookie(secret, lasts));
  return response;
}

Response entry_refused(const Context& context, const Request& request, const Error& error,
                       std::chrono::seconds retry_after) {
  if (error.code == ErrorCode::refused || error.code == ErrorCode::not_found) {
    context.door.authorise.count(Refusal::unauthenticated, request);
    return problem(401, "unauthenticated", error.message);
  }
  if (error.code == ErrorCode::overloaded && retry_after.count() > 0) {
    return context.door.authorise.too_many(request, "too_many_attempts", retry_after);
  }
  return problem(error);
}

}  // namespace firegate::api
