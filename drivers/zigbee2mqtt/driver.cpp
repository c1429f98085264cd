// Zigbee2MQTT: state messages of its devices, their availability, and the device list that teaches what each device
// exposes. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/zigbee2mqtt/properties.h"

namespace firegate {
namespace {

using json::Element;
using json::Object;

constexpr std::string_view kBridge = "bridge";

bool is_bridge(std::string_view rest) { return rest == kBridge || rest.starts_with("bridge/"); }

// `<name>/set`, `<name>/get`, `<name>/set/<property>`: what somebody sent to the device.
bool is_command(std::string_view rest) {
  const auto [above, leaf] = split_last(rest);
  const auto parent = split_last(above).second;
  return (!above.empty() && (leaf == "set" || leaf == "get")) ||
         (parent != above && (parent == "set" || parent == "get"));
}

std::optional<bool> online_word(std::string_view word) {
  if (word == "online") return true;
  if (word == "offline") return false;
  return std::nullopt;
}

constexpr std::string_view kDeviceKey = "device:";
std::string link_key(std::string_view name) { return fmt::format("{}{}", kDeviceKey, name); }

// Seconds, milliseconds or text, as the option `last_seen` of the bridge says.
std::optional<Instant> last_seen(const Object& state) {
  const auto found = json::member(state, "last_seen");
  if (!found) return std::nullopt;
  if (const auto text = json::as_text(*found)) return instant_from_text(*text);
  const auto number = number_of(*found);
  return number ? instant_from_seconds(*number) : std::nullopt;
}

DeviceMessage pulse_of(std::string_view name) {
  DeviceMessage pulse = message_of(name, MessageKind::event);
  add(pulse.readings, Point::sos, true);
  return pulse;
}

// An action is a pulse: a call for help is an event of its own. The empty action that follows says that no button is
// pressed; devices known to have no emergency button say nothing by it.
void read_action(const Element& action, std::string_view name, const zigbee::Exposes& exposes, Decoded& result,
                 std::vector<Reading>& state) {
  const auto word = json::as_text(action);
  if (!word) return;
  if (zigbee::is_emergency(*word)) {
    result.messages.push_back(pulse_of(name));
  } else if (word->empty() && exposes.emergency().value_or(true)) {
    add(state, Point::sos, false);
  }
}

class Zigbee2MqttDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "zigbee2mqtt"; }
  std::string_view default_base() const noexcept override { return "zigbee2mqtt"; }

  std::vector<std::string> filters(std::string_view base) const override { return {join_topic(base, "#")}; }

  std::optional<std::string> recognise(std::string_view topic, std::string_view payload) const override {
    if (const auto named = base_by_name(topic)) return std::string(*named);
    if (topic.starts_with("homeassistant/")) return std::nullopt;
    if (const auto bridge = base_by_bridge(topic)) return std::string(*bridge);
    const auto [base, rest] = split_first(topic);
    if (rest.empty()) return std::nullopt;
    const bool state = payload.starts_with('{') && (payload.find("\"linkquality\"") != std::string_view::npos ||
                                                    payload.find("\"last_seen\"") != std::string_view::npos);
    const bool availability = topic.ends_with("/availability") && payload.find("\"state\"") != std::string_view::npos;
    return state || availability ? std::optional(std::string(base)) : std::nullopt;
  }

