// What came in and belongs to nobody: devices that are in no list, messages that could not be read. An installer adopts
// a device, or says why it is to be left alone.
#include <fmt/format.h>

#include "api/device_bodies.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"
#include "registry/tray_key.h"

namespace firegate::api {
namespace {

using Ignored = std::map<DeviceAddress, IgnoredDevice>;

DeviceAddress address_of(const Unmapped& seen) { return {seen.source, seen.format, seen.address}; }

Ignored ignored_now(const Context& context) {
  Ignored ignored;
  for (IgnoredDevice& one : context.device_desk.registry().ignored()) {
    DeviceAddress address = one.address;
    ignored.emplace(std::move(address), std::move(one));
  }
  return ignored;
}

// One that was ignored and has not spoken since the start.
Unmapped silent(const IgnoredDevice& ignored) {
  Unmapped seen;
  seen.source = ignored.address.source;
  seen.format = ignored.address.format;
  seen.address = ignored.address.address;
  seen.id = fmt::format("?{}/{}", seen.format, seen.address);
  seen.first_heard = seen.last_heard = ignored.at;
  return seen;
}

Response list_unmapped(const Context& context, const Request& request) {
  Query query(request);
  const bool want_ignored = query.boolean("ignored").value_or(false);
  if (const auto error = query.finish()) return problem(*error);
  Ignored ignored = ignored_now(context);
  JsonWriter json;
  json.begin_object().key("devices").begin_array();
  for (const Unmapped& seen : context.tray.unmapped()) {
    const auto mark = ignored.find(address_of(seen));
    if ((mark != ignored.end()) != want_ignored) continue;
    write(json, seen, mark == ignored.end() ? nullptr : &mark->second);
    if (mark != ignored.end()) ignored.erase(mark);
  }
  if (want_ignored) {
    for (const auto& [address, one] : ignored) write(json, silent(one), &one);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response list_rejected(const Context& context) {
  JsonWriter json;
  json.begin_object().key("samples");
  write_list(json, context.tray.rejected());
  json.end_object();
  return json_response(json.take());
}

Response no_such_entry() {
  return problem(404, "not_found", "looking up a device of the tray: found a key that is none of ours");
}

void adopt(const Context& context, const Request& request, const Responder& respond) {
  auto address = registry::address_of_key(request.arguments.front());
  if (!address) return respond(no_such_entry());
  auto wanted = read_adoption(request.body);
  if (!wanted) return respond(problem(wanted.error()));
  if (auto refusal = context.door.authorise.outside(request, Permission::map_devices, wanted->place.estate)) {
    return respond(std::move(*refusal));
  }
  wanted->address = std::move(*address);
  with_devices_desk(
      context, respond,
      [&context, respond, wanted = std::move(*wanted), order = order_of(context, request)](DeviceDesk& desk) {
        const auto adopted = desk.registry().adopt(wanted, order);
        if (!adopted) return respond(device_problem(adopted.error()));
        answer_device(context, respond, (*adopted)->id, 201);
      });
}

// The entry with its mark, as it is now.
Response entry_of(const Context& context, const DeviceAddress& address) {
  const Ignored ignored = ignored_now(context);
  const auto mark = ignored.find(address);
  const IgnoredDevice* one = mark == ignored.end() ? nullptr : &mark->second;
  JsonWriter json;
  for (const Unmapped& seen : context.tray.unmapped()) {
    if (address_of(seen) != address) continue;
    write(json, seen, one);
    return json_response(json.take());
  }
  IgnoredDevice unheard;
  unheard.address = address;
  unheard.at = context.clock.now();
  write(json, silent(one ? *one : unheard), one);
  return json_response(json.take());
}

void mark(const Context& context, const Request& request, const Responder& respond, bool ignore) {
  const auto address = registry::address_of_key(request.arguments.front());
  if (!address) return respond(no_such_entry());
  const auto reason = ignore ? read_reason(request.body) : Result<std::string>(std::string());
  if (!reason) return respond(problem(reason.error()));
  with_devices_desk(
      context, respond,
      [&context, respond, ignore, address = *address, order = order_of(context, request, *reason)](DeviceDesk& desk) {
        const auto done = ignore ? desk.registry().ignore(address, order) : desk.registry().heed(address, order);
        respond(done ? entry_of(context, address) : device_problem(done.error()));
      });
}

}  // namespace

void add_unmapped_routes(Router& router, const Context& context) {
  constexpr Access kMaps = needs(Permission::map_devices);
  router.get("/api/v1/unmapped", kMaps, [&context](const Request& request, const Responder& respond) {
    respond(list_unmapped(context, request));
  });
  router.post("/api/v1/unmapped/{key}:adopt", kMaps,
              [&context](const Request& request, const Responder& respond) { adopt(context, request, respond); });
  router.post("/api/v1/unmapped/{key}:ignore", kMaps,
              [&context](const Request& request, const Responder& respond) { mark(context, request, respond, true); });
  router.post("/api/v1/unmapped/{key}:heed", kMaps,
              [&context](const Request& request, const Responder& respond) { mark(context, request, respond, false); });
  router.get("/api/v1/rejected", kMaps,
             [&context](const Request&, const Responder& respond) { respond(list_rejected(context)); });
}

}  // namespace firegate::api
