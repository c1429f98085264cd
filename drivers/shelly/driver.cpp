// Shelly devices of the first generation (a topic a value) and of the second and later ones (JSON-RPC over MQTT).
// Sources and quirks: notes.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/config_node.h"
#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/shelly/components.h"
#include "drivers/shelly/gen1.h"

namespace firegate {
namespace {

using json::Object;

constexpr std::string_view kGen1Root = "shellies";
constexpr std::string_view kAnswers = "firegate";  // we ask as firegate/<prefix>; answers come to firegate/<prefix>/rpc

enum class TopicKind : std::uint8_t { online, notification, status, answer, request, announcement, gen1, other };

struct ShellyTopic {
  TopicKind kind = TopicKind::other;
  std::string_view prefix;  // address of the device
  std::string_view path;    // status: the component; gen 1: what follows the id
};

bool is_component(std::string_view text) {
  constexpr std::array<std::string_view, 9> kSingle{"sys", "wifi", "mqtt", "cloud", "ble",
                                                    "ws",  "eth",  "knx",  "bthome"};
  return text.find(':') != std::string_view::npos || std::find(kSingle.begin(), kSingle.end(), text) != kSingle.end();
}

ShellyTopic parse_gen1(std::string_view rest) {
  while (rest.starts_with("shellies/")) rest.remove_prefix(kGen1Root.size() + 1);  // seen doubled
  const auto [id, path] = split_first(rest);
  if (id == "announce" || id == "command" || path == "announce" || path == "info")
    return {TopicKind::announcement, id, path};
  if (path == "command" || path.ends_with("/command") || path.ends_with("/set")) return {TopicKind::request, id, path};
  return {path.empty() ? TopicKind::other : TopicKind::gen1, id, path};
}

// `rest`: the topic below the base. What only the second generation has is looked for first.
ShellyTopic parse_topic(std::string_view rest, bool below_shellies) {
  const auto [above, leaf] = split_last(rest);
  const auto [prefix, last] = split_last(above);
  if (leaf == "online" && !above.empty()) {
    return {TopicKind::online, below_shellies ? parse_gen1(rest).prefix : above, leaf};
  }
  if (leaf == "rpc" && last == "events") return {TopicKind::notification, prefix, leaf};
  if (leaf == "rpc" && !above.empty()) return {TopicKind::request, above, leaf};
  if (last == "status" && !prefix.empty() && is_component(leaf)) return {TopicKind::status, prefix, leaf};
  if (leaf == "command" && !below_shellies) return {TopicKind::request, above, leaf};
  return below_shellies ? parse_gen1(rest) : ShellyTopic{};
}

// What a device of each generation has taught: the part of its topics that commands begin with.
std::string gen1_key(std::string_view prefix) { return fmt::format("gen1:{}", prefix); }
std::string gen2_key(std::string_view prefix) { return fmt::format("gen2:{}", prefix); }

void learn(std::string key, std::string_view bytes, const LinkState& link, Decoded& result) {
  const std::string* known = link.find(key);
  if (!known || *known != bytes) result.learned.push_back({std::move(key), std::string(bytes)});
}

// The topic without what follows the device's prefix.
std::string_view full_prefix(const ShellyTopic& topic, std::string_view full) {
  if (topic.kind == TopicKind::gen1) return full.substr(0, full.size() - topic.path.size() - 1);
  if (topic.kind == TopicKind::answer) return split_last(full.substr(kAnswers.size() + 1)).first;
  return split_last(split_last(full).first).first;  // events/rpc, status/<component>
}

std::string json_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return fmt::format("\"{}\"", escaped);
}

// A call of the second generation. The device's answer has its id, and comes to <src>/rpc.
Outgoing rpc(std::string_view prefix, std::string_view id, std::string_view method, std::string_view params) {
  return {fmt::format("{}/rpc", prefix),
          fmt::format(R"({{"id":{},"src":{},"method":"{}"{}}})", id, json_text(fmt::format("{}/{}", kAnswers, prefix)),
                      method, params.empty() ? "" : fmt::format(R"(,"params":{})", params)),
          false};
}

class ShellyDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "shelly"; }
  std::string_view default_base() const noexcept override { return {}; }  // a device's prefix stands at the top

  std::vector<std::string> filters(std::string_view base) const override {
    if (base.empty())
      return {"shellies/#", "+/online", "+/events/rpc", "+/status/+", "firegate/+/rpc", "firegate/shellies/+/rpc"};
    return {join_topic(base, "#"), fmt::format("{}/{}/+/rpc", kAnswers, base)};
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view payload) const override {
    if (below_base(topic, kGen1Root)) return std::string(kGen1Root);
    if (const auto answer = below_base(topic, kAnswers); answer && topic.ends_with("/rpc")) {
      return std::string(split_last(split_last(*answer).first).first);
    }
    const auto parsed = parse_topic(topic, false);
    const bool rpc = parsed.kind == TopicKind::notification || parsed.kind == TopicKind::request;
    const bool ours = rpc ? payload.find("\"method\"") != std::string_view::npos
                          : parsed.kind != TopicKind::other && topic.find("shelly") != std::string_view::npos;
    if (!ours) return std::nullopt;
    return std::string(split_last(parsed.prefix).first);
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto topic = locate(message.topic, context.base);
    if (topic.kind == TopicKind::other) {
      return reject(RejectReason::unknown_topic, "expected a topic of a Shelly device below the base");
    }
    if (topic.kind == TopicKind::request) return ignored(IgnoreReason::command_echo);
    if (topic.kind == TopicKind::announcement) return ignored(IgnoreReason::not_a_measurement);
    if (!is_address(topic.prefix)) return bad_address("the topic");
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    if (topic.kind == TopicKind::online) return decode_online(topic, message, context);
    if (topic.kind == TopicKind::gen1) return decode_gen1(topic, message, context);
    return decode_json(topic, message, context);
  }

  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const bool on = command.kind == CommandKind::switch_on;
    const bool off = command.kind == CommandKind::switch_off || command.kind == CommandKind::cut_off;
    const bool silence = command.kind == CommandKind::silence_device, query = command.kind == CommandKind::query;
    if (!on && !off && !silence && !query) return Driver::encode(command, address, context);
    const Port port = command.port == kNoPort ? Port{0} : command.port;
    if (const std::string* prefix = context.link.find(gen2_key(address))) {
      const std::string id = json_text(command.id);
      if (query) return Encoded{{rpc(*prefix, id, "Shelly.GetStatus", {})}, {}};
      if (silence) return Encoded{{rpc(*prefix, id, "Smoke.Mute", fmt::format(R"({{"id":{}}})", port))}, {}};
      return Encoded{{rpc(*prefix, id, "Switch.Set", fmt::format(R"({{"id":{},"on":{}}})", port, on))}, {}};
    }
    const std::string* prefix = context.link.find(gen1_key(address));
    if (!prefix) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: of which generation the device is, is not known; its first message says it",
                                label(command.kind)));
    }
    if (silence) return Driver::encode(command, address, context);
    if (query) return Encoded{{{fmt::format("{}/command", *prefix), "update", false}}, {}};
    return Encoded{{{fmt::format("{}/relay/{}/command", *prefix, port), on ? "on" : "off", false}}, {}};
  }

 private:
  static ShellyTopic locate(std::string_view topic, std::string_view base) {
    if (const auto answer = below_base(topic, kAnswers); answer && answer->ends_with("/rpc")) {
      const auto asked = split_last(*answer).first;
      const auto prefix =
          base.empty() && asked.starts_with("shellies/") ? below_base(asked, kGen1Root) : below_base(asked, base);
      return prefix ? ShellyTopic{TopicKind::answer, *prefix, {}} : ShellyTopic{};
    }
    const auto rest = below_base(topic, base);
    if (!rest) return {};
    const auto gen1 = below_base(topic, kGen1Root);
    if (base.empty() && gen1) return parse_topic(*gen1, true);
    return parse_topic(*rest, base == kGen1Root);
  }

  static DecodeResult decode_online(const ShellyTopic& topic, const RawMessage& message, const DecodeContext& context) {
    const auto online = trimmed(message.payload);
    if (online != "true" && online != "false") {
      return reject(RejectReason::wrong_type, "reading online: expected true or false");
    }
    DeviceMessage will = message_of(topic.prefix, MessageKind::will);
    add(will.readings, Point::online, online == "true");
    Decoded result = decoded(std::move(will));
    if (online == "true") ask_state(topic, message.topic, context, result);
    return result;
  }

  // A device that has just come says its whole state when asked. Below `shellies` both generations live: a device
  // whose generation is not known yet is asked in both ways.
  static void ask_state(const ShellyTopic& topic, std::string_view full, const DecodeContext& context,
                        Decoded& result) {
    const auto prefix = split_last(full).first;
    const bool known_gen2 = context.link.find(gen2_key(topic.prefix)) != nullptr;
    result.replies.push_back(rpc(prefix, "1", "Shelly.GetStatus", {}));
    if (!known_gen2 && full.starts_with("shellies/")) {
      result.replies.push_back({fmt::format("{}/command", prefix), "update", false});
    }
  }

  static DecodeResult decode_gen1(const ShellyTopic& topic, const RawMessage& raw, const DecodeContext& context) {
    const std::string_view payload = raw.payload;
    constexpr std::size_t kLongestValue = 4096;  // gen 1 values are words and numbers, a few are small JSON objects
    if (payload.size() > kLongestValue)
      return reject(RejectReason::too_large, "reading a gen 1 value: expected a word");
    if (!simdjson::validate_utf8(payload.data(), payload.size())) {
      return reject(RejectReason::bad_encoding, "reading a gen 1 value: found bytes that are not UTF-8");
    }
    DeviceMessage message = message_of(topic.prefix, MessageKind::delta);
    shelly::read_gen1(topic.path, trimmed(payload), message.readings);
    Decoded result = decoded(std::move(message));
    learn(gen1_key(topic.prefix), full_prefix(topic, raw.topic), context.link, result);
    return result;
  }

  static DecodeResult decode_json(const ShellyTopic& topic, const RawMessage& raw, const DecodeContext& context) {
    json::Document document;
    const auto root = document.parse_object(raw.payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    DecodeResult result = topic.kind == TopicKind::status   ? decode_status(topic, *root)
                          : topic.kind == TopicKind::answer ? decode_answer(topic, *root)
                                                            : decode_notification(topic, *root);
    if (result) learn(gen2_key(topic.prefix), full_prefix(topic, raw.topic), context.link, *result);
    return result;
  }

  static DecodeResult decode_status(const ShellyTopic& topic, const Object& component) {
    DeviceMessage message = message_of(topic.prefix, MessageKind::delta);
    shelly::read_component(topic.path, component, true, message.readings);
    return decoded(std::move(message));
  }

  static DecodeResult decode_notification(const ShellyTopic& topic, const Object& root) {
    const auto method = json::member_text(root, "method");
    const auto params = json::member_object(root, "params");
    if (!method || !params)
      return reject(RejectReason::missing_field, "reading a notification: expected method and params");
    DeviceMessage message = message_of(topic.prefix, MessageKind::snapshot);
    message.measured_at = shelly::time_of(*params);
    if (*method == "NotifyFullStatus") {
      shelly::read_components(*params, true, message.readings);
    } else if (*method == "NotifyStatus") {
      message.kind = MessageKind::delta;
      shelly::read_components(*params, false, message.readings);
    } else if (*method == "NotifyEvent") {
      message.kind = MessageKind::event;
      shelly::read_events(*params, message.readings);
    } else {
      return ignored(IgnoreReason::not_a_measurement);
    }
    return decoded(std::move(message));
  }

  // The answer to our question (the whole state) or to a command (done, or an error).
  static DecodeResult decode_answer(const ShellyTopic& topic, const Object& root) {
    DeviceMessage message = message_of(topic.prefix, MessageKind::snapshot);
    const auto result = json::member_object(root, "result");
    if (result) shelly::read_components(*result, true, message.readings);
    const auto id = json::member(root, "id");
    const bool of_a_command =
        id && is_id(json::as_text(*id).value_or(""));  // our questions have numbers, commands their ids
    if (!message.readings.empty()) {
      Decoded whole = decoded(std::move(message));
      if (of_a_command) {
        DeviceMessage done = message_of(topic.prefix, MessageKind::reply);
        done.reply = Reply{std::string(json::as_text(*id).value_or("")), "done", {}};
        whole.messages.push_back(std::move(done));
      }
      return whole;
    }
    const auto error = json::member_object(root, "error");
    if (!id || (!error && !json::member(root, "result"))) {
      return reject(RejectReason::missing_field, "reading an answer: expected id and result or error");
    }
    message.kind = MessageKind::reply;
    message.reply = Reply{std::string(json::as_text(*id).value_or("")), error ? "failed" : "done", {}};
    std::int64_t number = 0;
    if (!id->get_int64().get(number)) message.reply->command_id = std::to_string(number);
    if (error) message.reply->reason = json::member_text(*error, "message").value_or("refused by the device");
    return decoded(std::move(message));
  }
};

}  // namespace

std::unique_ptr<Driver> make_shelly_driver() { return std::make_unique<ShellyDriver>(); }

}  // namespace firegate
