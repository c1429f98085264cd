// What devices are ordered to do, what became of it, and what they can be ordered.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/command_json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/device_use.h"

namespace firegate::api {
namespace {

constexpr std::int64_t kDefaultPage = 20, kLargestPage = 200;  // our choice

Response nobody_commands() { return problem(503, "unavailable", "commanding devices: nobody carries commands out"); }

Response ordered(const Result<CommandRecord>& record) {
  if (!record) return problem(record.error());
  JsonWriter json;
  write(json, *record);
  Response response = json_response(json.take());
  response.status = 202;
  return response;
}

// A dangerous one asks for a PIN given just now, however safe the others of this route are.
std::optional<Response> refuse(const Context& context, const Request& request, const Device& device, CommandKind kind) {
  auto refusal = context.door.authorise.outside(request, Permission::command, device.place->estate.id);
  if (refusal || !is_dangerous(kind)) return refusal;
  return context.door.authorise.refuse(request, needs(Permission::command).with_pin());
}

CommandOrder order_from(const Request& request, const DevicePtr& device, const CommandBody& body) {
  CommandOrder order;
  order.device = device;
  order.kind = body.kind;
  order.port = body.port;
  order.until = body.until;
  order.by = request.principal->name;
  order.who = request.principal->who();
  order.from = request.principal->address;
  order.reason = body.reason;
  order.key = request.header("Idempotency-Key");
  return order;
}

void command(const Context& context, const Request& request, const Responder& respond) {
  if (!context.commands) return respond(nobody_commands());
  const auto body = read_command(request.body, context.clock.now());
  if (!body) return respond(problem(body.error()));
  with_device(context, request, respond, [&context, request, respond, body = *body](const DeviceSnapshot& device) {
    if (auto refusal = refuse(context, request, *device.device, body.kind)) return respond(std::move(*refusal));
    if (!device.device->mapped) {
      return respond(
          problem(409, "refused", fmt::format("commanding device {}: nobody has adopted it", device.device->id)));
    }
    context.commands->order(order_from(request, device.device, body),
                            [post = context.post, respond](Result<CommandRecord> record) {
                              post([respond, record = std::move(record)] { respond(ordered(record)); });
                            });
  });
}

struct Page {
  std::uint64_t before = 0;
  std::size_t limit = 0;
};

// One more row than the page has was read, so that it is known whether there is another page.
Response show(const std::vector<CommandRecord>& rows, const Page& page, const std::vector<CommandOffer>& offers) {
  const std::size_t count = std::min(rows.size(), page.limit);
  JsonWriter json;
  json.begin_object().key("commands").begin_array();
  for (std::size_t i = 0; i < count; ++i) write(json, rows[i]);
  json.end_array().key("next_cursor");
  rows.size() > count ? json.value(std::to_string(rows[count - 1].seq)) : json.null();
  json.key("offers").begin_array();
  for (const CommandOffer& offer : offers) write(json, offer);
  json.end_array().end_object();
  return json_response(json.take());
}

std::optional<Page> read_page(Query& query) {
  Page page;
  const std::string cursor = query.text("cursor");
  page.limit = static_cast<std::size_t>(query.integer("limit", kDefaultPage, 1, kLargestPage));
  if (cursor.empty()) return page;
  const auto read = std::from_chars(cursor.data(), cursor.data() + cursor.size(), page.before);
  if (read.ec == std::errc{} && read.ptr == cursor.data() + cursor.size() && page.before > 0) return page;
  query.wrong("cursor", cursor, "the next_cursor of the page before");
  return std::nullopt;
}

void list(const Context& context, const Request& request, const Responder& respond) {
  if (!context.commands) return respond(nobody_commands());
  Query query(request);
  const auto page = read_page(query);
  if (const auto error = query.finish()) return respond(problem(*error));
  with_device(context, request, respond, [&context, respond, page = *page](const DeviceSnapshot& device) {
    context.commands->offers(device.device, [&context, respond, page, id = device.device->id](auto offers) {
      context.commands->history(id, page.before, page.limit + 1,
                                [post = context.post, respond, page, offers](auto rows) {
                                  post([respond, page, offers, rows = std::move(rows)] {
                                    respond(rows ? show(*rows, page, offers) : problem(rows.error()));
                                  });
                                });
    });
  });
}

}  // namespace

void add_device_command_routes(Router& router, const Context& context) {
  router.get("/api/v1/devices/{id}/commands", needs(Permission::look),
             [&context](const Request& request, const Responder& respond) { list(context, request, respond); });
  router.post("/api/v1/devices/{id}/commands", needs(Permission::command),
              [&context](const Request& request, const Responder& respond) { command(context, request, respond); });
}

}  // namespace firegate::api
