#include "api/service.h"

#include <fmt/format.h>

#include "api/admission.h"
#include "api/bodies.h"
#include "api/device_bodies.h"
#include "api/gzip.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/rule_use.h"
#include "core/config_node.h"

namespace firegate::api {
namespace {

bool under_api(std::string_view path) noexcept { return path == "/api" || path.starts_with("/api/"); }

bool is_type(std::string_view content_type, std::string_view expected) noexcept {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return equal_ignoring_case(type.substr(0, type.find(' ')), expected);
}

Response method_not_allowed(std::string_view method, std::string_view path, std::string allow) {
  Response response =
      problem(405, "method_not_allowed", fmt::format("routing {}: found method {}, expected {}", path, method, allow));
  response.headers.push_back({"Allow", std::move(allow)});
  return response;
}

std::optional<Response> refuse_type(const Request& request, std::span<const std::string_view> expected) {
  const std::string_view found = request.header("Content-Type");
  if (std::ranges::any_of(expected, [found](std::string_view one) { return is_type(found, one); })) return std::nullopt;
  return problem(415, "unsupported_media_type",
                 fmt::format("reading the body: found Content-Type \"{}\", expected {}", found, fmt::join(expected, ", ")));
}

// Fills in path and query.
std::optional<Response> read_target(Request& request) {
  auto target = parse_target(request.target);
  if (!target) return problem(400, "bad_input", "reading the request's target: expected an absolute path");
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  return std::nullopt;
}

void add_security_headers(Response& response) {
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"X-Frame-Options", "DENY"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  if (find_header(response.headers, "Cache-Control").empty()) response.headers.push_back({"Cache-Control", "no-store"});
}

constexpr std::size_t kPackFrom = 8 * 1024;     // bytes; our choice: below, a packet or two are not worth it
constexpr std::size_t kPackAside = 256 * 1024;  // from here on a job thread packs; below it takes 1 ms

bool pays_to_pack(const Response& response) {
  return response.status == 200 && response.body.size() >= kPackFrom &&
         (response.content_type == "application/json" || response.content_type.starts_with("text/csv")) &&
         find_header(response.headers, "ETag").empty();
}

Response packed_body(Response response) {
  auto body = gzip(response.body);
  if (!body) return response;
  response.body = std::move(*body);
  response.headers.push_back({"Content-Encoding", "gzip"});
  return response;
}

}  // namespace

Service::Service(const Context& context, metrics::Metrics& metrics, std::string id_prefix)
    : context_(context), metrics_(metrics), id_prefix_(std::move(id_prefix)) {
  add_snapshot_routes(router_, context_);
  add_alarm_routes(router_, context_);
  add_history_routes(router_, context_);
  add_device_routes(router_, context_);
  add_device_act_routes(router_, context_);
  add_device_command_routes(router_, context_);
  add_device_table_routes(router_, context_);
  add_picture_routes(router_, context_);
  add_place_routes(router_, context_);
  add_unmapped_routes(router_, context_);
  add_health_routes(router_, context_);
  add_reference_routes(router_, context_);
  add_rule_routes(router_, context_);
  add_rule_trial_routes(router_, context_);
  add_session_routes(router_, context_);
  add_entry_routes(router_, context_);
  add_account_routes(router_, context_);
  add_user_routes(router_, context_);
  add_session_list_routes(router_, context_);
  add_token_routes(router_, context_);
  add_journal_routes(router_, context_);
  add_certificate_routes(router_, context_);
  add_push_routes(router_, context_);
}

void Service::handle(Request request, Responder respond) {
  prepare(request);
  const std::string id = request.id;
  route(std::move(request),
        [this, id, respond = std::move(respond)](Response response) { respond(finished(std::move(response), id)); });
}

tl::expected<Watcher, Response> Service::admit_upgrade(Request request) {
  prepare(request);
  auto refusal = refuse_upgrade(request);
  if (refusal) return tl::unexpected<Response>(finished(std::move(*refusal), request.id));
  return context_.door.watcher(*request.principal);
}

std::optional<Response> Service::refuse_upgrade(Request& request) const {
  if (auto refusal = stranger(request, true)) return refusal;
  if (auto refusal = read_target(request)) return refusal;
  if (request.path != kLivePath) {
    return problem(404, "not_found",
                   fmt::format("opening a live feed: found {}, expected {}", request.path, kLivePath));
  }
  const std::string_view offered = request.header("Sec-WebSocket-Protocol");
  if (!offers_subprotocol(offered)) {
    return problem(
        400, "bad_input",
        fmt::format("opening the live feed: found Sec-WebSocket-Protocol \"{}\", expected {}", offered, kSubprotocol));
  }
  if (auto refusal = context_.door.authorise.identify(request, true)) return refusal;
  return context_.door.authorise.refuse_live(request, Query(request).text("ticket"));
}

Response Service::unreadable(int status, std::string_view code, std::string_view detail) {
  Request request;
  prepare(request);
  return finished(problem(status, code, detail), request.id);
}

void Service::route(Request request, const Responder& respond) const {
  if (auto refusal = stranger(request, false)) return respond(std::move(*refusal));
  if (auto refusal = read_target(request)) return respond(std::move(*refusal));
  auto found = router_.find(request.method, request.path);
  if (!found.route) return respond(unrouted(request, std::move(found.allow)));
  request.arguments = std::move(found.arguments);
  if (auto refusal = refuse(request, *found.route)) return respond(std::move(*refusal));
  call(*found.route, request, packed(*found.route, request, respond));
}

// Lists and tables go to whoever takes them compressed. What two readers of one length could guess from a secret
// (BREACH) is not there: only reading routes that ask for a permission are packed, none of which has a secret in its
// answer. Tokens, invites and the session's token stand in answers to POST and in GET /session, which are never packed;
// and no foreign page can make a browser ask with its cookie (SameSite=Strict).
Responder Service::packed(const Route& route, const Request& request, const Responder& respond) const {
  if (route.method != "GET" || route.access.kind() != Access::Kind::permitted) return respond;
  return [this, respond, taken = accepts_gzip(request.header("Accept-Encoding"))](Response response) {
    if (!pays_to_pack(response)) return respond(std::move(response));
    response.headers.push_back({"Vary", "Accept-Encoding"});
    if (!taken) return respond(std::move(response));
    if (response.body.size() < kPackAside) return respond(packed_body(std::move(response)));
    const auto kept = std::make_shared<Response>(std::move(response));
    const bool queued = context_.archive([respond, kept](Archive*) { respond(packed_body(std::move(*kept))); });
    if (!queued) respond(std::move(*kept));
  };
}

// In this order: who asks, how often, whether they may, and only then what they say.
std::optional<Response> Service::refuse(Request& request, const Route& route) const {
  Door& door = context_.door;
  if (route.access.kind() == Access::Kind::pushed) return door.refuse_hasty_push(request);
  if (auto refusal = door.authorise.identify(request, false)) return refusal;
  if (auto refusal = door.refuse_haste(request)) return refusal;
  if (auto refusal = door.authorise.refuse(request, route.access)) return refusal;
  const bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_body && takes_picture(request.method, request.path)) return refuse_type(request, Labels<PictureType>::list);
  const std::string_view expected = takes_table(request.method, request.path) ? "text/csv" : "application/json";
  return has_body ? refuse_type(request, {&expected, 1}) : std::nullopt;
}

