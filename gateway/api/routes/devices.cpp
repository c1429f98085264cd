// Devices as they are now, and the history of one point.
#include <algorithm>

#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

constexpr std::int64_t kDefaultPage = 200, kLargestPage = 1000;  // our choice
constexpr std::int64_t kLargestOffset = 10'000'000;

struct DeviceFilter {
  std::optional<DeviceKind> kind;
  std::optional<Presence> presence;
  std::string building, words;
  std::size_t offset = 0, limit = 0;

  bool admits(const DeviceSnapshot& snapshot) const {
    const Device& device = *snapshot.device;
    return (!kind || device.kind == *kind) && (!presence || snapshot.presence == *presence) &&
           (building.empty() || device.place->building.id == building) && (words.empty() || mentions(device));
  }

 private:
  bool mentions(const Device& device) const {
    for (const std::string* text : {&device.id, &device.name, &device.address, &device.model}) {
      const auto same = [](char a, char b) { return equal_ignoring_case({&a, 1}, {&b, 1}); };
      if (!std::ranges::search(*text, words, same).empty()) return true;
    }
    return false;
  }
};

Response show_page(std::vector<DeviceSnapshot> devices, const DeviceFilter& filter) {
  std::erase_if(devices, [&filter](const DeviceSnapshot& device) { return !filter.admits(device); });
  std::ranges::sort(devices, {},
                    [](const DeviceSnapshot& snapshot) -> const std::string& { return snapshot.device->id; });
  const std::size_t begin = std::min(filter.offset, devices.size());
  const std::size_t end = std::min(begin + filter.limit, devices.size());

  JsonWriter json;
  json.begin_object().key("devices").begin_array();
  for (std::size_t i = begin; i < end; ++i) write(json, devices[i]);
  json.end_array().member("total", devices.size()).end_object();
  return json_response(json.take());
}

void list_devices(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  DeviceFilter filter;
  filter.kind = query.choice<DeviceKind>("kind");
  filter.presence = query.choice<Presence>("presence");
  filter.building = query.text("building");
  filter.words = query.text("q");
  filter.offset = static_cast<std::size_t>(query.integer("offset", 0, 0, kLargestOffset));
  filter.limit = static_cast<std::size_t>(query.integer("limit", kDefaultPage, 1, kLargestPage));
  if (const auto error = query.finish()) return respond(problem(*error));
  context.devices.list([post = context.post, respond, filter](std::vector<DeviceSnapshot> devices) {
    post([respond, filter, devices = std::move(devices)]() mutable { respond(show_page(std::move(devices), filter)); });
  });
}

Response show(const Result<DeviceSnapshot>& device) {
  if (!device) return problem(device.error());
  JsonWriter json;
  write_with_values(json, *device);
  return json_response(json.take());
}

void show_device(const Context& context, const Request& request, const Responder& respond) {
  context.devices.one(request.arguments.front(), [post = context.post, respond](Result<DeviceSnapshot> device) {
    post([respond, device = std::move(device)] { respond(show(device)); });
  });
}

Response show_series(Point point, const std::vector<SeriesPoint>& series) {
  JsonWriter json;
  json.begin_object().member("point", name(point)).member("unit", info(point).unit).key("points").begin_array();
  for (const SeriesPoint& entry : series) {
    json.begin_object().member("at", entry.at).key("value");
    write(json, point, entry.value);
    json.member("quality", label(entry.quality)).end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void read_series(const Context& context, const Request& request, const Responder& respond) {
  constexpr std::int64_t kMostPort = std::numeric_limits<Port>::max();
  Query query(request);
  const auto point = query.point("point");
  const auto port = static_cast<Port>(query.integer("port", kNoPort, 0, kMostPort));
  const Instant to = query.instant("to").value_or(context.clock.now());
  const Instant from = query.instant("from").value_or(to - std::chrono::hours{24});
  if (!point) query.wrong("point", "", "the name of a point");
  if (from > to) query.wrong("from", to_text(from), "a time before \"to\"");
  if (const auto error = query.finish()) return respond(problem(*error));
  with_archive(context, respond,
               [device = request.arguments.front(), point = *point, port, from, to](Archive& archive) {
                 const auto series = archive.series(device, point, port, from, to);
                 return series ? show_series(point, *series) : problem(series.error());
               });
}

}  // namespace

void add_device_routes(Router& router, const Context& context) {
  router.get("/api/v1/devices",
             [&context](const Request& request, const Responder& respond) { list_devices(context, request, respond); });
  router.get("/api/v1/devices/{id}",
             [&context](const Request& request, const Responder& respond) { show_device(context, request, respond); });
  router.get("/api/v1/devices/{id}/series",
             [&context](const Request& request, const Responder& respond) { read_series(context, request, respond); });
}

}  // namespace firegate::api
