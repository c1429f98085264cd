#include "registry/places_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::registry {
namespace {

constexpr std::size_t kLongestName = 200;  // bytes (our choice)

std::string key_of(const PlacePath& path) {
  return fmt::format("{}/{}/{}/{}/{}", path.estate, path.building, path.floor, path.zone, path.location);
}

PlacePath path_of(const Place& place) {
  return {place.estate.id, place.building.id, place.floor.id, place.zone.id, place.location.id};
}

enum class Level : std::uint8_t { estate, building, floor, zone, location };
constexpr std::array<std::string_view, 5> kLists{"estates", "buildings", "floors", "zones", "locations"};

PlaceName& name_at(Place& place, Level level) {
  switch (level) {
    case Level::estate: return place.estate;
    case Level::building: return place.building;
    case Level::floor: return place.floor;
    case Level::zone: return place.zone;
    case Level::location: return place.location;
  }
  return place.location;
}

std::uint8_t parse_occupancy(const ConfigNode* list, Problems& problems) {
  std::uint8_t bits = 0;
  if (!list) return bits;
  for (const auto& item : list->items) {
    if (const auto known = from_label<Occupancy>(item->scalar)) {
      bits = static_cast<std::uint8_t>(bits | (1u << static_cast<unsigned>(*known)));
      continue;
    }
    const auto& words = Labels<Occupancy>::list;
    std::string message = fmt::format("found \"{}\", expected any of {}", item->scalar, fmt::join(words, ", "));
    if (const auto near = nearest(item->scalar, words); !near.empty())
      message += fmt::format("; did you mean \"{}\"", near);
    problems.add(ProblemCode::E108_not_in_list, item->at, item->path, std::move(message));
  }
  return bits;
}

// Reads the tree from the top; every place is noted before what it holds.
class TreeReader {
 public:
  explicit TreeReader(Problems& problems) : problems_(problems) {}

  std::vector<PlacePtr> read(const ConfigNode& root) {
    MapReader reader(root, problems_);
    if (const ConfigNode* estates = reader.list("estates", true)) children(*estates, Level::estate, Place{});
    if (reader.ok()) reader.finish();
    return std::move(places_);
  }

 private:
  void children(const ConfigNode& list, Level level, const Place& parent) {
    boost::unordered_flat_map<std::string, const ConfigNode*> seen;
    for (const auto& item : list.items) {
      const std::string id = one(*item, level, parent);
      if (id.empty()) continue;
      const auto [first, is_new] = seen.emplace(id, item->find("id"));
      if (is_new) continue;
      const ConfigNode& at = *item->find("id");
      problems_.add(ProblemCode::E109_duplicate_id, at.at, at.path,
                    fmt::format("\"{}\" stands here a second time, first at {}:{}", id, first->second->at.line,
                                first->second->at.column));
    }
  }

  // Reads one place and what it holds; its id, empty where that cannot be used.
  std::string one(const ConfigNode& node, Level level, const Place& parent) {
    Place place = parent;
    MapReader reader(node, problems_);
    if (!reader.ok()) return {};
    PlaceName& name = name_at(place, level);
    name.id = reader.text("id");
    name.name = reader.text("name");
    check_id(reader, name);
    place.occupancy =
        static_cast<std::uint8_t>(parent.occupancy | parse_occupancy(reader.list("occupancy"), problems_));
    if (!name.id.empty()) places_.push_back(std::make_shared<const Place>(place));
    if (level != Level::location) {
      const auto next = static_cast<Level>(static_cast<int>(level) + 1);
      if (const ConfigNode* list = reader.list(kLists[static_cast<std::size_t>(next)])) children(*list, next, place);
    }
    reader.finish();
    return name_at(place, level).id;
  }

  static void check_id(MapReader& reader, PlaceName& name) {
    if (reader.has("name") && (name.name.empty() || name.name.size() > kLongestName)) {
      reader.wrong("name", ProblemCode::E107_out_of_range,
                   fmt::format("expected a name of 1 to {} bytes", kLongestName));
    }
    if (!reader.has("id") || is_id(name.id)) return;
    reader.wrong("id", ProblemCode::E111_bad_id,
                 fmt::format("found \"{}\", expected 1 to 64 of A-Z a-z 0-9 _ -", name.id));
    name.id.clear();
  }

  Problems& problems_;
  std::vector<PlacePtr> places_;
};

}  // namespace

Places::Places(std::vector<PlacePtr> places) : places_(std::move(places)) {
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    PlacePath path = path_of(*places_[i]);
    by_path_[key_of(path)].push_back(i);
    if (path.zone.empty()) continue;
    PlacePath without_floor = path;
    without_floor.floor = {};
    if (!path.floor.empty()) by_path_[key_of(without_floor)].push_back(i);
    if (path.location.empty()) continue;
    PlacePath without_zone = path;
    without_zone.zone = {};
    by_path_[key_of(without_zone)].push_back(i);
    without_floor.zone = {};
    if (!path.floor.empty()) by_path_[key_of(without_floor)].push_back(i);
  }
}

PlacePtr Places::find(const PlacePath& path) const {
  const auto found = by_path_.find(key_of(path));
  if (found == by_path_.end() || found->second.size() != 1) return nullptr;
  return places_[found->second.front()];
}

std::vector<std::string_view> Places::below(const PlacePath& path) const {
  std::vector<std::string_view> ids;
  for (const PlacePtr& place : places_) {
    if (path.estate.empty()) {
      if (place->building.id.empty()) ids.push_back(place->estate.id);
    } else if (place->estate.id != path.estate) {
      continue;
    } else if (path.building.empty()) {
      if (place->floor.id.empty() && !place->building.id.empty()) ids.push_back(place->building.id);
    } else if (place->building.id != path.building || (!path.floor.empty() && place->floor.id != path.floor)) {
      continue;
    } else if (!path.zone.empty()) {
      if (place->zone.id == path.zone && !place->location.id.empty()) ids.push_back(place->location.id);
    } else if (path.floor.empty()) {
      if (place->zone.id.empty() && !place->floor.id.empty()) ids.push_back(place->floor.id);
    } else if (place->location.id.empty() && !place->zone.id.empty()) {
      ids.push_back(place->zone.id);
    }
  }
  return ids;
}

Places parse_places(const ConfigNode& root, Problems& problems) {
  if (root.type == ConfigNode::Type::null) return Places{};
  return Places(TreeReader(problems).read(root));
}

}  // namespace firegate::registry
