// Live alarms, one alarm with its timeline, and what people do to alarms.
#include <fmt/format.h>

#include "accounts/words.h"
#include "api/bodies.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/alarm_overview.h"
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
  const Scope scope = request.principal->scope(Permission::look);
  for (const auto& [id, alarm] : context.feed.alarms()) {
    if (scope.admits(alarm.subject.place->estate.id) && filter.admits(alarm)) write(json, alarm);
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

Response no_such_alarm(AlarmId id) {
  return problem(404, "not_found", fmt::format("looking up alarm {}: no such alarm", to_text(id)));
}

using AlarmUse = std::function<void(const Alarm&)>;

void use_if_seen(const Request& request, const Responder& respond, const Alarm& alarm, const AlarmUse& use) {
  Authorise::sees(request, alarm.subject.place->estate.id) ? use(alarm) : respond(no_such_alarm(alarm.id));
}

// The alarm of the request, live or past, on the web thread. What the caller may not see is not there.
void with_alarm(const Context& context, const Request& request, const Responder& respond, AlarmUse use) {
  const auto id = read_id(request);
  if (!id) return respond(problem(id.error()));
  if (const Alarm* live = context.feed.find(*id)) return use_if_seen(request, respond, *live, use);
  const bool queued =
      context.archive([post = context.post, request, respond, use = std::move(use), id = *id](Archive* archive) {
        auto alarm = archive ? archive->alarm(id)
                             : fail(ErrorCode::io_failed, "reading the archive: the store cannot be opened");
        post([request, respond, use, id, alarm = std::move(alarm)] {
          if (alarm) return use_if_seen(request, respond, *alarm, use);
          respond(alarm.error().code == ErrorCode::not_found ? no_such_alarm(id) : problem(alarm.error()));
        });
      });
  if (!queued) respond(archive_full());
}

void show_alarm(const Context& context, const Request& request, const Responder& respond) {
  with_alarm(context, request, respond, [respond](const Alarm& alarm) { respond(json_response(to_json(alarm))); });
}

Response timeline_of(Archive& archive, AlarmId id) {
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
}

void show_timeline(const Context& context, const Request& request, const Responder& respond) {
  with_alarm(context, request, respond, [&context, respond](const Alarm& alarm) {
    with_archive(context, respond, [id = alarm.id](Archive& archive) { return timeline_of(archive, id); });
  });
}

// On the web thread: a refusal names the state the alarm is in.
Response answer_act(const LiveFeed& feed, AlarmId id, const Result<Alarm>& result) {
  if (result) return json_response(to_json(*result));
  if (result.error().code != ErrorCode::refused) return problem(result.error());
  const Alarm* live = feed.find(id);
  return refused(result.error(), label(live ? live->state : AlarmState::normal));
}

void post_act(const Context& context, const Responder& respond, Act act) {
  const AlarmId id = act.alarm;
  context.acts.post(std::move(act), [&feed = context.feed, post = context.post, id, respond](Result<Alarm> result) {
    post([&feed, id, respond, result = std::move(result)] { respond(answer_act(feed, id, result)); });
  });
}

void act(const Context& context, ActKind kind, const Request& request, const Responder& respond) {
  const auto id = read_id(request);
  if (!id) return respond(problem(id.error()));
  auto act = read_act(kind, *id, request.body, context.clock.now());
  if (!act) return respond(problem(act.error()));
  act->by = request.principal->name;
  act->who = request.principal->who();
  act->address = request.principal->address;
  with_alarm(context, request, respond, [&context, request, respond, act = std::move(*act)](const Alarm& alarm) {
    const std::string& estate = alarm.subject.place->estate.id;
    if (auto refusal = context.door.authorise.outside(request, Permission::handle_alarms, estate)) {
      return respond(std::move(*refusal));
    }
    post_act(context, respond, act);
  });
}

// Silence comes at once, whether or not its line can be stored.
Response silence(const Context& context, const Request& request) {
  const auto body = read_silence(request.body);
  if (!body) return problem(body.error());
  const Principal& who = *request.principal;
  const auto silence = context.feed.silence(body->post, who.name, context.now());
  if (!silence) return problem(silence.error());
  JournalEntry entry = accounts::line(who, "silence", "post:" + body->post, context.clock.now());
  entry.post = body->post;
  entry.to = fmt::format("{} and below until {}", label(silence->priority), to_text(silence->until));
  context.door.record(std::move(entry));
  return json_response(to_json(*silence));
}

constexpr std::array<std::string_view, label_count<ActKind>()> kActPatterns{
    "/api/v1/alarms/{id}/acknowledge", "/api/v1/alarms/{id}/unacknowledge", "/api/v1/alarms/{id}/verdict",
    "/api/v1/alarms/{id}/reset",       "/api/v1/alarms/{id}/shelve",        "/api/v1/alarms/{id}/unshelve"};

}  // namespace

void add_alarm_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look);
  add_alarm_overview_routes(router, context);
  router.get("/api/v1/alarms", kLooks,
             [&context](const Request& request, const Responder& respond) { respond(list_alarms(context, request)); });
  router.post("/api/v1/alarms:silence", needs(Permission::silence),
              [&context](const Request& request, const Responder& respond) { respond(silence(context, request)); });
  router.get("/api/v1/alarms/{id}", kLooks,
             [&context](const Request& request, const Responder& respond) { show_alarm(context, request, respond); });
  router.get("/api/v1/alarms/{id}/timeline", kLooks, [&context](const Request& request, const Responder& respond) {
    show_timeline(context, request, respond);
  });
  for (std::size_t i = 0; i < kActPatterns.size(); ++i) {
    router.post(kActPatterns[i], needs(Permission::handle_alarms),
                [&context, kind = static_cast<ActKind>(i)](const Request& request, const Responder& respond) {
                  act(context, kind, request, respond);
                });
  }
}

}  // namespace firegate::api
