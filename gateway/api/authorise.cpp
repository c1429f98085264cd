#include "api/authorise.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "accounts/grants.h"
#include "accounts/secret.h"
#include "api/cookie.h"
#include "api/problem.h"

namespace firegate::api {
namespace {

constexpr std::size_t kMaxAgentBytes = 120;  // our choice

std::string_view bearer_token(const Request& request) noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("Authorization");
  const bool bearer = header.size() > kScheme.size() && equal_ignoring_case(header.substr(0, kScheme.size()), kScheme);
  return bearer ? header.substr(kScheme.size()) : std::string_view{};
}

bool by_cookie(const Request& request) noexcept { return request.principal && !request.principal->session.empty(); }

bool changes_something(const Request& request) noexcept { return request.method != "GET" && request.method != "HEAD"; }

// Asked by this machine itself, and not by a proxy on behalf of somebody else.
bool is_this_machine(const Request& request) noexcept {
  return (request.address == "127.0.0.1" || request.address == "::1") && request.header("X-Forwarded-For").empty() &&
         request.header("Forwarded").empty();
}

}  // namespace

accounts::Caller caller_of(const Request& request) {
  return {request.local_uid ? "local" : request.address,
          std::string(request.header("User-Agent").substr(0, kMaxAgentBytes))};
}

std::optional<Response> Authorise::identify(Request& request, bool by_itself) {
  if (request.local_uid) {
    if (*request.local_uid != 0 && *request.local_uid != ::geteuid()) {
      return refused(Refusal::stranger, request, "asking by the Unix socket: expected root or the gateway's own user");
    }
    request.principal = accounts::Accounts::local(*request.local_uid == 0 ? "root" : "gateway");
    return std::nullopt;
  }
  const accounts::Caller caller = caller_of(request);
  if (!request.header("Authorization").empty()) {
    request.principal = accounts_.of_token(bearer_token(request), caller, clock_.now());
  } else if (const std::string_view secret = session_secret(request); !secret.empty()) {
    const bool acting = !by_itself && request.header(kBackgroundHeader).empty();
    request.principal = accounts_.of_session(secret, caller, acting, clock_.now(), clock_.steady_now());
  }
  return std::nullopt;
}

std::optional<Response> Authorise::refuse(const Request& request, const Access& access) {
  if (access.kind() == Access::Kind::open || access.kind() == Access::Kind::pushed) return std::nullopt;
  if (access.kind() == Access::Kind::scrape && is_this_machine(request)) return std::nullopt;
  if (!request.principal) {
    return refused(Refusal::unauthenticated, request,
                   fmt::format("{}: expected somebody who is signed in", request.path));
  }
  // What another site makes a browser send has our cookie at most, not the session's token.
  if (changes_something(request) && by_cookie(request) &&
      !accounts::same(request.header(kCsrfHeader), accounts::Accounts::csrf(session_secret(request)))) {
    return refused(Refusal::wrong_token, request,
                   fmt::format("{}: expected the session's token in {}", request.path, kCsrfHeader));
  }
  if (auto refusal = refuse_permissions(request, access)) return refusal;
  if (access.pin() && !request.principal->confirmed) {
    return refused(Refusal::pin_required, request, fmt::format("{}: expected the PIN just before", request.path));
  }
  return std::nullopt;
}

std::optional<Response> Authorise::refuse_permissions(const Request& request, const Access& access) {
  const Principal& who = *request.principal;
  if (access.kind() == Access::Kind::scrape) return outside(request, Permission::look, kEveryEstate);
  if (access.kind() != Access::Kind::permitted) return std::nullopt;
  bool asleep = false;
  for (std::size_t i = 0; i < label_count<Permission>(); ++i) {
    const auto permission = static_cast<Permission>(i);
    if (!access.admits(permission)) continue;
    if (who.may_anywhere(permission)) return std::nullopt;
    asleep = asleep || sleeps(who, permission, {});
  }
  return lacks(request, access.text(), asleep);
}

std::optional<Response> Authorise::refuse_live(const Request& request, std::string_view ticket) {
  if (auto refusal = refuse(request, needs(Permission::look))) return refusal;
  if (!by_cookie(request) || accounts_.redeem_ticket(ticket, request.principal->session, clock_.steady_now())) {
    return std::nullopt;
  }
  return refused(Refusal::wrong_ticket, request, "opening the live feed: expected a ticket of this session, used once");
}

std::optional<Response> Authorise::outside(const Request& request, Permission permission, std::string_view estate) {
  const Principal& who = *request.principal;
  if (who.may(permission, estate)) return std::nullopt;
  return lacks(request, label(permission), sleeps(who, permission, estate));
}

Response Authorise::too_many(const Request& request, std::string_view code, std::chrono::seconds retry_after) {
  count(Refusal::too_many, request);
  Response response =
      problem(429, code, fmt::format("{}: expected fewer requests, again in {} s", request.path, retry_after.count()));
  response.headers.push_back({"Retry-After", std::to_string(retry_after.count())});
  return response;
}

// Whether a role that sleeps would allow it; `estate`: empty for any.
bool Authorise::sleeps(const Principal& who, Permission permission, std::string_view estate) const {
  const auto user = who.asleep ? accounts_.users().find(who.id) : accounts_.users().end();
  if (user == accounts_.users().end()) return false;
  return std::ranges::any_of(user->second.grants, [permission, estate](const Grant& grant) {
    return accounts::sleeps(grant.role) && firegate::may(grant.role, permission) &&
           (estate.empty() || grant.covers(estate));
  });
}

Response Authorise::refused(Refusal why, const Request& request, std::string_view detail) {
  count(why, request);
  switch (why) {
    case Refusal::unauthenticated: return problem(401, label(why), detail);
    case Refusal::pin_required:
    case Refusal::password_required: return problem(403, label(why), detail);
    default: return problem(403, "forbidden", detail);
  }
}

Response Authorise::lacks(const Request& request, std::string_view permission, bool asleep) {
  if (asleep) {
    return refused(Refusal::password_required, request,
                   fmt::format("{}: permission {} sleeps, expected the password", request.path, permission));
  }
  return refused(Refusal::forbidden, request, fmt::format("{}: expected permission {}", request.path, permission));
}

}  // namespace firegate::api
