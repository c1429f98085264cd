#include "api/routes/alarm_overview.h"

#include <fmt/format.h>

#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "duty/alarm_figures.h"
#include "duty/alarm_groups.h"

namespace firegate::api {
namespace {

constexpr Millis kUsualSpan = std::chrono::hours{24};
constexpr Millis kLongestSpan = std::chrono::hours{24 * 31};
constexpr std::size_t kPage = 500;            // core/archive.h: the largest
constexpr std::size_t kMostEvents = 200'000;  // a bound on one answer's work; our choice

std::vector<Alarm> live_of(const Context& context, const Scope& scope, const std::string& estate) {
  std::vector<Alarm> live;
  for (const auto& [id, alarm] : context.feed.alarms()) {
    const std::string& its = alarm.subject.place->estate.id;
    if (scope.admits(its) && (estate.empty() || its == estate)) live.push_back(alarm);
  }
  return live;
}

// ---- groups ----

void write(JsonWriter& json, const duty::AlarmGroup& group) {
  json.begin_object().member("id", group.id).key("place");
  firegate::api::write(json, *group.place);
  json.member("count", group.count).member("unacknowledged", group.unacknowledged).member("held", group.held);
  json.member("first", to_text(group.first)).member("first_raised_at", group.first_raised_at);
  json.member("worst_class", label(group.worst)).member("worst_priority", label(info(group.worst).priority));
  json.member("worst_alarm", to_text(group.worst_alarm)).member("confirmation", label(group.confirmation)).end_object();
}

Response list_groups(const Context& context, const Request& request) {
  Query query(request);
  const std::string estate = query.text("estate");
  if (const auto error = query.finish()) return problem(*error);
  duty::AlarmGroups groups;
  for (const Alarm& alarm : live_of(context, request.principal->scope(Permission::look), estate)) groups.add(alarm);
  JsonWriter json;
  json.begin_object().key("groups").begin_array();
  for (const duty::AlarmGroup& group : groups.list()) write(json, group);
  json.end_array().end_object();
  return json_response(json.take());
}

// ---- what is held ----

void write_disablement(JsonWriter& json, const DeviceSnapshot& snapshot) {
  const Device& device = *snapshot.device;
  json.begin_object().member("device", device.id).member("name", device.name).key("place");
  firegate::api::write(json, *device.place);
  json.member("until", device.disablement->until).member("by", device.disablement->by);
  json.member("why", device.disablement->reason).end_object();
}

Response held(const std::vector<Alarm>& live, const std::vector<DeviceSnapshot>& devices) {
  JsonWriter json;
  json.begin_object().key("alarms").begin_array();
  for (const Alarm& alarm : live) {
    if (alarm.overlays.any()) firegate::api::write(json, alarm);
  }
  json.end_array().key("disablements").begin_array();
  for (const DeviceSnapshot& device : devices) write_disablement(json, device);
  json.end_array().end_object();
  return json_response(json.take());
}

void list_held(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  const std::string estate = query.text("estate");
  if (const auto error = query.finish()) return respond(problem(*error));
  const Scope scope = request.principal->scope(Permission::look);
  auto live = live_of(context, scope, estate);
  context.devices.list([post = context.post, respond, scope, estate, live = std::move(live)](auto devices) {
    std::erase_if(devices, [&scope, &estate](const DeviceSnapshot& one) {
      const std::string& its = one.device->place->estate.id;
      return !one.device->disablement || !scope.admits(its) || (!estate.empty() && its != estate);
    });
    post([respond, live, devices = std::move(devices)] { respond(held(live, devices)); });
  });
}

// ---- figures ----

struct Wanted {
  Scope scope;
  std::string estate;
  Instant from{}, to{};
};

// The journal's rows of one kind within the scope, with what their alarms are.
class Events {
 public:
  Events(Archive& archive, const Wanted& wanted) : archive_(archive), wanted_(wanted) {}

  Result<void> read(std::string_view kind, duty::AlarmEvent::Kind as) {
    JournalQuery query{wanted_.scope, wanted_.from, wanted_.to, {}, std::string(kind), {}, {}, {}, kPage};
    do {
      const auto page = archive_.journal(query);
      if (!page) return tl::unexpected(page.error());
      for (const JournalRow& row : page->rows) {
        if (row.entry.kind == kind) add(row.entry, as);
      }
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty() && events_.size() < kMostEvents);
    return {};
  }
  std::vector<duty::AlarmEvent> take() { return std::move(events_); }

