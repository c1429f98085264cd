#include "api/service.h"

#include <fmt/format.h>

#include "api/admission.h"
#include "api/bodies.h"
#include "api/problem.h"
#include "core/config_node.h"

namespace firegate::api {
namespace {

bool under_api(std::string_view path) noexcept { return path == "/api" || path.starts_with("/api/"); }

bool is_json(std::string_view content_type) noexcept {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return equal_ignoring_case(type.substr(0, type.find(' ')), "application/json");
}

Response method_not_allowed(std::string_view method, std::string_view path, std::string allow) {
  Response response =
      problem(405, "method_not_allowed", fmt::format("routing {}: found method {}, expected {}", path, method, allow));
  response.headers.push_back({"Allow", std::move(allow)});
  return response;
}

void add_security_headers(Response& response) {
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"X-Frame-Options", "DENY"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  if (find_header(response.headers, "Cache-Control").empty()) response.headers.push_back({"Cache-Control", "no-store"});
}

}  // namespace

Service::Service(const Context& context, metrics::Metrics& metrics, std::string id_prefix)
    : context_(context), metrics_(metrics), id_prefix_(std::move(id_prefix)) {
  add_snapshot_routes(router_, context_);
  add_alarm_routes(router_, context_);
  add_history_routes(router_, context_);
  add_device_routes(router_, context_);
  add_unmapped_routes(router_, context_);
  add_health_routes(router_, context_);
  add_reference_routes(router_, context_);
}

void Service::handle(Request request, Responder respond) {
  prepare(request);
  route(request, [this, id = request.id, respond = std::move(respond)](Response response) {
    respond(finished(std::move(response), id));
  });
}

std::optional<Response> Service::refuse_upgrade(Request request) {
  prepare(request);
  auto refusal = refuse_stranger(request, true);
  if (!refusal && request.target.substr(0, request.target.find('?')) != kLivePath) {
    refusal =
        problem(404, "not_found", fmt::format("opening a live feed: found {}, expected {}", request.target, kLivePath));
  }
  if (!refusal && !offers_subprotocol(request.header("Sec-WebSocket-Protocol"))) {
    refusal = problem(400, "bad_input",
                      fmt::format("opening the live feed: found Sec-WebSocket-Protocol \"{}\", expected {}",
                                  request.header("Sec-WebSocket-Protocol"), kSubprotocol));
  }
  if (!refusal) return std::nullopt;
  return finished(std::move(*refusal), request.id);
}

Response Service::unreadable(int status, std::string_view code, std::string_view detail) {
  Request request;
  prepare(request);
  return finished(problem(status, code, detail), request.id);
}

void Service::route(const Request& raw, const Responder& respond) const {
  if (auto refusal = refuse_stranger(raw, false)) return respond(std::move(*refusal));
  auto target = parse_target(raw.target);
  if (!target) return respond(problem(400, "bad_input", "reading the request's target: expected an absolute path"));
  Request request = raw;
  request.path = std::move(target->path);
  request.query = std::move(target->query);

  auto found = router_.find(request.method, request.path);
  if (found.handler) {
    if (request.method == "POST" && !is_json(request.header("Content-Type"))) {
      return respond(problem(415, "unsupported_media_type",
                             fmt::format("reading the body: found Content-Type \"{}\", expected application/json",
                                         request.header("Content-Type"))));
    }
    request.arguments = std::move(found.arguments);
    return (*found.handler)(request, respond);
  }
  if (!found.allow.empty()) return respond(method_not_allowed(request.method, request.path, std::move(found.allow)));
  if (under_api(request.path)) {
    return respond(problem(404, "not_found", fmt::format("looking up {}: no such path", request.path)));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return respond(method_not_allowed(request.method, request.path, "GET, HEAD"));
  }
  respond(serve_asset(context_.asset, request));
}

void Service::prepare(Request& request) {
  metrics_.http_requests.add();
  const std::string_view given = request.header("X-Request-Id");
  request.id = is_id(given) ? std::string(given) : fmt::format("{}-{}", id_prefix_, ++last_id_);
}

Response Service::finished(Response response, const std::string& request_id) const {
  if (response.status >= 500) metrics_.http_errors.add();
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
