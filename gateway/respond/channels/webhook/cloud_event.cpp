#include "respond/channels/webhook/cloud_event.h"

#include <boost/json.hpp>

namespace firegate::respond {
namespace {

namespace json = boost::json;

json::string text(std::string_view from) { return json::string(from.data(), from.size()); }
json::value time(Instant at) { return text(to_text(at)); }
json::value time(const std::optional<Instant>& at) { return at ? time(*at) : json::value(nullptr); }
json::value word_or_null(std::string_view from) {
  return from.empty() ? json::value(nullptr) : json::value(text(from));
}
json::value port_or_null(Port port) { return port == kNoPort ? json::value(nullptr) : json::value(port); }

json::value value_of(Point point, const Value& value) {
  if (is_unknown(value)) return nullptr;
  if (const bool* flag = as_bool(value)) return *flag;
  if (const double* number = as_number(value)) return *number;
  return text(to_text(point, value));
}

json::value level(const PlaceName& name) {
  if (name.id.empty()) return nullptr;
  return json::object{{"id", text(name.id)}, {"name", text(name.name)}};
}

json::object place_of(const Place& place) {
  json::array occupancy;
  for (std::size_t i = 0; i < label_count<Occupancy>(); ++i) {
    if (place.has(static_cast<Occupancy>(i))) occupancy.push_back(text(Labels<Occupancy>::list[i]));
  }
  return {{"estate", level(place.estate)}, {"building", level(place.building)}, {"floor", level(place.floor)},
          {"zone", level(place.zone)},     {"location", level(place.location)}, {"occupancy", std::move(occupancy)}};
}

json::array evidence_of(const Alarm& alarm) {
  json::array list;
  for (const Evidence& one : alarm.evidence) {
    list.push_back(json::object{{"point", text(name(one.point))},
                                {"port", port_or_null(one.port)},
                                {"value", value_of(one.point, one.value)},
                                {"unit", text(info(one.point).unit)},
                                {"limit", one.limit ? json::value(*one.limit) : json::value(nullptr)},
                                {"at", time(one.at)},
                                {"device", word_or_null(one.device)},
                                {"share_pct", one.share_pct ? json::value(*one.share_pct) : json::value(nullptr)}});
  }
  return list;
}

json::array overlays_of(const Alarm& alarm) {
  json::array list;
  for (std::size_t i = 0; i < label_count<Overlay>(); ++i) {
    if (alarm.overlays.has(static_cast<Overlay>(i))) list.push_back(text(Labels<Overlay>::list[i]));
  }
  return list;
}

json::object alarm_of(const Alarm& alarm) {
  const Subject& subject = alarm.subject;
  return {{"id", text(to_text(alarm.id))},
          {"class", text(label(alarm.alarm_class))},
          {"priority", text(label(info(alarm.alarm_class).priority))},
          {"state", text(label(alarm.state))},
          {"overlays", overlays_of(alarm)},
          {"confirmation", text(label(alarm.confirmation))},
          {"late", alarm.late},
          {"not_recorded", alarm.not_recorded},
          {"rule", text(alarm.rule)},
          {"subject", text(subject.text())},
          {"device", json::object{{"id", text(subject.device)},
                                  {"name", text(subject.device_name)},
                                  {"kind", text(label(subject.kind))},
                                  {"mapped", subject.mapped}}},
          {"port", port_or_null(subject.port)},
          {"place", subject.place ? json::value(place_of(*subject.place)) : json::value(nullptr)},
          {"evidence", evidence_of(alarm)},
          {"first_raised_at", time(alarm.first_raised_at)},
          {"last_raised_at", time(alarm.last_raised_at)},
          {"occurrences", alarm.occurrences},
          {"returned_at", time(alarm.returned_at)},
          {"acknowledged_at", time(alarm.acknowledged_at)},
          {"acknowledged_by", word_or_null(alarm.acknowledged_by)},
          {"verdict", alarm.verdict ? json::value(text(label(*alarm.verdict))) : json::value(nullptr)},
          {"verdict_by", word_or_null(alarm.verdict_by)},
          {"shelved_until", time(alarm.shelved_until)},
          {"shelved_by", word_or_null(alarm.shelved_by)},
          {"shelved_why", word_or_null(alarm.shelved_why)},
          {"suppressed_why", word_or_null(alarm.suppressed_why)},
          {"cause", alarm.cause == AlarmId{} ? json::value(nullptr) : json::value(text(to_text(alarm.cause)))},
          {"consequences", alarm.consequences},
          {"chattering", alarm.chattering},
          {"changed_at", time(alarm.changed_at)},
          {"revision", alarm.revision}};
}

}  // namespace

std::string to_cloud_event(const Notice& notice) {
  const json::object event{{"specversion", "1.0"},
                           {"id", text(notice.key())},
                           {"source", "firegate"},
                           {"type", text("firegate.alarm." + std::string(label(notice.kind)))},
                           {"subject", text(notice.alarm.subject.text())},
                           {"time", time(notice.at)},
                           {"datacontenttype", "application/json"},
                           {"count", notice.count},
                           {"data", alarm_of(notice.alarm)}};
  return json::serialize(event);
}

}  // namespace firegate::respond
