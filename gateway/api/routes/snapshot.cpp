#include "api/routes/routes.h"

namespace firegate::api {

void add_snapshot_routes(Router& router, const Context& context) {
  router.get("/api/v1/snapshot", [&context](const Request&, const Responder& respond) {
    respond(json_response(context.feed.snapshot(context.now())));
  });
}

}  // namespace firegate::api