 private:
  // Alarms that the record no longer has say nothing of their class.
  const Alarm* alarm_of(AlarmId id) {
    const auto known = alarms_.find(id);
    if (known != alarms_.end()) return known->second ? &*known->second : nullptr;
    auto read = archive_.alarm(id);
    auto& slot = alarms_[id];
    if (read) slot = std::move(*read);
    return slot ? &*slot : nullptr;
  }
  void add(const JournalEntry& entry, duty::AlarmEvent::Kind as) {
    const Alarm* alarm = entry.alarm == AlarmId{} ? nullptr : alarm_of(entry.alarm);
    if (!alarm || (!wanted_.estate.empty() && alarm->subject.place->estate.id != wanted_.estate)) return;
    if (as == duty::AlarmEvent::Kind::acknowledged && entry.who == "system") return;
    events_.push_back({as, entry.at, entry.alarm, alarm->rule, entry.subject, alarm->alarm_class});
  }

  Archive& archive_;
  const Wanted& wanted_;
  std::vector<duty::AlarmEvent> events_;
  std::map<AlarmId, std::optional<Alarm>> alarms_;
};

void write_ids(JsonWriter& json, std::string_view name, const std::vector<AlarmId>& ids) {
  json.key(name).begin_array();
  for (const AlarmId id : ids) json.value(to_text(id));
  json.end_array();
}

void write_millis(JsonWriter& json, std::string_view name, const std::optional<Millis>& span) {
  json.member(name, span ? std::optional(span->count()) : std::nullopt);
}

std::string to_json(const duty::AlarmFigures& figures, const Wanted& wanted) {
  JsonWriter json;
  json.begin_object().member("from", wanted.from).member("to", wanted.to).member("raises", figures.raises);
  json.key("by_priority").begin_object();
  for (const auto& [priority, count] : figures.by_priority) json.member(label(priority), count);
  json.end_object().member("per_10_min", figures.per_10_min).member("per_hour", figures.per_hour);
  json.member("per_day", figures.per_day).member("most_in_10_min", figures.most_in_10_min);
  json.member("in_flood", figures.in_flood).member("in_flood_pct", figures.in_flood_pct);
  json.member("standing", figures.standing).member("unacknowledged", figures.unacknowledged);
  json.member("shelved", figures.shelved).member("suppressed", figures.suppressed);
  json.member("out_of_service", figures.out_of_service);
  write_ids(json, "stale", figures.stale);
  write_ids(json, "chattering", figures.chattering);
  json.key("bad_actors").begin_array();
  for (const duty::BadActor& one : figures.bad_actors) {
    json.begin_object().member("rule", one.rule).member("subject", one.subject).member("raises", one.raises);
    json.end_object();
  }
  json.end_array().member("bad_actors_pct", figures.bad_actors_pct).member("acknowledged", figures.acknowledged);
  write_millis(json, "acknowledge_median_ms", figures.acknowledge_median);
  write_millis(json, "acknowledge_p95_ms", figures.acknowledge_p95);
  json.end_object();
  return json.take();
}

Response figures(Archive& archive, const Wanted& wanted, const std::vector<Alarm>& live) {
  Events events(archive, wanted);
  if (const auto read = events.read("raise", duty::AlarmEvent::Kind::raised); !read) return problem(read.error());
  if (const auto read = events.read("acknowledge", duty::AlarmEvent::Kind::acknowledged); !read) {
    return problem(read.error());
  }
  return json_response(to_json(duty::figures_of(events.take(), live, wanted.from, wanted.to), wanted));
}

void show_figures(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  Wanted wanted{request.principal->scope(Permission::look), query.text("estate"), {}, {}};
  wanted.to = query.instant("to").value_or(context.clock.now());
  wanted.from = query.instant("from").value_or(wanted.to - kUsualSpan);
  const bool spans = wanted.from < wanted.to && wanted.to - wanted.from <= kLongestSpan;
  if (!spans) query.wrong("from", to_text(wanted.from), "a time before `to`, by 31 days at most");
  if (const auto error = query.finish()) return respond(problem(*error));
  auto live = live_of(context, wanted.scope, wanted.estate);
  with_archive(context, respond, [wanted = std::move(wanted), live = std::move(live)](Archive& archive) {
    return figures(archive, wanted, live);
  });
}

}  // namespace

void add_alarm_overview_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look);
  router.get("/api/v1/alarms/groups", kLooks,
             [&context](const Request& request, const Responder& respond) { respond(list_groups(context, request)); });
  router.get("/api/v1/alarms/held", kLooks,
             [&context](const Request& request, const Responder& respond) { list_held(context, request, respond); });
  router.get("/api/v1/alarms/figures", kLooks,
             [&context](const Request& request, const Responder& respond) { show_figures(context, request, respond); });
}

}  // namespace firegate::api