// A POST with a key happens once, however often it is sent.
void Service::call(const Route& route, const Request& request, const Responder& respond) const {
  const std::string_view key = request.header("Idempotency-Key");
  if (key.empty() || request.method != "POST" || !request.principal) return route.handler(request, respond);
  if (!Idempotency::is_key(key)) {
    return respond(problem(
        400, "bad_input",
        fmt::format("reading Idempotency-Key: expected 1 to {} printable characters", Idempotency::kMaxKeyBytes)));
  }
  if (auto answered = context_.door.idempotency.begin(request, key, context_.clock.steady_now())) {
    return respond(std::move(*answered));
  }
  route.handler(request, [this, request, key = std::string(key), respond](Response response) {
    context_.post([this, request, key, respond, response = std::move(response)] {
      context_.door.idempotency.finish(request, key, response);
      respond(response);
    });
  });
}

Response Service::unrouted(const Request& request, std::string allow) const {
  if (!allow.empty()) return method_not_allowed(request.method, request.path, std::move(allow));
  if (under_api(request.path)) {
    return problem(404, "not_found", fmt::format("looking up {}: no such path", request.path));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return method_not_allowed(request.method, request.path, "GET, HEAD");
  }
  return serve_asset(context_.asset, request);
}

std::optional<Response> Service::stranger(const Request& request, bool upgrade) const {
  const std::span<const std::string> names =
      context_.reach ? std::span(context_.reach->names) : std::span<const std::string>();
  auto refusal = refuse_stranger(request, upgrade, names);
  if (!refusal) return std::nullopt;
  metrics_.http_refused[metrics::HttpRefusal::stranger].add();
  context_.door.authorise.count(Refusal::stranger, request);
  return refusal;
}

void Service::prepare(Request& request) {
  metrics_.http_requests.add();
  const std::string_view given = request.header("X-Request-Id");
  request.id = is_id(given) ? std::string(given) : fmt::format("{}-{}", id_prefix_, ++last_id_);
}

Response Service::finished(Response response, const std::string& request_id) const {
  if (response.status >= 500) metrics_.http_errors.add();
  if (response.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});  // RFC 9110, section 15.5.2
  name_request(response, request_id);
  response.headers.push_back({"X-Request-Id", request_id});
  add_security_headers(response);
  return response;
}

bool offers_subprotocol(std::string_view header) noexcept {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    std::string_view word = header.substr(0, comma);
    word.remove_prefix(std::min(word.find_first_not_of(" \t"), word.size()));
    word = word.substr(0, word.find_first_of(" \t"));
    if (word == kSubprotocol) return true;
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
  }
  return false;
}

}  // namespace firegate::api
