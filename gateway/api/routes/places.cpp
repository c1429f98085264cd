// Places: the estates that the caller may see, down to the room.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "api/json_writer.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

// A place with what lies right below it.
struct Node {
  PlaceName name;
  std::vector<Node> below;
};

constexpr std::array kLevels{&Place::estate, &Place::building, &Place::floor, &Place::zone, &Place::location};
constexpr std::array<std::string_view, 5> kListOf{"estates", "buildings", "floors", "zones", "locations"};

// The place's own level: the lowest that has an id.
std::size_t level_of(const Place& place) {
  std::size_t level = kLevels.size() - 1;
  while (level > 0 && (place.*kLevels[level]).id.empty()) --level;
  return level;
}

// In the order in which the places were given: each stands after the one that holds it, and before the next beside it.
std::vector<Node> tree_of(const std::vector<PlacePtr>& places, const Scope& scope) {
  std::vector<Node> estates;
  for (const PlacePtr& place : places) {
    if (place->estate.id.empty() || !scope.admits(place->estate.id)) continue;
    const std::size_t own = level_of(*place);
    std::vector<Node>* list = &estates;
    for (std::size_t level = 0; level < own && list; ++level) {
      const std::string& id = (place.get()->*kLevels[level]).id;
      const auto holder =
          std::find_if(list->rbegin(), list->rend(), [&id](const Node& node) { return node.name.id == id; });
      list = holder == list->rend() ? nullptr : &holder->below;
    }
    if (list) list->push_back({place.get()->*kLevels[own], {}});
  }
  return estates;
}

void write_nodes(JsonWriter& json, const std::vector<Node>& nodes, std::size_t level) {
  json.key(kListOf[level]).begin_array();
  for (const Node& node : nodes) {
    json.begin_object().member("id", node.name.id).member("name", node.name.name);
    if (level + 1 < kListOf.size()) write_nodes(json, node.below, level + 1);
    json.end_object();
  }
  json.end_array();
}

Response list_estates(const Context& context, const Request& request) {
  const std::vector<PlacePtr> places = context.places ? context.places() : std::vector<PlacePtr>();
  JsonWriter json;
  json.begin_object();
  write_nodes(json, tree_of(places, request.principal->scope(Permission::look)), 0);
  json.end_object();
  return json_response(json.take());
}

}  // namespace

void add_place_routes(Router& router, const Context& context) {
  router.get("/api/v1/estates", needs(Permission::look),
             [&context](const Request& request, const Responder& respond) { respond(list_estates(context, request)); });
}

}  // namespace firegate::api
