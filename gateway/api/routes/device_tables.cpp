// Devices as tables: export, import and its undoing; how far the walk test is.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/export_cell.h"
#include "api/json.h"
#include "api/natural_order.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"

namespace firegate::api {
namespace {

std::vector<DevicePtr> devices_in(const Context& context, const Scope& scope) {
  std::vector<DevicePtr> devices;
  for (const DevicePtr& device : context.device_desk.registry().snapshot()->devices()) {
    if (scope.admits(device->place->estate.id)) devices.push_back(device);
  }
  std::ranges::sort(devices, natural_less, [](const DevicePtr& device) -> const std::string& { return device->id; });
  return devices;
}

// --- export ---

Response export_devices(const Context& context, const Request& request) {
  Query query(request);
  if (const auto error = query.finish()) return problem(*error);
  std::string csv = "\xEF\xBB\xBF";
  csv += fmt::format("{}\r\n", fmt::join(registry::kDeviceColumns, ","));
  for (const DevicePtr& one : devices_in(context, request.principal->scope(Permission::map_devices))) {
    const Device& device = *one;
    const Place& place = *device.place;
    const std::array<std::string_view, registry::kDeviceColumns.size()> cells{
        device.id,         label(device.kind), device.format,     device.source,  device.model,
        device.address,    place.estate.id,    place.building.id, place.floor.id, place.zone.id,
        place.location.id, device.name,        device.note};
    for (std::size_t i = 0; i < cells.size(); ++i) csv += (i == 0 ? "" : ",") + export_cell(cells[i]);
    csv += "\r\n";
  }
  Response response = json_response(std::move(csv));
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.headers.push_back({"Content-Disposition", "attachment; filename=\"devices.csv\""});
  return response;
}

// --- import ---

void write(JsonWriter& json, const registry::ImportProblem& problem) {
  json.begin_object().member("row", problem.row).key("column");
  problem.column.empty() ? json.null() : json.value(problem.column);
  json.member("found", problem.found).member("expected", problem.expected).end_object();
}

void write_problems(JsonWriter& json, const registry::ImportReport& report) {
  json.begin_array();
  for (const registry::ImportProblem& problem : report.problems) write(json, problem);
  json.end_array();
}

Response show_import(const registry::ImportReport& report, bool dry_run) {
  if (!report.problems.empty() && !dry_run) {
    Response response =
        problem(422, "bad_input",
                fmt::format("importing devices: found {} problems, nothing was done", report.problems.size()));
    JsonWriter json;
    write_problems(json, report);
    response.body.pop_back();
    response.body += ",\"problems\":" + json.take() + "}";
    return response;
  }
  JsonWriter json;
  json.begin_object().key("import");
  report.import == 0 ? json.null() : json.value(report.import);
  json.member("added", report.added).member("changed", report.changed).member("unchanged", report.unchanged);
  json.member("removed", 0).key("problems");
  write_problems(json, report);
  json.end_object();
  return json_response(json.take());
}

void import_devices(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  const bool dry_run = query.boolean("dry_run").value_or(false);
  if (const auto error = query.finish()) return respond(problem(*error));
  with_devices_desk(context, respond,
                    [respond, dry_run, body = request.body, scope = request.principal->scope(Permission::map_devices),
                     order = order_of(context, request)](DeviceDesk& desk) {
                      const auto report = desk.registry().import_table(body, scope, dry_run, order);
                      respond(report ? show_import(*report, dry_run) : device_problem(report.error()));
                    });
}

void undo_import(const Context& context, const Request& request, const Responder& respond) {
  const std::string& text = request.arguments.front();
  std::uint64_t no = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), no);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return respond(problem(404, "not_found", fmt::format("undoing import {}: no such import", text)));
  }
  with_devices_desk(
      context, respond,
      [respond, no, scope = request.principal->scope(Permission::map_devices),
       order = order_of(context, request)](DeviceDesk& desk) {
        const auto undone = desk.registry().undo_import(no, scope, order);
        if (!undone) return respond(device_problem(undone.error()));
        JsonWriter json;
        json.begin_object().member("removed", undone->removed).member("changed_back", undone->changed_back);
        json.end_object();
        respond(json_response(json.take()));
      });
}

// --- the walk test ---

enum class TestState : std::uint8_t { passed, open, never };

}  // namespace
}  // namespace firegate::api

template <>
struct firegate::Labels<firegate::api::TestState> {
  static constexpr std::array<std::string_view, 3> list{"passed", "open", "never"};
};

namespace firegate::api {
namespace {

bool is_in(const Device& device, const DeviceFacts& facts, TestState state, Instant now) {
  const bool passed = facts.last_test && facts.last_test->passed;
  switch (state) {
    case TestState::passed: return passed;
    case TestState::open: return device.test && device.test->until > now && !passed;
    case TestState::never: return !passed;
  }
  return false;
}

void write_tested(JsonWriter& json, const Device& device, const DeviceFacts& facts) {
  json.begin_object()
      .member("device", device.id)
      .member("name", device.name)
      .member("kind", label(device.kind))
      .key("place");
  firegate::api::write(json, *device.place);
  write_test_members(json, device, facts);
  json.end_object();
}

Response list_tests(const Context& context, const Request& request) {
  Query query(request);
  const std::string estate = query.text("estate"), building = query.text("building");
  const auto state = query.choice<TestState>("state");
  if (estate.empty() && !building.empty()) query.wrong("estate", "", "the estate of the building");
  if (const auto error = query.finish()) return problem(*error);
  const Instant now = context.clock.now();
  std::size_t total = 0, tested = 0;
  JsonWriter json;
  json.begin_object().key("devices").begin_array();
  for (const DevicePtr& device : devices_in(context, request.principal->scope(Permission::look))) {
    const Place& place = *device->place;
    if ((!estate.empty() && place.estate.id != estate) || (!building.empty() && place.building.id != building))
      continue;
    const DeviceFacts facts = context.device_desk.registry().facts(device->id);
    ++total;
    if (is_in(*device, facts, TestState::passed, now)) ++tested;
    if (!state || is_in(*device, facts, *state, now)) write_tested(json, *device, facts);
  }
  json.end_array().member("tested", tested).member("total", total).end_object();
  return json_response(json.take());
}

}  // namespace

void add_device_table_routes(Router& router, const Context& context) {
  constexpr Access kMaps = needs(Permission::map_devices);
  router.get("/api/v1/devices.csv", kMaps, [&context](const Request& request, const Responder& respond) {
    respond(export_devices(context, request));
  });
  router.post("/api/v1/devices:import", kMaps, [&context](const Request& request, const Responder& respond) {
    import_devices(context, request, respond);
  });
  router.post("/api/v1/imports/{no}:undo", kMaps,
              [&context](const Request& request, const Responder& respond) { undo_import(context, request, respond); });
  router.get("/api/v1/tests", needs(Permission::look),
             [&context](const Request& request, const Responder& respond) { respond(list_tests(context, request)); });
}

}  // namespace firegate::api
