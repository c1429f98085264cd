// How the gateway itself is: for people (/health), for service managers (/healthz, /readyz), for Prometheus (/metrics).
#include "api/json.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

Response readiness(const Health& health) {
  JsonWriter json;
  json.begin_object().member("ready", health.ok()).key("reasons").begin_array();
  for (const Health::Part& part : health.parts) {
    if (!part.ok) json.value(part.name + ": " + part.detail);
  }
  json.end_array().end_object();
  Response response = json_response(json.take());
  if (!health.ok()) {
    response.status = 503;
    response.headers.push_back({"Retry-After", "5"});
  }
  return response;
}

}  // namespace

void add_health_routes(Router& router, const Context& context) {
  router.get("/api/v1/health", needs(Permission::look), [&context](const Request&, const Responder& respond) {
    respond(json_response(to_json(context.health.health())));
  });
  router.get("/healthz", kOpen,
             [](const Request&, const Responder& respond) { respond(json_response(R"({"alive":true})")); });
  router.get("/readyz", kOpen,
             [&context](const Request&, const Responder& respond) { respond(readiness(context.health.health())); });
  router.get("/metrics", kScrape, [&context](const Request&, const Responder& respond) {
    std::string text = context.metrics.exposition();
    if (context.commands) text += context.commands->exposition();
    respond({200, "text/plain; version=0.0.4; charset=utf-8", {}, std::move(text)});
  });
}

}  // namespace firegate::api
