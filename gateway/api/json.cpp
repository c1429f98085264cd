#include "api/json.h"

#include "api/base64.h"
#include "core/utf8.h"
#include "registry/tray_key.h"
#include "registry/unmapped.h"

#include "core/alarm_class.h"
#include "duty/alarm_groups.h"

namespace firegate::api {
namespace {

void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

void write_port(JsonWriter& json, Port port) {
  json.key("port");
  port == kNoPort ? json.null() : json.value(port);
}

void write_level(JsonWriter& json, std::string_view level, const PlaceName& place) {
  json.key(level);
  if (place.id.empty()) {
    json.null();
    return;
  }
  json.begin_object().member("id", place.id).member("name", place.name).end_object();
}

void write(JsonWriter& json, const Evidence& evidence) {
  json.begin_object().member("point", name(evidence.point));
  write_port(json, evidence.port);
  json.key("value");
  write(json, evidence.point, evidence.value);
  json.member("unit", info(evidence.point).unit).member("limit", evidence.limit).member("at", evidence.at);
  write_text_or_null(json, "device", evidence.device);
  json.member("share_pct", evidence.share_pct);
  json.end_object();
}

void write(JsonWriter& json, const Current& current) {
  json.begin_object().member("point", name(current.point));
  write_port(json, current.port);
  json.key("value");
  write(json, current.point, current.value);
  json.member("unit", info(current.point).unit).member("quality", label(current.quality));
  json.member("changed_at", current.changed_at).member("updated_at", current.updated_at).end_object();
}

void write_class_words(JsonWriter& json, AlarmClass alarm_class) {
  const ClassInfo words = info(alarm_class);
  json.member("class", label(alarm_class)).member("priority", label(words.priority));
  json.member("lamp", label(words.lamp)).member("sound", label(words.sound)).member("latching", words.latching);
}

void write_overlays(JsonWriter& json, OverlaySet overlays) {
  json.key("overlays").begin_array();
  for (std::size_t i = 0; i < label_count<Overlay>(); ++i) {
    const auto overlay = static_cast<Overlay>(i);
    if (overlays.has(overlay)) json.value(label(overlay));
  }
  json.end_array();
}

void write_subject(JsonWriter& json, const Subject& subject) {
  json.member("subject", subject.text()).key("device").begin_object();
  json.member("id", subject.device).member("name", subject.device_name).member("kind", label(subject.kind));
  json.member("mapped", subject.mapped).end_object();
  write_port(json, subject.port);
  json.key("place");
  write(json, *subject.place);
}

// What keeps it quiet, and what explains it.
void write_held(JsonWriter& json, const Alarm& alarm) {
  json.member("shelved_until", alarm.shelved_until);
  write_text_or_null(json, "shelved_by", alarm.shelved_by);
  write_text_or_null(json, "shelved_why", alarm.shelved_why);
  write_text_or_null(json, "suppressed_why", alarm.suppressed_why);
  json.key("cause");
  alarm.cause == AlarmId{} ? json.null() : json.value(to_text(alarm.cause));
  json.member("consequences", alarm.consequences).member("chattering", alarm.chattering);
}

// What became of it, and by whom.
void write_act(JsonWriter& json, const JournalEntry& entry) {
  json.member("from", entry.from).member("to", entry.to).member("who", entry.who).member("name", entry.name);
  json.member("post", entry.post).member("address", entry.address).member("why", entry.why);
}

void write_position(JsonWriter& json, const std::optional<PlanPosition>& position) {
  json.key("position");
  if (!position) {
    json.null();
    return;
  }
  json.begin_object().member("x", position->x).member("y", position->y).end_object();
}

void write_words(JsonWriter& json, const DeviceWords& words) {
  json.begin_object();
  for (const auto& [name, value] : words) json.member(name, value);
  json.end_object();
}

void write_device_members(JsonWriter& json, const DeviceSnapshot& snapshot, const DeviceFacts& facts) {
  const Device& device = *snapshot.device;
  json.member("id", device.id).member("name", device.name).member("kind", label(device.kind));
  json.member("format", device.format).member("source", device.source).member("address", device.address);
  json.member("model", device.model).member("mapped", device.mapped);
  json.key("place");
  write(json, *device.place);
  json.member("presence", label(snapshot.presence)).member("last_heard", snapshot.last_heard);
  json.member("interval_s", std::chrono::duration_cast<std::chrono::seconds>(device.interval).count());
  json.key("disabled_until");
  device.disablement ? json.value(device.disablement->until) : json.null();
  json.key("disabled_why");
  device.disablement ? json.value(device.disablement->reason) : json.null();
  json.member("note", device.note);
  write_position(json, facts.position);
  write_test_members(json, device, facts);
  json.member("adopted_at", facts.adopted_at).member("expected_life_years", facts.expected_life_years);
  json.member("calibrated_at", facts.calibrated_at);
}

}  // namespace

void write(JsonWriter& json, const Place& place) {
  json.begin_object();
  json.key("estate").begin_object().member("id", place.estate.id).member("name", place.estate.name).end_object();
  write_level(json, "building", place.building);
  write_level(json, "floor", place.floor);
  write_level(json, "zone", place.zone);
  write_level(json, "location", place.location);
  json.key("occupancy").begin_array();
  for (std::size_t i = 0; i < label_count<Occupancy>(); ++i) {
    const auto occupancy = static_cast<Occupancy>(i);
    if (place.has(occupancy)) json.value(label(occupancy));
  }
  json.end_array().end_object();
}

void write(JsonWriter& json, Point point, const Value& value) {
  if (const bool* truth = as_bool(value)) {
    json.value(*truth);
  } else if (const double* number = as_number(value)) {
    json.value(*number);
  } else if (is_unknown(value)) {
    json.null();
  } else {
    json.value(to_text(point, value));
  }
}

void write(JsonWriter& json, const Alarm& alarm) {
  json.begin_object().member("id", to_text(alarm.id));
  write_class_words(json, alarm.alarm_class);
  json.member("state", label(alarm.state));
  write_overlays(json, alarm.overlays);
  json.member("confirmation", label(alarm.confirmation));
  json.member("late", alarm.late).member("not_recorded", alarm.not_recorded).member("rule", alarm.rule);
  json.member("group", duty::group_of(alarm));
  write_subject(json, alarm.subject);
  json.key("evidence").begin_array();
  for (const Evidence& evidence : alarm.evidence) write(json, evidence);
  json.end_array();
  json.member("first_raised_at", alarm.first_raised_at).member("last_raised_at", alarm.last_raised_at);
  json.member("occurrences", alarm.occurrences).member("returned_at", alarm.returned_at);
  json.member("acknowledged_at", alarm.acknowledged_at);
  write_text_or_null(json, "acknowledged_by", alarm.acknowledged_by);
  json.key("verdict");
  alarm.verdict ? json.value(label(*alarm.verdict)) : json.null();
  write_text_or_null(json, "verdict_by", alarm.verdict_by);
  write_held(json, alarm);
  json.member("changed_at", alarm.changed_at).member("revision", alarm.revision).end_object();
}

void write(JsonWriter& json, const DeviceSnapshot& device, const DeviceFacts& facts) {
  json.begin_object();
  write_device_members(json, device, facts);
  json.end_object();
}

void write_with_values(JsonWriter& json, const DeviceSnapshot& device, const DeviceFacts& facts) {
  json.begin_object();
  write_device_members(json, device, facts);
  json.key("values").begin_array();
  for (const Current& current : device.values) write(json, current);
  json.end_array().end_object();
}

void write(JsonWriter& json, const Health& health) {
  json.begin_object().member("ok", health.ok()).key("parts").begin_array();
  for (const Health::Part& part : health.parts) {
    json.begin_object().member("name", part.name).member("ok", part.ok).member("detail", part.detail).end_object();
  }
  json.end_array().member("devices_total", health.devices_total).member("devices_online", health.devices_online);
  json.member("devices_unmapped", health.devices_unmapped).member("inbox_waiting", health.inbox_waiting);
  json.member("decision_lag_ms", health.decision_lag.count());
  json.member("clock_drift_ms", health.clock_drift.count()).end_object();
}

void write(JsonWriter& json, const duty::Silence& silence) {
  json.begin_object().member("post", silence.post).member("priority", label(silence.priority));
  json.member("until", silence.until).member("by", silence.by).end_object();
}

void write(JsonWriter& json, const duty::SilenceChange& change) {
  json.begin_object().member("post", change.post).member("priority", label(change.priority));
  json.member("until", change.until).member("by", change.by).end_object();
}

void write_test_members(JsonWriter& json, const Device& device, const DeviceFacts& facts) {
  json.key("test_until");
  device.test ? json.value(device.test->until) : json.null();
  json.key("last_test");
  if (!facts.last_test) {
    json.null();
    return;
  }
  const LastTest& last = *facts.last_test;
  json.begin_object().member("at", last.at).member("by", last.by).member("passed", last.passed).end_object();
}

void write(JsonWriter& json, const DeviceChange& change) {
  json.begin_object().member("at", change.at).member("by", change.by).member("what", label(change.what)).key("from");
  write_words(json, change.from);
  json.key("to");
  write_words(json, change.to);
  json.member("reason", change.reason).end_object();
}

void write(JsonWriter& json, const TestRecord& test) {
  const bool has_message = test.message_at.has_value();
  const bool text = has_message && is_utf8(test.payload);
  json.begin_object().member("no", test.no).member("device", test.device).member("at", test.at).member("by", test.by);
  json.member("ended_at", test.ended_at).member("message_at", test.message_at);
  json.member("payload", text ? std::optional(test.payload) : std::nullopt);
  json.member("payload_b64", has_message && !text ? std::optional(to_base64(test.payload)) : std::nullopt);
  json.member("signal_dbm", test.signal_dbm).member("passed", test.passed).member("note", test.note);
  json.member("photo", false).end_object();
}

void write(JsonWriter& json, const Unmapped& device, const IgnoredDevice* ignored) {
  json.begin_object().member("id", device.id);
  json.member("key", registry::tray_key(device.source, device.format, device.address)).member("source", device.source).member("format", device.format);
  json.member("address", device.address).member("first_heard", device.first_heard);
  json.member("last_heard", device.last_heard).member("messages", device.messages);
  json.member("first_topic", device.first_topic).member("first_payload", device.first_payload);
  json.key("points").begin_array();
  for (const Point point : device.points) json.value(name(point));
  json.end_array().member("count", device.messages).key("suggestion");
  if (const auto suggestion = registry::suggestion_for(device.points)) {
    json.begin_object().member("kind", label(suggestion->kind)).key("model").null();
    json.member("why", suggestion->why).end_object();
  } else {
    json.null();
  }
  json.member("signal_dbm", device.signal_dbm).member("battery_pct", device.battery_pct).key("ignored");
  if (ignored) {
    json.begin_object().member("by", ignored->by).member("at", ignored->at).member("reason", ignored->reason).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write(JsonWriter& json, const RejectedSample& sample) {
  json.begin_object().member("at", sample.at).member("source", sample.source).member("topic", sample.topic);
  json.member("reason", sample.reason).member("detail", sample.detail);
  json.member("payload_bytes", sample.payload_bytes).member("payload_start", sample.payload_start).end_object();
}

void write(JsonWriter& json, const JournalEntry& entry) {
  json.begin_object().member("at", entry.at).member("kind", entry.kind);
  write_act(json, entry);
  json.end_object();
}

void write(JsonWriter& json, const JournalRow& row) {
  const JournalEntry& entry = row.entry;
  json.begin_object().member("seq", row.seq).member("at", entry.at).member("kind", entry.kind).key("alarm");
  entry.alarm == AlarmId{} ? json.null() : json.value(to_text(entry.alarm));
  json.member("subject", entry.subject);
  write_act(json, entry);
  json.end_object();
}

void write(JsonWriter& json, const JournalReport& report) {
  json.begin_object().member("ok", report.ok()).member("rows", report.rows).member("first", report.first);
  json.member("last", report.last).member("unchained", report.unchained).member("checkpoints", report.checkpoints);
  json.key("findings").begin_array();
  for (const JournalFinding& finding : report.findings) {
    json.begin_object().member("kind", label(finding.fault)).member("text", finding.text).end_object();
  }
  json.end_array().member("more_findings", report.more_findings).end_object();
}

void write(JsonWriter& json, const DeliveryRow& delivery) {
  json.begin_object().member("channel", delivery.channel).member("state", delivery.state);
  json.member("attempts", delivery.attempts).member("at", delivery.at).member("detail", delivery.detail).end_object();
}

void write_classes(JsonWriter& json) {
  json.begin_array();
  for (std::size_t i = 0; i < label_count<AlarmClass>(); ++i) {
    const auto alarm_class = static_cast<AlarmClass>(i);
    json.begin_object();
    write_class_words(json, alarm_class);
    json.member("dispatch", label(info(alarm_class).dispatch)).end_object();
  }
  json.end_array();
}

}  // namespace firegate::api
