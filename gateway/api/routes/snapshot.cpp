#include "api/routes/routes.h"

namespace firegate::api {

void add_snapshot_routes(Router& router, const Context& context) {
  router.get("/api/v1/snapshot", needs(Permission::look), [&context](const Request& request, const Responder& respond) {
    respond(json_response(context.feed.snapshot(request.principal->scope(Permission::look), context.now())));
  });
}

}  // namespace firegate::api
