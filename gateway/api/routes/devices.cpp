// Devices as they are now, the history of one point, and the last messages as they came.
#include <fmt/format.h>

#include <algorithm>

#include "api/base64.h"
#include "api/json.h"
#include "api/natural_order.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"
#include "core/utf8.h"

namespace firegate::api {
namespace {

constexpr std::int64_t kDefaultPage = 200, kLargestPage = 1000;  // our choice
constexpr std::int64_t kLargestOffset = 10'000'000;

struct DeviceFilter {
  std::optional<DeviceKind> kind;
  std::optional<Presence> presence;
  std::string estate, building, words;
  Scope scope;
  std::string after;  // the last id of the page before
  std::size_t offset = 0, limit = 0;

  bool admits(const DeviceSnapshot& snapshot) const {
    const Device& device = *snapshot.device;
    return scope.admits(device.place->estate.id) && (!kind || device.kind == *kind) &&
           (!presence || snapshot.presence == *presence) && (estate.empty() || device.place->estate.id == estate) &&
           (building.empty() || device.place->building.id == building) && (words.empty() || mentions(device));
  }

 private:
  bool mentions(const Device& device) const {
    const Place& place = *device.place;
    for (const std::string* text : {&device.id, &device.name, &device.address, &device.model, &place.estate.name,
                                    &place.building.name, &place.floor.name, &place.zone.name, &place.location.name}) {
      const auto same = [](char a, char b) { return equal_ignoring_case({&a, 1}, {&b, 1}); };
      if (!std::ranges::search(*text, words, same).empty()) return true;
    }
    return false;
  }
};

Response show_page(const registry::Registry& registry, std::vector<DeviceSnapshot> devices, const DeviceFilter& filter) {
  std::erase_if(devices, [&filter](const DeviceSnapshot& device) { return !filter.admits(device); });
  const auto id_of = [](const DeviceSnapshot& snapshot) -> const std::string& { return snapshot.device->id; };
  std::ranges::sort(devices, natural_less, id_of);
  std::size_t begin = std::min(filter.offset, devices.size());
  if (!filter.after.empty()) {
    begin = static_cast<std::size_t>(std::ranges::upper_bound(devices, filter.after, natural_less, id_of) -
                                     devices.begin());
  }
  const std::size_t end = std::min(begin + filter.limit, devices.size());

  JsonWriter json;
  json.begin_object().key("devices").begin_array();
  for (std::size_t i = begin; i < end; ++i) write(json, devices[i], registry.facts(devices[i].device->id));
  json.end_array().member("total", devices.size()).key("next_cursor");
  end < devices.size() ? json.value(devices[end - 1].device->id) : json.null();
  json.end_object();
  return json_response(json.take());
}

// A building's id is its own within its estate only.
void read_place(Query& query, DeviceFilter& filter) {
  filter.estate = query.text("estate");
  filter.building = query.text("building");
  if (filter.estate.empty() && !filter.building.empty()) query.wrong("estate", "", "the estate of the building");
}

// A page goes on from the last id of the one before, which holds whatever comes and goes meanwhile; or it begins
// somewhere.
void read_position(Query& query, DeviceFilter& filter) {
  filter.after = query.text("cursor");
  filter.offset = static_cast<std::size_t>(query.integer("offset", 0, 0, kLargestOffset));
  filter.limit = static_cast<std::size_t>(query.integer("limit", kDefaultPage, 1, kLargestPage));
  if (!filter.after.empty() && filter.offset > 0) query.wrong("offset", "a cursor beside it", "one of the two");
}

void list_devices(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  DeviceFilter filter;
  filter.scope = request.principal->scope(Permission::look);
  filter.kind = query.choice<DeviceKind>("kind");
  filter.presence = query.choice<Presence>("presence");
  read_place(query, filter);
  filter.words = query.text("q");
  read_position(query, filter);
  if (const auto error = query.finish()) return respond(problem(*error));
  context.devices.list([&context, respond, filter](std::vector<DeviceSnapshot> devices) {
    context.post([&context, respond, filter, devices = std::move(devices)]() mutable {
      respond(show_page(context.device_desk.registry(), std::move(devices), filter));
    });
  });
}

// What the archive has of a device. Of one that has been removed only who sees every estate is told: nobody knows any
// more to which it belonged.
void with_past(const Context& context, const Request& request, const Responder& respond,
               std::function<Response(Archive&)> read) {
  if (request.principal->may(Permission::look, kEveryEstate)) return with_archive(context, respond, std::move(read));
  with_device(context, request, respond, [&context, respond, read = std::move(read)](const DeviceSnapshot&) {
    with_archive(context, respond, read);
  });
}

void show_device(const Context& context, const Request& request, const Responder& respond) {
  with_device(context, request, respond, [&context, respond](const DeviceSnapshot& device) {
    const DeviceFacts facts = context.device_desk.registry().facts(device.device->id);
    JsonWriter json;
    write_with_values(json, device, facts);
    Response response = json_response(json.take());
    if (device.device->mapped) response.headers.push_back({"ETag", etag_of(facts)});
    respond(std::move(response));
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
  with_past(context, request, respond,
            [device = request.arguments.front(), point = *point, port, from, to](Archive& archive) {
              const auto series = archive.series(device, point, port, from, to);
              return series ? show_series(point, *series) : problem(series.error());
            });
}

Response show_messages(const std::vector<RawCopy>& messages) {
  JsonWriter json;
  json.begin_object().key("messages").begin_array();
  for (const RawCopy& raw : messages) {
    const bool text = is_utf8(raw.payload);
    json.begin_object().member("at", raw.at).member("source", raw.source).member("topic", raw.topic);
    json.member("retained", raw.retained).member("bytes", raw.bytes).member("cut", raw.cut());
    json.member("payload", text ? std::optional(raw.payload) : std::nullopt);
    json.member("payload_b64", text ? std::nullopt : std::optional(to_base64(raw.payload))).end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void read_messages(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  if (const auto error = query.finish()) return respond(problem(*error));
  with_past(context, request, respond, [device = request.arguments.front()](Archive& archive) {
    const auto messages = archive.messages(device);
    return messages ? show_messages(*messages) : problem(messages.error());
  });
}

}  // namespace

void add_device_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look);
  router.get("/api/v1/devices", kLooks,
             [&context](const Request& request, const Responder& respond) { list_devices(context, request, respond); });
  router.get("/api/v1/devices/{id}", kLooks,
             [&context](const Request& request, const Responder& respond) { show_device(context, request, respond); });
  router.get("/api/v1/devices/{id}/series", kLooks,
             [&context](const Request& request, const Responder& respond) { read_series(context, request, respond); });
  router.get("/api/v1/devices/{id}/messages", kLooks, [&context](const Request& request, const Responder& respond) {
    read_messages(context, request, respond);
  });
}

}  // namespace firegate::api
