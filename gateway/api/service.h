// Service: the API without sockets: request in, answer out. Admission, routing, the order of the checks, the headers
// every answer carries, the request's id and the counters stand here. Web thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "api/http.h"
#include "api/router.h"
#include "api/routes/routes.h"

namespace firegate::api {

class Service {
 public:
  // `id_prefix`: begins the ids of requests; random for each start.
  Service(const Context& context, metrics::Metrics& metrics, std::string id_prefix);

  // Answers once, on any thread, maybe later. HEAD has the body of GET; whoever writes it leaves it out.
  void handle(Request request, Responder respond);
  // For a request to become a live feed: who it will be, or the refusal.
  tl::expected<Watcher, Response> admit_upgrade(Request request);
  // For a request that could not be read at all.
  Response unreadable(int status, std::string_view code, std::string_view detail);

  const Router& router() const noexcept { return router_; }

 private:
  void route(Request request, const Responder& respond) const;
  std::optional<Response> refuse(Request& request, const Route& route) const;
  void call(const Route& route, const Request& request, const Responder& respond) const;
  Responder packed(const Route& route, const Request& request, const Responder& respond) const;
  Response unrouted(const Request& request, std::string allow) const;
  std::optional<Response> refuse_upgrade(Request& request) const;
  std::optional<Response> stranger(const Request& request, bool upgrade) const;
  void prepare(Request& request);
  Response finished(Response response, const std::string& request_id) const;

  const Context& context_;
  metrics::Metrics& metrics_;
  std::string id_prefix_;
  std::uint64_t last_id_ = 0;
  Router router_;
};

constexpr std::string_view kLivePath = "/api/v1/live";
constexpr std::string_view kSubprotocol = "firegate.v1";
bool offers_subprotocol(std::string_view header) noexcept;  // a Sec-WebSocket-Protocol list

}  // namespace firegate::api
