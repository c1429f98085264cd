// Live alarms, one alarm with its timeline, and what people do to alarms.
#include <fmt/format.h>

#include "api/bodies.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

struct AlarmFilter {
  std::optional<AlarmState> state;
  std::optional<AlarmClass> alarm_class;
  std::string estate, building;

  bool admits(const Alarm& alarm) const {
    const Place& place = *alarm.subject.place;
    return (!state || alarm.state == *state) && (!alarm_class || alarm.alarm_class == *alarm_class) &&
           (estate.empty() || place.estate.id == estate) && (building.empty() || place.building.id == building);
  }
};

Response list_alarms(const Context& context, const Request& request) {
  Query query(request);
  const AlarmFilter filter{query.choice<AlarmState>("state"), query.choice<AlarmClass>("class"), query.text("estate"),
                           query.text("building")};
  if (const auto error = query.finish()) return problem(*error);

  JsonWriter json;
  json.begin_object().key("alarms").begin_array();
  for (const auto& [id, alarm] : context.feed.alarms()) {
    if (filter.admits(alarm)) write(json, alarm);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Result<AlarmId> read_id(const Request& request) {
  const std::string& text = request.arguments.front();
  if (const auto id = alarm_id_from_text(text)) return *id;
  return fail(ErrorCode::not_found,
              fmt::format("looking up an alarm: found id \"{}\", expected 16 hexadecimal digits", text));
}

void show_alarm(const Context& context, const Request& request, const Responder& respond) {
  const auto id = read_id(request);
  if (!id) return respond(problem(id.error()));
  if (const Alarm* live = context.feed.find(*id)) return respond(json_response(to_json(*live)));
  with_archive(context, respond, [id = *id](Archive& archive) {
    const auto alarm = archive.alarm(id);
    return alarm ? json_response(to_json(*alarm)) : problem(alarm.error());
  });
}

void show_timeline(const Context& context, const Request& request, const Responder& respond) {
  const auto id = read_id(request);
  if (!id) return respond(problem(id.error()));
  with_archive(context, respond, [id = *id](Archive& archive) {
    const auto entries = archive.timeline(id);
    if (!entries) return problem(entries.error());
    const auto deliveries = archive.deliveries(id);
    if (!deliveries) return problem(deliveries.error());
    JsonWriter json;
    json.begin_object().key("entries");
    write_list(json, *entries);
    json.key("deliveries");
    write_list(json, *deliveries);
    json.end_object();
    return json_response(json.take());
  });
}

// On the web thread: a refusal names the state the alarm is in.
Response answer_act(const LiveFeed& feed, AlarmId id, const Result<Alarm>& result) {
  if (result) return json_response(to_json(*result));
  if (result.error().code != ErrorCode::refused) return problem(result.error());
  const Alarm* live = feed.find(id);
  return refused(result.error(), label(live ? live->state : AlarmState::normal));
}

void act(const Context& context, ActKind kind, const Request& request, const Responder& respond) {
  const auto id = read_id(request);
  if (!id) return respond(problem(id.error()));
  auto act = read_act(kind, *id, request.body, context.clock.now());
  if (!act) return respond(problem(act.error()));
  context.acts.post(std::move(*act),
                    [&feed = context.feed, post = context.post, id = *id, respond](Result<Alarm> result) {
                      post([&feed, id, respond, result = std::move(result)] { respond(answer_act(feed, id, result)); });
                    });
}

Response silence(const Context& context, const Request& request) {
  const auto body = read_silence(request.body);
  if (!body) return problem(body.error());
  const auto silence = context.feed.silence(body->post, body->by, context.now());
  return silence ? json_response(to_json(*silence)) : problem(silence.error());
}

constexpr std::array<std::string_view, label_count<ActKind>()> kActPatterns{
    "/api/v1/alarms/{id}/acknowledge", "/api/v1/alarms/{id}/unacknowledge", "/api/v1/alarms/{id}/verdict",
    "/api/v1/alarms/{id}/reset",       "/api/v1/alarms/{id}/shelve",        "/api/v1/alarms/{id}/unshelve"};

}  // namespace

void add_alarm_routes(Router& router, const Context& context) {
  router.get("/api/v1/alarms",
             [&context](const Request& request, const Responder& respond) { respond(list_alarms(context, request)); });
  router.post("/api/v1/alarms:silence",
              [&context](const Request& request, const Responder& respond) { respond(silence(context, request)); });
  router.get("/api/v1/alarms/{id}",
             [&context](const Request& request, const Responder& respond) { show_alarm(context, request, respond); });
  router.get("/api/v1/alarms/{id}/timeline", [&context](const Request& request, const Responder& respond) {
    show_timeline(context, request, respond);
  });
  for (std::size_t i = 0; i < kActPatterns.size(); ++i) {
    router.post(kActPatterns[i],
                [&context, kind = static_cast<ActKind>(i)](const Request& request, const Responder& respond) {
                  act(context, kind, request, respond);
                });
  }
}

}  // namespace firegate::api
