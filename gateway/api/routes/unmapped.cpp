// What came in and belongs to nobody: devices that are in no list, messages that could not be read.
#include "api/json.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

template <typename List>
Response show(std::string_view name, const List& list) {
  JsonWriter json;
  json.begin_object().key(name);
  write_list(json, list);
  json.end_object();
  return json_response(json.take());
}

}  // namespace

void add_unmapped_routes(Router& router, const Context& context) {
  router.get("/api/v1/unmapped", needs(Permission::map_devices), [&context](const Request&, const Responder& respond) {
    respond(show("devices", context.tray.unmapped()));
  });
  router.get("/api/v1/rejected", needs(Permission::map_devices), [&context](const Request&, const Responder& respond) {
    respond(show("samples", context.tray.rejected()));
  });
}

}  // namespace firegate::api
