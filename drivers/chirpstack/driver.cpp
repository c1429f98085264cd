// ChirpStack v4 and v3 events over MQTT: the object that its codec made, mapped by model. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/lorawan.h"
#include "drivers/common/topic.h"

namespace firegate {
namespace {

using json::Element;
using json::Object;

struct ChirpStackTopic {
  std::string_view dev_eui;  // as written; may be a placeholder or in upper case
  std::string_view part;     // event, command
  std::string_view type;     // up, join, status, ...; command: down
};

// `rest` is what follows "application": "<id>/device/<devEui>/event/up".
std::optional<ChirpStackTopic> parse_topic(std::string_view rest) {
  const auto at = rest.find("/device/");
  if (at == std::string_view::npos) return std::nullopt;
  const auto [dev_eui, tail] = split_first(rest.substr(at + 8));
  const auto [part, type] = split_first(tail);
  if (type.empty() || (part != "event" && part != "command")) return std::nullopt;
  return ChirpStackTopic{dev_eui, part, type};
}

// v3 writes the eight bytes of a DevEUI in base64: 11 characters and one '='.
std::optional<std::string> eui_from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() != 12 || text.back() != '=') return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : text.substr(0, 10)) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | digit;
  }
  const auto last = kAlphabet.find(text[10]);
  if (last == std::string_view::npos) return std::nullopt;
  return fmt::format("{:016x}", bits << 4 | last >> 2);
}

std::optional<std::string> eui_from_text(std::string_view text) {
  if (lorawan::is_hex_eui(text)) return lorawan::lower_case(text);
  return eui_from_base64(text);
}

// What an event says about its device, in the words of v4 (deviceInfo) or of v3 (top level).
struct DeviceInfo {
  std::string address;
  std::string_view profile;
  std::optional<Object> tags;
};

tl::expected<DeviceInfo, Rejection> read_device(const Object& root, const ChirpStackTopic& topic) {
  const auto nested = json::member_object(root, "deviceInfo");
  const Object& device = nested ? *nested : root;
  auto written = json::member_text(device, "devEui");
  if (!written) written = json::member_text(root, "devEUI");
  const auto said = written ? eui_from_text(*written) : std::nullopt;
  const auto addressed =
      lorawan::is_hex_eui(topic.dev_eui) ? std::optional(lorawan::lower_case(topic.dev_eui)) : std::nullopt;
  if (written && !said) return bad_address("devEui");
  if (!said && !addressed) return bad_address("the topic and the message");
  if (said && addressed && *said != *addressed) {
    return reject(RejectReason::bad_address, "reading devEui: found another device than in the topic");
  }
  return DeviceInfo{said ? *said : *addressed, json::member_text(device, "deviceProfileName").value_or(""),
                    json::member_object(device, "tags")};
}

// The tags `brand` and `model` of the device, then the name of its profile, what the object says, and the inventory.
const Model* find_model(const DeviceInfo& device, const Object* object, const DecodeContext& context) {
  const auto tag = [&](std::string_view key) {
    return device.tags ? json::member_text(*device.tags, key).value_or("") : std::string_view{};
  };
  return lorawan::find_model({tag("brand"), tag("model"), device.profile}, object, device.address, context);
}

std::optional<Instant> time_of(const Object& root) {
  auto text = json::member_text(root, "time");
  if (!text) text = json::member_text(root, "publishedAt");
  return text ? instant_from_text(*text) : std::nullopt;
}

class ChirpStackDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "chirpstack"; }
  std::string_view default_base() const noexcept override { return "application"; }

  // The base is "application", or "application/<id>" where each application is a source of its own.
  std::vector<std::string> filters(std::string_view base) const override {
    const bool one = split_last(base).second != "application";
    return {join_topic(base, one ? "device/+/event/+" : "+/device/+/event/+")};
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    constexpr std::string_view kRoot = "application";
    const auto at = topic.starts_with("application/") ? 0 : topic.find("/application/");
    if (at == std::string_view::npos) return std::nullopt;
    const auto end = at == 0 ? kRoot.size() : at + 1 + kRoot.size();
    if (!parse_topic(topic.substr(end))) return std::nullopt;
    return std::string(topic.substr(0, end));
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    const auto topic = rest ? parse_topic(message.topic.substr(context.base.size())) : std::nullopt;
    if (!topic) return reject(RejectReason::unknown_topic, "expected application/<id>/device/<devEui>/event/<type>");
    if (topic->part == "command") return ignored(IgnoreReason::command_echo);
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    if (is_protobuf(message.payload)) {
      return reject(RejectReason::not_supported,
                    "reading an event: found Protobuf, expected JSON (integration.mqtt json=true)");
    }
    json::Document document;
    const auto root = document.parse_object(message.payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    const auto device = read_device(*root, *topic);
    if (!device) return tl::unexpected(device.error());
    if (topic->type == "up") return decode_up(*root, *device, message, context);
    return decode_event(topic->type, *root, *device);
  }

 private:
  // The first field of an event is a text with number 1: byte 0x0A and a length. JSON text never starts like this.
  static bool is_protobuf(std::string_view payload) {
    const auto first = static_cast<unsigned char>(payload.front());
    const auto text = payload.find_first_not_of(" \t\r\n");
    const bool json = text != std::string_view::npos && (payload[text] == '{' || payload[text] == '[');
    return !json && (first < 0x20 || first >= 0x80) && first != 0xEF && first != '\t';
  }

  static DecodeResult decode_event(std::string_view type, const Object& root, const DeviceInfo& device) {
    if (type == "status") return decode_status(root, device);
    if (type == "join") {
      DeviceMessage will = message_of(device.address, MessageKind::will);
      will.measured_at = time_of(root);
      add(will.readings, Point::online, true);
      return decoded(std::move(will));
    }
    if (type == "log" || type == "error") return decode_log(root, device);
    if (type == "ack" || type == "txack") return decode_downlink(type, root, device);
    return ignored(IgnoreReason::not_a_measurement);  // location, integration
  }

  static DecodeResult decode_up(const Object& root, const DeviceInfo& device, const RawMessage& message,
                                const DecodeContext& context) {
    json::Document nested;  // v3 carries the object as text
    auto object = json::member_object(root, "object");
    const auto text = json::member_text(root, "objectJSON").value_or("");
    if (!object && !trimmed(text).empty()) {
      const auto parsed = nested.parse_object(text, PayloadLimits{});
      if (!parsed) return tl::unexpected(parsed.error());
      object = *parsed;
    }
    lorawan::Uplink uplink{device.address, time_of(root), object, nullptr, {}, Quality::good};
    uplink.model = find_model(device, object ? &*object : nullptr, context);
    uplink.gateways = json::member_array(root, "rxInfo");
    if (object && object->size() > 0) return lorawan::read_uplink(uplink);
    return lorawan::read_raw_uplink(std::move(uplink), lorawan::raw_payload(root, "data", "fPort"), message, context);
  }

  // proto3 leaves out zero: no batteryLevel, and not said to be unavailable or external, is an empty battery.
  static DecodeResult decode_status(const Object& root, const DeviceInfo& device) {
    const auto flag = [&](std::string_view key) {
      const auto found = json::member(root, key);
      return found && truth_of(*found).value_or(false);
    };
    DeviceMessage message = message_of(device.address, MessageKind::delta);
    message.measured_at = time_of(root);
    const auto level = json::member(root, "batteryLevel");
    if (flag("batteryLevelUnavailable")) {
      add(message.readings, Point::battery_pct, Unknown{});
    } else if (!flag("externalPowerSource")) {
      add(message.readings, Point::battery_pct, level ? number_value(*level) : Value{0.0});
    }
    return decoded(std::move(message));
  }

  // Errors of the network about this device: its codec, its counters, its downlinks.
  static DecodeResult decode_log(const Object& root, const DeviceInfo& device) {
    constexpr std::array<std::string_view, 10> kCodes{"uplink_codec",         "uplink_mic",
                                                      "uplink_f_cnt_reset",   "uplink_f_cnt_retransmission",
                                                      "downlink_codec",       "downlink_payload_size",
                                                      "downlink_gateway",     "otaa",
                                                      "relay_new_end_device", "f_cnt_down"};
    const auto level = json::member_text(root, "level").value_or("ERROR");  // v3 has no level: only errors
    if (!same_word(level, "error")) return ignored(IgnoreReason::not_a_measurement);
    auto code = json::member_text(root, "code");
    if (!code) code = json::member_text(root, "type");
    const auto word = lorawan::lower_case(code.value_or(""));
    const auto known = std::find(kCodes.begin(), kCodes.end(), word);
    DeviceMessage message = message_of(device.address, MessageKind::event);
    message.measured_at = time_of(root);
    add(message.readings, Point::fault, true);
    add(message.readings, Point::fault_code, std::string(known != kCodes.end() ? *known : "network_error"));
    return decoded(std::move(message));
  }

  // What became of a downlink: sent by a gateway (txack), confirmed or refused by the device (ack).
  static DecodeResult decode_downlink(std::string_view type, const Object& root, const DeviceInfo& device) {
    const auto id = json::member_text(root, "queueItemId").value_or("");
    if (id.empty()) return ignored(IgnoreReason::not_a_measurement);
    const auto acknowledged = json::member(root, "acknowledged");
    const bool done = acknowledged && truth_of(*acknowledged).value_or(false);
    DeviceMessage message = message_of(device.address, MessageKind::reply);
    message.measured_at = time_of(root);
    message.reply = type == "txack" ? Reply{std::string(id), "accepted", {}}
                    : done          ? Reply{std::string(id), "done", {}}
                                    : Reply{std::string(id), "failed", "not acknowledged by the device"};
    return decoded(std::move(message));
  }
};

}  // namespace

std::unique_ptr<Driver> make_chirpstack_driver() { return std::make_unique<ChirpStackDriver>(); }

}  // namespace firegate