  PayloadLimits limits(std::string_view base, std::string_view topic) const noexcept override {
    const auto rest = below_base(topic, base);
    return rest && is_bridge(*rest) ? kListLimits : PayloadLimits{};
  }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    if (!rest) return reject(RejectReason::unknown_topic, "expected <base>/<friendly name>");
    if (is_command(*rest)) return ignored(IgnoreReason::command_echo);
    if (is_bridge(*rest)) return decode_bridge(*rest, message.payload, context);
    if (!is_address(*rest)) return bad_address("the topic");
    if (trimmed(message.payload).empty()) return ignored(IgnoreReason::empty);
    const auto [above, leaf] = split_last(*rest);
    if (!above.empty() && leaf == "availability") return decode_online(above, message.payload);
    return decode_state(*rest, message.payload, context);
  }

  // The protocol has no answer to a command: the state that follows says whether it was obeyed. Which property the
  // switch is and what its words are, the device list says.
  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const bool on = command.kind == CommandKind::switch_on;
    const bool off = command.kind == CommandKind::switch_off || command.kind == CommandKind::cut_off;
    const bool query = command.kind == CommandKind::query;
    if (!on && !off && !query) return Driver::encode(command, address, context);
    const std::string* bytes = context.link.find(link_key(address));
    if (!bytes) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: the bridge has not listed the device", label(command.kind)));
    }
    const auto exposes = zigbee::Exposes::from_bytes(*bytes);
    const zigbee::Expose* relay = exposes.relay_at(command.port);
    if (!relay) {
      return refuse(RefuseReason::bad_port,
                    command.port == kNoPort
                        ? fmt::format("{}: the device lists no switch", label(command.kind))
                        : fmt::format("{}: the device lists no switch at port {}", label(command.kind), command.port));
    }
    const std::string topic = join_topic(context.base, fmt::format("{}/{}", address, query ? "get" : "set"));
    const std::string_view word = query ? "" : on ? relay->on : relay->off;
    if (!query && !same_word(word, on ? "on" : "off")) {
      return refuse(RefuseReason::not_supported,
                    fmt::format("{}: the switch says neither ON nor OFF", label(command.kind)));
    }
    return Encoded{{{topic, fmt::format(R"({{"{}":"{}"}})", relay->property, word), false}}, {}};
  }

 private:
  // The part of the topic up to a level named zigbee2mqtt, as installations call it.
  static std::optional<std::string_view> base_by_name(std::string_view topic) {
    constexpr std::string_view kName = "zigbee2mqtt";
    const auto at = topic.find(kName);
    if (at == std::string_view::npos || (at > 0 && topic[at - 1] != '/')) return std::nullopt;
    const auto end = at + kName.size();
    return end < topic.size() && topic[end] == '/' ? std::optional(topic.substr(0, end)) : std::nullopt;
  }

  static std::optional<std::string_view> base_by_bridge(std::string_view topic) {
    constexpr std::array<std::string_view, 10> kTopics{"state", "info",   "devices", "groups",     "event",
                                                       "log",   "health", "logging", "extensions", "definitions"};
    const auto at = topic.find("/bridge/");
    if (at == std::string_view::npos) return std::nullopt;
    const auto rest = topic.substr(at + 8);
    const auto first = split_first(rest).first;
    const bool known =
        first == "request" || first == "response" || std::find(kTopics.begin(), kTopics.end(), rest) != kTopics.end();
    return known ? std::optional(topic.substr(0, at)) : std::nullopt;
  }

  // {"state":"online"}, or the plain word of older versions.
  static DecodeResult decode_online(std::string_view name, std::string_view payload) {
    auto online = online_word(trimmed(payload));
    if (!online) {
      json::Document document;
      const auto root = document.parse_object(payload, PayloadLimits{});
      if (!root) return tl::unexpected(root.error());
      online = online_word(json::member_text(*root, "state").value_or(""));
    }
    if (!online) return reject(RejectReason::wrong_type, "reading availability: expected online or offline");
    DeviceMessage will = message_of(name, MessageKind::will);
    add(will.readings, Point::online, *online);
    return decoded(std::move(will));
  }

  static DecodeResult decode_bridge(std::string_view rest, std::string_view payload, const DecodeContext& context) {
    if (payload.empty()) return ignored(IgnoreReason::empty);
    if (rest == "bridge/state") return decode_bridge_state(payload);
    if (rest == "bridge/devices") return learn_devices(payload, context);
    return ignored(IgnoreReason::network_information);
  }

  static DecodeResult decode_bridge_state(std::string_view payload) {
    DecodeResult state = decode_online(kBridge, payload);
    if (state) state->messages.front().of_the_network = true;
    return state;
  }

  static DecodeResult learn_devices(std::string_view payload, const DecodeContext& context) {
    json::Document document;
    const auto root = document.parse(payload, kListLimits);
    if (!root) return tl::unexpected(root.error());
    json::Array devices;
    if (root->get_array().get(devices))
      return reject(RejectReason::wrong_type, "reading the device list: expected a list");
    Decoded result = ignored(IgnoreReason::learned_only);
    std::set<std::string, std::less<>> listed;  // keys
    for (const auto item : devices) {
      const auto device = json::as_object(item);
      const auto definition = device ? json::member_object(*device, "definition") : std::nullopt;
      const auto exposes = definition ? json::member_array(*definition, "exposes") : std::nullopt;
      const auto name = device ? json::member_text(*device, "friendly_name").value_or("") : "";
      if (!is_address(name)) continue;
      listed.insert(link_key(name));
      if (!exposes) continue;
      Learned learned{link_key(name), zigbee::learned_bytes(*exposes)};
      const std::string* before = context.link.find(learned.key);
      if (!before || *before != learned.bytes) result.learned.push_back(std::move(learned));
    }
    forget_unlisted(listed, context.link, result.learned);
    return result;
  }

  // A list names the coordinator at least: an empty one says nothing about who has gone.
  static void forget_unlisted(const std::set<std::string, std::less<>>& listed, const LinkState& link,
                              std::vector<Learned>& learned) {
    if (listed.empty()) return;
    for (const std::string_view key : link.keys()) {
      if (key.starts_with(kDeviceKey) && !listed.contains(key)) learned.push_back({std::string(key), {}});
    }
  }

  static zigbee::Exposes exposes_of(std::string_view name, const DecodeContext& context) {
    if (context.link.size() == 0) return {};
    const std::string* bytes = context.link.find(link_key(name));
    return bytes ? zigbee::Exposes::from_bytes(*bytes) : zigbee::Exposes{};
  }

  static DecodeResult decode_state(std::string_view rest, std::string_view payload, const DecodeContext& context) {
    const auto [above, leaf] = split_last(rest);
    const bool may_be_attribute = !above.empty() && (leaf == "action" || zigbee::is_property(leaf));
    if (may_be_attribute && !trimmed(payload).starts_with('{')) return decode_attribute(above, leaf, payload, context);
    json::Document document;
    const auto root = document.parse(payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    const auto state = json::as_object(*root);
    if (state) return decode_object(rest, *state, context);
    if (!above.empty()) return ignored(IgnoreReason::no_known_point);  // an attribute that is no point of ours
    return reject(RejectReason::wrong_type, "reading a state: found no object, expected one");
  }

  static DecodeResult decode_object(std::string_view name, const Object& state, const DecodeContext& context) {
    const auto exposes = exposes_of(name, context);
    const zigbee::Surroundings surroundings{.on_battery =
                                                json::member(state, "battery") || json::member(state, "battery_low")};
    Decoded result;
    DeviceMessage message = message_of(name, MessageKind::snapshot);
    message.measured_at = last_seen(state);
    for (const auto [key, value] : state) {
      if (key == "action") {
        read_action(value, name, exposes, result, message.readings);
      } else {
        zigbee::read_property(key, value, exposes, surroundings, message.readings);
      }
    }
    for (auto& pulse : result.messages) pulse.measured_at = message.measured_at;
    if (!message.readings.empty()) result.messages.push_back(std::move(message));
    if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
    return result;
  }

  // One value on a topic of its own (`output: attribute`), as JSON or as plain text.
  static DecodeResult decode_attribute(std::string_view name, std::string_view key, std::string_view payload,
                                       const DecodeContext& context) {
    json::Document document;
    auto value = document.parse(payload, PayloadLimits{});
    if (!value) {
      if (value.error().reason != RejectReason::unparsable ||
          trimmed(payload).find_first_of("{}[]\"") != std::string_view::npos) {
        return tl::unexpected(std::move(value.error()));
      }
      value = document.parse(fmt::format("\"{}\"", escaped(trimmed(payload))), PayloadLimits{});
      if (!value) return tl::unexpected(std::move(value.error()));
    }
    Decoded result;
    DeviceMessage message = message_of(name, MessageKind::delta);
    const auto exposes = exposes_of(name, context);
    if (key == "action") {
      read_action(*value, name, exposes, result, message.readings);
    } else {
      zigbee::read_property(key, *value, exposes, {}, message.readings);
    }
    if (!message.readings.empty()) result.messages.push_back(std::move(message));
    if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
    return result;
  }

  static std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
      if (c == '\\') safe += '\\';
      safe += c;
    }
    return safe;
  }
};

}  // namespace

std::unique_ptr<Driver> make_zigbee2mqtt_driver() { return std::make_unique<Zigbee2MqttDriver>(); }

}  // namespace firegate
