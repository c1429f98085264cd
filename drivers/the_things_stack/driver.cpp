// The Things Stack v3 over MQTT: the payload that its formatter decoded, mapped by model. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <memory>

#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/lorawan.h"
#include "drivers/common/topic.h"

namespace firegate {
namespace {

using json::Object;

struct ThingsTopic {
  std::string_view device;  // device_id; may be a placeholder
  std::string_view type;    // up, join, down/queued, ...
};

// `rest` is what follows the base: "<application>@<tenant>/devices/<device>/up".
std::optional<ThingsTopic> parse_topic(std::string_view rest) {
  const auto [application, below] = split_first(rest);
  const auto [devices, tail] = split_first(below);
  const auto [device, type] = split_first(tail);
  if (application.empty() || devices != "devices" || device.empty() || type.empty()) return std::nullopt;
  return ThingsTopic{device, type};
}

std::optional<Object> ids_of(const Object& root) { return json::member_object(root, "end_device_ids"); }

// The DevEUI is the same in every network; a device without one (ABP) is known by its application and id.
tl::expected<std::string, Rejection> address_of(const Object& root, const ThingsTopic& topic) {
  const auto ids = ids_of(root);
  if (!ids) return reject(RejectReason::missing_field, "reading an event: found no end_device_ids");
  const auto device = json::member_text(*ids, "device_id").value_or("");
  if (!device.empty() && topic.device.find('<') == std::string_view::npos && device != topic.device) {
    return reject(RejectReason::bad_address, "reading end_device_ids: found another device than in the topic");
  }
  const auto eui = json::member_text(*ids, "dev_eui");
  if (eui && lorawan::is_hex_eui(*eui)) return lorawan::lower_case(*eui);
  if (eui && !eui->empty()) return bad_address("dev_eui");
  const auto application = json::member_object(*ids, "application_ids");
  const auto name = application ? json::member_text(*application, "application_id").value_or("") : std::string_view{};
  std::string address = name.empty() ? std::string(device) : fmt::format("{}/{}", name, device);
  if (device.empty() || !is_address(address)) return bad_address("end_device_ids");
  return address;
}

std::optional<Instant> time_of(const Object& object) {
  const auto text = json::member_text(object, "received_at");
  return text ? instant_from_text(*text) : std::nullopt;
}

bool flag(const Object& object, std::string_view key) {
  const auto found = json::member(object, key);
  return found && truth_of(*found).value_or(false);
}

class TheThingsStackDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "the_things_stack"; }
  std::string_view default_base() const noexcept override { return "v3"; }

  std::vector<std::string> filters(std::string_view base) const override {
    return {join_topic(base, "+/devices/+/up"), join_topic(base, "+/devices/+/join"),
            join_topic(base, "+/devices/+/down/+")};
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    for (auto at = topic.find("v3/"); at != std::string_view::npos; at = topic.find("v3/", at + 1)) {
      const bool begins = at == 0 || topic[at - 1] == '/';
      if (begins && parse_topic(topic.substr(at + 3))) return std::string(topic.substr(0, at + 2));
    }
    return std::nullopt;
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    const auto topic = rest ? parse_topic(*rest) : std::nullopt;
    if (!topic) return reject(RejectReason::unknown_topic, "expected v3/<application>/devices/<device>/<event>");
    if (topic->type == "down/push" || topic->type == "down/replace") return ignored(IgnoreReason::command_echo);
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    json::Document document;
    const auto root = document.parse_object(message.payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    const auto address = address_of(*root, *topic);
    if (!address) return tl::unexpected(address.error());
    if (topic->type == "up") return decode_up(*root, *address, message, context);
    if (topic->type == "join") return decode_join(*root, *address);
    if (topic->type.starts_with("down/")) return decode_downlink(topic->type.substr(5), *root, *address);
    return ignored(IgnoreReason::not_a_measurement);  // service/data, location/solved
  }

 private:
  static DecodeResult decode_up(const Object& root, const std::string& address, const RawMessage& raw,
                                const DecodeContext& context) {
    const auto message = json::member_object(root, "uplink_message");
    if (!message) return reject(RejectReason::missing_field, "reading an uplink: found no uplink_message");
    lorawan::Uplink uplink{address, time_of(root), json::member_object(*message, "decoded_payload"), nullptr,
                           {},      Quality::good};
    uplink.model = find_model(*message, uplink, context);
    uplink.gateways = json::member_array(*message, "rx_metadata");
    if (flag(root, "simulated")) uplink.quality = Quality::simulated;
    Decoded result =
        uplink.object && uplink.object->size() > 0
            ? lorawan::read_uplink(uplink)
            : lorawan::read_raw_uplink(uplink, lorawan::raw_payload(*message, "frm_payload", "f_port"), raw, context);
    read_battery(*message, uplink, result);
    return result;
  }

  // What the network made of DevStatusAns; the codec's own battery comes first.
  static void read_battery(const Object& message, const lorawan::Uplink& uplink, Decoded& result) {
    const auto found = json::member_object(message, "last_battery_percentage");
    const auto value = found ? json::member(*found, "value") : std::nullopt;
    const auto percent = value ? number_of(*value) : std::nullopt;
    if (!percent || result.messages.empty()) return;
    auto& readings = result.messages.back().readings;
    for (const Reading& reading : readings) {
      if (reading.point == Point::battery_pct) return;
    }
    add(readings, Point::battery_pct, *percent, kNoPort, uplink.quality);
  }

  static const Model* find_model(const Object& message, const lorawan::Uplink& uplink, const DecodeContext& context) {
    const auto version = json::member_object(message, "version_ids");
    const auto text = [&](std::string_view key) {
      return version ? json::member_text(*version, key).value_or("") : std::string_view{};
    };
    return lorawan::find_model({text("brand_id"), text("model_id"), {}}, uplink.object ? &*uplink.object : nullptr,
                               uplink.address, context);
  }

  static DecodeResult decode_join(const Object& root, const std::string& address) {
    DeviceMessage will = message_of(address, MessageKind::will);
    will.measured_at = time_of(root);
    add(will.readings, Point::online, true, kNoPort);
    if (flag(root, "simulated")) will.readings.back().quality = Quality::simulated;
    return decoded(std::move(will));
  }

  // What became of a downlink that carries a correlation id of ours.
  static DecodeResult decode_downlink(std::string_view type, const Object& root, const std::string& address) {
    const auto id = command_id(root);
    if (id.empty()) return ignored(IgnoreReason::not_a_measurement);
    DeviceMessage message = message_of(address, MessageKind::reply);
    message.measured_at = time_of(root);
    if (type == "queued" || type == "sent") {
      message.reply = Reply{std::string(id), "accepted", {}};
    } else if (type == "ack") {
      message.reply = Reply{std::string(id), "done", {}};
    } else if (type == "nack" || type == "failed") {
      message.reply = Reply{std::string(id), "failed", type == "nack" ? "not acknowledged by the device" : "not sent"};
    } else {
      return ignored(IgnoreReason::not_a_measurement);
    }
    return decoded(std::move(message));
  }

  static std::string_view command_id(const Object& root) {
    constexpr std::string_view kOurs = "firegate:";
    const auto list = json::member_array(root, "correlation_ids");
    if (!list) return {};
    for (const auto item : *list) {
      const auto text = json::as_text(item).value_or("");
      if (text.starts_with(kOurs) && is_id(text.substr(kOurs.size()))) return text.substr(kOurs.size());
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Driver> make_the_things_stack_driver() { return std::make_unique<TheThingsStackDriver>(); }

}  // namespace firegate
