// What people do to a device: change, replace, disable, test, take out of service; and what was done.
#include <fmt/format.h>

#include <charconv>

#include "accounts/words.h"
#include "api/device_bodies.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"
#include "core/utf8.h"
#include "registry/tray_key.h"
#include "registry/unmapped.h"

namespace firegate::api {
namespace {

constexpr std::size_t kMostChanges = 200, kMostTests = 100;  // our choice

template <typename Number>
std::optional<Number> number_in(std::string_view text) noexcept {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

// The revision that If-Match names; none: it is no ETag of ours.
std::optional<std::uint32_t> revision_of(std::string_view tag) noexcept {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  return number_in<std::uint32_t>(tag.substr(1, tag.size() - 2));
}

using Work = std::function<registry::Answer<DevicePtr>(registry::Registry&, const std::string& id)>;

// Does it on the desk's thread, then answers with the device as it is by then.
void change_on_desk(const Context& context, const Responder& respond, const std::string& id, Work work) {
  with_devices_desk(context, respond, [&context, respond, id, work = std::move(work)](DeviceDesk& desk) {
    const auto done = work(desk.registry(), id);
    if (!done) return respond(device_problem(done.error()));
    answer_device(context, respond, id);
  });
}

// --- change and move ---

void change(const Context& context, const Request& request, const Responder& respond) {
  auto patch = read_device_patch(request.body);
  if (!patch) return respond(problem(patch.error()));
  with_own_device(
      context, request, respond, [&context, request, respond, patch = std::move(*patch)](const DeviceSnapshot& device) {
        const std::string& id = device.device->id;
        const std::string_view tag = request.header("If-Match");
        if (tag.empty()) {
          return respond(problem(428, "precondition_required",
                                 fmt::format("changing device {}: expected If-Match with the ETag that was read", id)));
        }
        const auto revision = revision_of(tag);
        if (!revision) {
          return respond(problem(412, "precondition_failed",
                                 fmt::format("changing device {}: it has changed since it was read", id)));
        }
        if (patch.place) {
          if (auto refusal = context.door.authorise.outside(request, Permission::map_devices, patch.place->estate)) {
            return respond(std::move(*refusal));
          }
        }
        change_on_desk(context, respond, id,
                       [patch, revision = *revision, order = order_of(context, request)](registry::Registry& registry,
                                                                                         const std::string& one) {
                         return registry.change(one, revision, patch, order);
                       });
      });
}

void remove(const Context& context, const Request& request, const Responder& respond) {
  const auto reason = read_reason(request.body);
  if (!reason) return respond(problem(reason.error()));
  with_own_device(
      context, request, respond, [&context, request, respond, reason = *reason](const DeviceSnapshot& device) {
        with_devices_desk(
            context, respond,
            [respond, id = device.device->id, order = order_of(context, request, reason)](DeviceDesk& desk) {
              const auto done = desk.registry().remove(id, order);
              respond(done ? Response{204, {}, {}, {}} : device_problem(done.error()));
            });
      });
}

// --- replace ---

// By a key of the tray also what the new one seems to be.
Result<registry::Replacement> replacement_of(const Context& context, const ReplaceDeviceBody& body) {
  registry::Replacement by = body.replacement;
  if (body.key.empty()) return by;
  const auto address = registry::address_of_key(body.key);
  if (!address) return fail(ErrorCode::bad_input, "reading \"key\": it is no key of the tray");
  by.address = *address;
  for (const Unmapped& seen : context.tray.unmapped()) {
    if (DeviceAddress{seen.source, seen.format, seen.address} != *address) continue;
    if (const auto suggestion = registry::suggestion_for(seen.points)) by.seems = suggestion->kind;
  }
  return by;
}

void replace(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_device_replacement(request.body);
  if (!body) return respond(problem(body.error()));
  auto by = replacement_of(context, *body);
  if (!by) return respond(problem(by.error()));
  with_own_device(
      context, request, respond,
      [&context, request, respond, by = std::move(*by), reason = body->reason](const DeviceSnapshot& device) {
        change_on_desk(
            context, respond, device.device->id,
            [by, order = order_of(context, request, reason)](registry::Registry& registry, const std::string& id) {
              return registry.replace(id, by, order);
            });
      });
}

// --- disable and enable ---

void disable(const Context& context, const Request& request, const Responder& respond) {
  const auto body = read_disablement(request.body, context.clock.now());
  if (!body) return respond(problem(body.error()));
  with_own_device(context, request, respond, [&context, request, respond, body = *body](const DeviceSnapshot& device) {
    change_on_desk(
        context, respond, device.device->id,
        [until = body.until, order = order_of(context, request, body.reason)](
            registry::Registry& registry, const std::string& id) { return registry.disable(id, until, order); });
  });
}

void enable(const Context& context, const Request& request, const Responder& respond) {
  with_own_device(context, request, respond, [&context, request, respond](const DeviceSnapshot& device) {
    change_on_desk(context, respond, device.device->id,
                   [order = order_of(context, request)](registry::Registry& registry, const std::string& id) {
                     return registry.enable(id, order);
                   });
  });
}

// --- tests ---

// A life that is in danger now is no test.
bool has_live_danger(const LiveFeed& feed, const std::string& device) {
  return std::ranges::any_of(feed.alarms(), [&device](const auto& entry) {
    const Alarm& alarm = entry.second;
    return alarm.subject.device == device && threatens_life(alarm.alarm_class) && condition_present(alarm.state);
  });
}

void begin_test(const Context& context, const Request& request, const Responder& respond) {
  const auto length = read_test_length(request.body);
  if (!length) return respond(problem(length.error()));
  with_own_device(
      context, request, respond, [&context, request, respond, length = *length](const DeviceSnapshot& device) {
        const std::string& id = device.device->id;
        if (has_live_danger(context.feed, id)) {
          return respond(problem(409, "refused",
                                 fmt::format("testing device {}: an alarm of it that threatens life is live", id)));
        }
        with_devices_desk(context, respond,
                          [respond, id, length, order = order_of(context, request)](DeviceDesk& desk) {
                            const auto done = desk.registry().begin_test(id, length, order);
                            if (!done) return respond(device_problem(done.error()));
                            desk.tell_test(**done);
                            JsonWriter json;
                            json.begin_object().member("until", (*done)->test->until).end_object();
                            respond(json_response(json.take()));
                          });
      });
}

void end_test(const Context& context, const Request& request, const Responder& respond) {
  with_own_device(context, request, respond, [&context, request, respond](const DeviceSnapshot& device) {
    with_devices_desk(
        context, respond,
        [&context, respond, id = device.device->id, order = order_of(context, request)](DeviceDesk& desk) {
          const auto done = desk.registry().end_test(id, order);
          if (!done) return respond(device_problem(done.error()));
          desk.tell_test(**done);
          answer_device(context, respond, id);
        });
  });
}

void note_test(const Context& context, const Request& request, const Responder& respond) {
  const auto note = read_test_note(request.body);
  if (!note) return respond(problem(note.error()));
  const auto no = number_in<std::uint32_t>(request.arguments.back());
  with_own_device(
      context, request, respond, [&context, request, respond, no, note = *note](const DeviceSnapshot& device) {
        const std::string& id = device.device->id;
        const Response unknown = problem(
            404, "not_found", fmt::format("noting test {} of device {}: no such test", request.arguments.back(), id));
        if (!no) return respond(unknown);
        JournalEntry line =
            accounts::line(*request.principal, "device_test_noted", "device:" + id, context.clock.now());
        line.to = fmt::format("test {}", *no);
        line.why = note;
        with_devices_desk(context, respond, [respond, id, no = *no, note, line, unknown](DeviceDesk& desk) {
          const auto done = desk.note_test(id, no, note, line);
          if (!done) return respond(done.error().code == ErrorCode::not_found ? unknown : problem(done.error()));
          const auto tests = desk.tests(id, kMostTests);
          if (!tests) return respond(problem(tests.error()));
          const auto test = std::ranges::find(*tests, no, &TestRecord::no);
          respond(test == tests->end() ? unknown : json_response(to_json(*test)));
        });
      });
}

// --- what was done ---

// Of a device that has been removed only who sees every estate is told: nobody knows any more to which it belonged.
template <typename Read>
void show_past(const Context& context, const Request& request, const Responder& respond, std::string_view name,
               Read read) {
  auto show = [respond, name, read, id = request.arguments.front()](DeviceDesk& desk) {
    const auto rows = read(desk, id);
    if (!rows) return respond(problem(rows.error()));
    JsonWriter json;
    json.begin_object().key(name);
    write_list(json, *rows);
    json.end_object();
    respond(json_response(json.take()));
  };
  if (request.principal->may(Permission::look, kEveryEstate)) return with_devices_desk(context, respond, show);
  with_device(context, request, respond,
              [&context, respond, show](const DeviceSnapshot&) { with_devices_desk(context, respond, show); });
}

}  // namespace

void add_device_act_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look), kMaps = needs(Permission::map_devices);
  const auto bind = [&context](void (*route)(const Context&, const Request&, const Responder&)) {
    return [&context, route](const Request& request, const Responder& respond) { route(context, request, respond); };
  };
  router.patch("/api/v1/devices/{id}", kMaps, bind(change));
  router.remove("/api/v1/devices/{id}", kMaps, bind(remove));
  router.post("/api/v1/devices/{id}/replace", kMaps, bind(replace));
  router.post("/api/v1/devices/{id}/disable", kMaps, bind(disable));
  router.post("/api/v1/devices/{id}/enable", kMaps, bind(enable));
  router.post("/api/v1/devices/{id}/test", kMaps, bind(begin_test));
  router.post("/api/v1/devices/{id}/end_test", kMaps, bind(end_test));
  router.put("/api/v1/devices/{id}/tests/{no}/note", kMaps, bind(note_test));
  router.get("/api/v1/devices/{id}/changes", kLooks, [&context](const Request& request, const Responder& respond) {
    show_past(context, request, respond, "changes",
              [](DeviceDesk& desk, const std::string& id) { return desk.changes(id, kMostChanges); });
  });
  router.get("/api/v1/devices/{id}/tests", kLooks, [&context](const Request& request, const Responder& respond) {
    show_past(context, request, respond, "tests",
              [](DeviceDesk& desk, const std::string& id) { return desk.tests(id, kMostTests); });
  });
}

}  // namespace firegate::api
