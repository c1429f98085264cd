// Places: the estates and their buildings that the caller may see.
#include <string>
#include <vector>

#include "api/json_writer.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

struct Estate {
  PlaceName name;
  std::vector<PlaceName> buildings;
};

// In the order in which the places were given: each stands after the one that holds it.
std::vector<Estate> estates_of(const std::vector<PlacePtr>& places, const Scope& scope) {
  std::vector<Estate> estates;
  for (const PlacePtr& place : places) {
    if (place->estate.id.empty() || !scope.admits(place->estate.id)) continue;
    if (place->building.id.empty()) {
      estates.push_back({place->estate, {}});
    } else if (place->floor.id.empty() && place->zone.id.empty() && place->location.id.empty() && !estates.empty()) {
      estates.back().buildings.push_back(place->building);
    }
  }
  return estates;
}

Response list_estates(const Context& context, const Request& request) {
  const std::vector<PlacePtr> places = context.places ? context.places() : std::vector<PlacePtr>();
  JsonWriter json;
  json.begin_object().key("estates").begin_array();
  for (const Estate& estate : estates_of(places, request.principal->scope(Permission::look))) {
    json.begin_object().member("id", estate.name.id).member("name", estate.name.name).key("buildings").begin_array();
    for (const PlaceName& building : estate.buildings) {
      json.begin_object().member("id", building.id).member("name", building.name).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

}  // namespace

void add_place_routes(Router& router, const Context& context) {
  router.get("/api/v1/estates", needs(Permission::look),
             [&context](const Request& request, const Responder& respond) { respond(list_estates(context, request)); });
}

}  // namespace firegate::api
