// Alarms of the past, newest first, page by page.
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

constexpr std::int64_t kDefaultPage = 100, kLargestPage = 500;  // core/archive.h

Response show(const AlarmPage& page) {
  JsonWriter json;
  json.begin_object().key("alarms");
  write_list(json, page.alarms);
  json.key("next_cursor");
  page.next_cursor.empty() ? json.null() : json.value(page.next_cursor);
  json.end_object();
  return json_response(json.take());
}

void list_history(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  AlarmQuery wanted;
  wanted.scope = request.principal->scope(Permission::look);
  wanted.from = query.instant("from");
  wanted.to = query.instant("to");
  wanted.alarm_class = query.choice<AlarmClass>("class");
  wanted.estate = query.text("estate");
  wanted.building = query.text("building");
  wanted.device = query.text("device");
  wanted.cursor = query.text("cursor");
  wanted.limit = static_cast<std::size_t>(query.integer("limit", kDefaultPage, 1, kLargestPage));
  if (const auto error = query.finish()) return respond(problem(*error));
  with_archive(context, respond, [wanted = std::move(wanted)](Archive& archive) {
    const auto page = archive.alarms(wanted);
    return page ? show(*page) : problem(page.error());
  });
}

}  // namespace

void add_history_routes(Router& router, const Context& context) {
  router.get("/api/v1/history", needs(Permission::look),
             [&context](const Request& request, const Responder& respond) { list_history(context, request, respond); });
}

}  // namespace firegate::api
