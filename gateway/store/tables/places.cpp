#include "store/tables/places.h"

#include <map>

namespace firegate::store::places {
namespace {

constexpr std::size_t kLevels = 5;
using Path = std::array<std::string, kLevels>;  // ids from the estate down
constexpr std::array kLevelNames{&Place::estate, &Place::building, &Place::floor, &Place::zone, &Place::location};

Path path_of(const Place& place) {
  Path path;
  for (std::size_t i = 0; i < kLevels; ++i) path[i] = (place.*kLevelNames[i]).id;
  return path;
}

// The place's own level: the lowest that has an id.
std::size_t level_of(const Path& path) {
  std::size_t level = kLevels - 1;
  while (level > 0 && path[level].empty()) --level;
  return level;
}

void bind_path(Query& query, const Path& path) {
  for (const std::string& id : path) query.bind(id);
}

Path read_path(Query& query) {
  Path path;
  for (std::string& id : path) id = query.text();
  return path;
}

Result<void> insert_place(Database& database, const Place& place, std::size_t position) {
  const Path path = path_of(place);
  auto query = database.query(
      "INSERT INTO places (estate, building, floor, zone, location, name, occupancy, position) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  bind_path(query, path);
  return query.bind((place.*kLevelNames[level_of(path)]).name, place.occupancy, static_cast<std::uint64_t>(position))
      .run();
}

Result<void> save_disablement(Database& database, const Device& device) {
  if (!device.disablement) return database.query("DELETE FROM disablements WHERE device = ?").bind(device.id).run();
  return database.query("INSERT OR REPLACE INTO disablements (device, until, by, reason) VALUES (?, ?, ?, ?)")
      .bind(device.id, device.disablement->until, device.disablement->by, device.disablement->reason)
      .run();
}

using PlacesByPath = std::map<Path, PlacePtr>;

// The place that holds the one at `path`: the nearest level above that is known.
const Place* holder_of(Path path, const PlacesByPath& known) {
  for (std::size_t level = level_of(path); level > 0; --level) {
    path[level].clear();
    if (const auto found = known.find(path); found != known.end()) return found->second.get();
  }
  return nullptr;
}

// The place of a row: names of the levels above come from the place that holds it.
PlacePtr place_from_row(const Path& path, std::string name, std::uint8_t occupancy, const PlacesByPath& known) {
  const Place* holder = holder_of(path, known);
  const auto place = std::make_shared<Place>(holder ? *holder : Place{});
  for (std::size_t i = 0; i < kLevels; ++i) ((*place).*kLevelNames[i]).id = path[i];
  ((*place).*kLevelNames[level_of(path)]).name = std::move(name);
  place->occupancy = occupancy;
  return place;
}

Result<PlacesByPath> load_places(Database& database, std::vector<PlacePtr>& into) {
  PlacesByPath known;
  auto query =
      database.query("SELECT estate, building, floor, zone, location, name, occupancy FROM places ORDER BY position");
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return known;
    const Path path = read_path(query);
    std::string name = query.text();
    const auto occupancy = static_cast<std::uint8_t>(query.integer());
    into.push_back(place_from_row(path, std::move(name), occupancy, known));
    known.emplace(path, into.back());
  }
}

Device read_device(Query& query, const PlacesByPath& known) {
  Device device;
  device.id = query.text();
  device.kind = enum_from_stored<DeviceKind>(query.text());
  for (auto* field : {&device.source, &device.format, &device.address, &device.model, &device.name, &device.note}) {
    *field = query.text();
  }
  device.interval = Millis{query.integer()};
  const Path path = read_path(query);
  const auto place = known.find(path);
  device.place = place == known.end() ? place_from_row(path, {}, 0, known) : place->second;
  if (const auto until = query.maybe_instant()) {
    std::string by = query.text();
    device.disablement = std::make_shared<Disablement>(Disablement{*until, std::move(by), query.text()});
  }
  return device;
}

Result<void> load_devices(Database& database, const PlacesByPath& known, std::vector<Device>& into) {
  auto query = database.query(
      "SELECT d.id, d.kind, d.source, d.format, d.address, d.model, d.name, d.note, d.interval_ms, d.estate, "
      "d.building, d.floor, d.zone, d.location, x.until, x.by, x.reason FROM devices d LEFT JOIN disablements x ON "
      "x.device = d.id ORDER BY d.position, d.id");
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return {};
    into.push_back(read_device(query, known));
  }
}

}  // namespace

Result<void> replace_all(Transaction& transaction, const Places& places) {
  Database& database = transaction.database();
  for (const std::string_view sql : {"DELETE FROM places", "DELETE FROM devices", "DELETE FROM disablements"}) {
    if (auto emptied = database.query(sql).run(); !emptied) return emptied;
  }
  for (std::size_t i = 0; i < places.places.size(); ++i) {
    if (auto added = insert_place(database, *places.places[i], i); !added) return added;
  }
  for (const Device& device : places.devices) {
    if (auto added = save_device(transaction, device); !added) return added;
  }
  return {};
}

Result<void> save_device(Transaction& transaction, const Device& device) {
  Database& database = transaction.database();
  auto query = database.query(
      "INSERT INTO devices (id, kind, source, format, address, model, name, note, interval_ms, estate, building, "
      "floor, "
      "zone, location, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) "
      "+ "
      "1 FROM devices)) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, source = excluded.source, format = "
      "excluded.format, address = excluded.address, model = excluded.model, name = excluded.name, note = "
      "excluded.note, "
      "interval_ms = excluded.interval_ms, estate = excluded.estate, building = excluded.building, floor = "
      "excluded.floor, zone = excluded.zone, location = excluded.location");
  query.bind(device.id, label(device.kind), device.source, device.format, device.address, device.model, device.name,
             device.note, static_cast<std::int64_t>(device.interval.count()));
  bind_path(query, device.place ? path_of(*device.place) : Path{});
  if (auto saved = query.run(); !saved) return saved;
  return save_disablement(database, device);
}

Result<Places> load(Database& database) {
  Places all;
  const auto known = load_places(database, all.places);
  if (!known) return tl::unexpected(known.error());
  if (auto loaded = load_devices(database, *known, all.devices); !loaded) return tl::unexpected(loaded.error());
  return all;
}

}  // namespace firegate::store::places
