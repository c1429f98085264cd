// What the words of the API mean: the table of classes, openapi.json, and what a GET of the live
// feed is told.
#include "api/json.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "api/routes/routes.h"

namespace firegate::api {

void add_reference_routes(Router& router, const Context&) {
  router.get("/api/v1/classes", needs(Permission::look), [](const Request&, const Responder& respond) {
    JsonWriter json;
    write_classes(json);
    respond(json_response(json.take()));
  });
  router.get("/api/openapi.json", kOpen,
             [](const Request&, const Responder& respond) { respond(json_response(std::string(openapi_json()))); });
  router.get("/api/v1/live", needs(Permission::look), [](const Request&, const Responder& respond) {
    Response response =
        problem(426, "upgrade_required", "opening the live feed: expected a WebSocket with subprotocol firegate.v1");
    response.headers.push_back({"Upgrade", "websocket"});
    respond(std::move(response));
  });
}

}  // namespace firegate::api
