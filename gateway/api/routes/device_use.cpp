#include "api/routes/device_use.h"

#include <fmt/format.h>

#include "api/json.h"
#include "api/problem.h"

namespace firegate::api {
namespace {

Response no_such_device(const std::string& id) {
  return problem(404, "not_found", fmt::format("looking up device {}: no such device", id));
}

void write_fields(JsonWriter& json, const std::vector<registry::FieldProblem>& fields) {
  json.begin_array();
  for (const registry::FieldProblem& field : fields) {
    json.begin_object().member("field", field.field).member("found", field.found).key("expected").begin_array();
    for (const std::string& expected : field.expected) json.value(expected);
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace

void with_device(const Context& context, const Request& request, const Responder& respond, DeviceUse use) {
  context.devices.one(request.arguments.front(),
                      [post = context.post, request, respond, use = std::move(use)](Result<DeviceSnapshot> device) {
                        post([request, respond, use, device = std::move(device)] {
                          const bool seen = device && Authorise::sees(request, device->device->place->estate.id);
                          if (seen) return use(*device);
                          if (!device && device.error().code != ErrorCode::not_found)
                            return respond(problem(device.error()));
                          respond(no_such_device(request.arguments.front()));
                        });
                      });
}

void with_own_device(const Context& context, const Request& request, const Responder& respond, DeviceUse use) {
  with_device(context, request, respond,
              [&context, request, respond, use = std::move(use)](const DeviceSnapshot& device) {
                const std::string& estate = device.device->place->estate.id;
                if (auto refusal = context.door.authorise.outside(request, Permission::map_devices, estate)) {
                  return respond(std::move(*refusal));
                }
                use(device);
              });
}

void with_devices_desk(const Context& context, const Responder& respond, std::function<void(DeviceDesk&)> work) {
  const bool queued = context.device_desk.post([&desk = context.device_desk, work = std::move(work)] { work(desk); });
  if (!queued) respond(problem(503, "overloaded", "changing devices: too many requests wait"));
}

registry::Order order_of(const Context& context, const Request& request, std::string reason) {
  registry::Order order;
  order.at = context.clock.now();
  order.by = request.principal->name;
  order.who = request.principal->who();
  order.address = request.principal->address;
  order.reason = std::move(reason);
  return order;
}

Response device_problem(const registry::Refusal& refusal) {
  if (refusal.stale) return problem(412, "precondition_failed", refusal.error.message);
  Response response = problem(refusal.error);
  if (refusal.fields.empty() && refusal.devices.empty()) return response;
  JsonWriter json;
  response.body.pop_back();
  json.begin_object();
  if (!refusal.fields.empty()) {
    json.key("fields");
    write_fields(json, refusal.fields);
  }
  if (!refusal.devices.empty()) {
    json.key("devices").begin_array();
    for (const std::string& id : refusal.devices) json.value(id);
    json.end_array();
  }
  json.end_object();
  response.body += "," + json.take().substr(1);
  return response;
}

std::string etag_of(const DeviceFacts& facts) { return fmt::format("\"{}\"", facts.revision); }

void answer_device(const Context& context, const Responder& respond, const std::string& id, int status) {
  context.devices.one(id, [&context, respond, id, status](Result<DeviceSnapshot> device) {
    if (!device)
      return respond(device.error().code == ErrorCode::not_found ? no_such_device(id) : problem(device.error()));
    const DeviceFacts facts = context.device_desk.registry().facts(id);
    JsonWriter json;
    write(json, *device, facts);
    Response response = json_response(json.take());
    response.status = status;
    response.headers.push_back({"ETag", etag_of(facts)});
    respond(std::move(response));
  });
}

}  // namespace firegate::api
