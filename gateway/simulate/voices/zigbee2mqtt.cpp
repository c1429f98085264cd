// Zigbee2MQTT: one bridge speaks for all devices. It says its own state (retained, with a will), the list of devices
// with what each model exposes (retained), each device's availability (retained) and, on every change, the device's
// whole state. Sources: zigbee2mqtt 6835cbf (topics, retain, availability), zigbee-herdsman-converters 26.112.0
// (models). QoS: the bridge is set up with qos 1 for devices, as our guide asks (the default of Zigbee2MQTT is 0).
#include "simulate/json_writer.h"
#include "simulate/voice.h"
#include "simulate/voices/zigbee_models.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kBase = "zigbee2mqtt";
constexpr Millis kAvailabilityTimeout =
    60s;  // our bridge's setting; Zigbee2MQTT's own default is 10 min for mains devices

std::string availability(std::string_view state) { return fmt::format(R"({{"state":"{}"}})", state); }

std::string ieee_address(const DeviceRow& row) { return fmt::format("0x00158d{:010x}", identity(row) & 0xffffffffffu); }

class ZigbeeVoice final : public Voice {
 public:
  explicit ZigbeeVoice(const DeviceRow& row)
      : model_(zigbee_model(row)),
        topic_(fmt::format("{}/{}", kBase, row.address)),
        link_quality_(60 + static_cast<int>(identity(row) % 120)) {}

  std::string link_name() const override { return std::string(kBase); }
  Millis interval() const override { return model_.mains ? 60s : 25min; }
  Millis missed_after() const override { return kAvailabilityTimeout; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(topic_ + "/availability", availability("online"), 1, true);
    report(facts, moment, speech);
  }

  void report(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(topic_, state(facts, moment.now), 1);
  }

  // Zone status notifications are repeated by many devices, and the bridge publishes each.
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override {
    const std::string said = state(facts, moment.now);
    speech.say(topic_, said, 1);
    speech.say_after(1s, topic_, said, 1);
  }

  void missed(Speech& speech) const override { speech.say(topic_ + "/availability", availability("offline"), 1, true); }

 private:
  std::string state(const Facts& facts, Instant now) const {
    JsonWriter json;
    json.open();
    for (const ZigbeeProperty& property : model_.properties) {
      if (!property.point) continue;
      if (const Value* value = facts.find(*property.point)) say(json, property, *value);
    }
    return json.member("last_seen", to_text(now)).member("linkquality", link_quality_).close().take();
  }

  static void say(JsonWriter& json, const ZigbeeProperty& property, const Value& value) {
    json.key(property.name);
    if (const bool* on = as_bool(value)) {
      json.value(*on != property.inverse);
    } else if (const double* number = as_number(value)) {
      json.value(*number);
    } else {
      json.null();
    }
  }

  const ZigbeeModel& model_;
  std::string topic_;
  int link_quality_;
};

class ZigbeeBridge final : public Voice {
 public:
  explicit ZigbeeBridge(std::span<const DeviceRow> devices) : devices_(list_of(devices)) {}

  std::string link_name() const override { return std::string(kBase); }
  std::optional<Publication> will() const override {
    return Publication{0, fmt::format("{}/bridge/state", kBase), availability("offline"), 1, true, true};
  }
  Millis interval() const override { return 10min; }

  void connected(const Facts&, const Moment&, Speech& speech) override {
    const std::string bridge = fmt::format("{}/bridge/", kBase);
    speech.say(bridge + "state", availability("online"), 1, true);
    speech.say(bridge + "info",
               R"({"version":"2.1.3","commit":"6835cbf","coordinator":{"type":"zStack3x0",)"
               R"("ieee_address":"0x00124b0029a1c3f7"},"permit_join":false,"log_level":"info"})",
               0, true);
    speech.say(bridge + "devices", devices_, 0, true);
    speech.say(bridge + "groups", "[]", 0, true);
  }

  void report(const Facts&, const Moment& moment, Speech& speech) override {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(moment.uptime).count();
    speech.say(fmt::format("{}/bridge/health", kBase),
               fmt::format(R"({{"response_time":{},"process":{{"uptime_sec":{},"memory_percent":2.4}}}})",
                           moment.now.time_since_epoch().count(), minutes * 60),
               0);
  }
  void changed(const Facts&, const Moment&, Speech&) override {}

 private:
  static std::string list_of(std::span<const DeviceRow> devices) {
    JsonWriter json;
    json.open_list().raw(
        R"({"ieee_address":"0x00124b0029a1c3f7","type":"Coordinator","network_address":0,"supported":true,)"
        R"("disabled":false,"friendly_name":"Coordinator","endpoints":{},"interviewing":false,)"
        R"("interview_completed":true,"interview_state":"SUCCESSFUL","definition":null})");
    for (const DeviceRow& row : devices) describe(json, row, zigbee_model(row));
    return json.close_list().take();
  }

  static void describe(JsonWriter& json, const DeviceRow& row, const ZigbeeModel& model) {
    json.open()
        .member("ieee_address", ieee_address(row))
        .member("type", model.mains ? "Router" : "EndDevice")
        .member("network_address", identity(row) % 65000 + 1)
        .member("supported", true)
        .member("disabled", false)
        .member("friendly_name", row.address)
        .member("power_source", model.mains ? "Mains (single phase)" : "Battery")
        .member("model_id", model.zigbee_id)
        .member("manufacturer", model.vendor)
        .member("interviewing", false)
        .member("interview_completed", true)
        .member("interview_state", "SUCCESSFUL")
        .key("endpoints")
        .raw(
            R"({"1":{"bindings":[],"configured_reportings":[],"clusters":{"input":["genBasic","ssIasZone"],"output":[]}}})")
        .key("definition")
        .open()
        .member("model", model.model)
        .member("vendor", model.vendor)
        .member("description", model.description)
        .member("supports_ota", false)
        .key("options")
        .raw("[]")
        .key("exposes")
        .open_list();
    for (const ZigbeeProperty& property : model.properties) json.raw(expose(property));
    json.raw(R"({"type":"numeric","name":"linkquality","label":"Linkquality","property":"linkquality","access":1,)"
             R"("unit":"lqi","value_min":0,"value_max":255,"category":"diagnostic"})");
    json.close_list().close().close();
  }

  static std::string expose(const ZigbeeProperty& property) {
    if (!property.finished.empty()) return std::string(property.finished);
    JsonWriter json;
    const bool binary = property.unit.empty();
    json.open()
        .member("type", binary ? "binary" : "numeric")
        .member("name", property.name)
        .member("label", property.label)
        .member("property", property.name)
        .member("access", 1);
    if (binary) json.member("value_on", !property.inverse).member("value_off", property.inverse);
    if (!binary) json.member("unit", property.unit);
    if (property.diagnostic) json.member("category", "diagnostic");
    return json.close().take();
  }

  std::string devices_;
};

}  // namespace

std::unique_ptr<Voice> make_zigbee_voice(const DeviceRow& row) { return std::make_unique<ZigbeeVoice>(row); }

std::unique_ptr<Voice> make_zigbee_bridge(std::span<const DeviceRow> devices) {
  return std::make_unique<ZigbeeBridge>(devices);
}

}  // namespace firegate::simulate
