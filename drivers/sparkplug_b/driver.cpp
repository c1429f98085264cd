// Sparkplug B: births tell what a node and its devices have, data what changed, deaths who has gone. Sources and
// quirks: notes.md.
#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "drivers/common/field_map.h"
#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/sparkplug_b/names.h"
#include "drivers/sparkplug_b/payload.h"

namespace firegate {
namespace {

using sparkplug::Metric;
using sparkplug::Names;
using sparkplug::Payload;

constexpr std::string_view kRoot = "spBv1.0";
constexpr PayloadLimits kBirthLimits{512 * 1024, 20'000, 16};  // a birth lists every metric of a device (our choice)
constexpr Millis kAskAgainAfter{60'000};                       // a rebirth that does not come (our choice)
constexpr unsigned kSequence = 256;                            // numbers 0 to 255, then again from 0

enum class Kind : std::uint8_t { birth, data, death, command, other };

struct SparkplugTopic {
  Kind kind = Kind::other;
  bool of_node = true;
  std::string_view group, node, device;

  std::string node_address() const { return fmt::format("{}/{}", group, node); }
  std::string address() const { return of_node ? node_address() : fmt::format("{}/{}", node_address(), device); }
};

std::optional<SparkplugTopic> parse_topic(std::string_view rest) {
  struct Word {
    std::string_view word;
    Kind kind;
    bool of_node;
  };
  constexpr std::array<Word, 8> kWords{{{"NBIRTH", Kind::birth, true},
                                        {"NDATA", Kind::data, true},
                                        {"NDEATH", Kind::death, true},
                                        {"NCMD", Kind::command, true},
                                        {"DBIRTH", Kind::birth, false},
                                        {"DDATA", Kind::data, false},
                                        {"DDEATH", Kind::death, false},
                                        {"DCMD", Kind::command, false}}};
  const auto [group, below_group] = split_first(rest);
  if (group == "STATE") return SparkplugTopic{};
  const auto [word, below_word] = split_first(below_group);
  const auto [node, device] = split_first(below_word);
  for (const auto& known : kWords) {
    const bool whole = !group.empty() && !node.empty() && known.of_node == device.empty() &&
                       device.find('/') == std::string_view::npos;
    if (known.word == word && whole) return SparkplugTopic{known.kind, known.of_node, group, node, device};
  }
  return std::nullopt;
}

std::string names_key(std::string_view address) { return fmt::format("names:{}", address); }
std::string seq_key(std::string_view node) { return fmt::format("seq:{}", node); }
std::string birth_key(std::string_view node) { return fmt::format("bdSeq:{}", node); }
std::string asked_key(std::string_view node) { return fmt::format("asked:{}", node); }

std::optional<std::uint64_t> number_under(const LinkState& link, std::string_view key) {
  const std::string* text = link.find(key);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  return read.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

std::optional<Instant> instant_of(std::optional<std::uint64_t> millis) {
  return millis ? instant_from_seconds(static_cast<double>(*millis) / 1000) : std::nullopt;
}

boost::json::value json_of(const Metric& metric, sparkplug::DataType type) {
  if (metric.null) return nullptr;
  if (const bool* truth = std::get_if<bool>(&metric.value)) return *truth;
  if (const auto* text = std::get_if<std::string_view>(&metric.value)) return boost::json::value(*text);
  const auto number = sparkplug::number_of(metric, type);
  return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

// ---- one message ----

class Message {
 public:
  Message(const SparkplugTopic& topic, const Payload& payload, const RawMessage& raw, const DecodeContext& context)
      : topic_(topic),
        payload_(payload),
        raw_(raw),
        context_(context),
        node_(topic.node_address()),
        address_(topic.address()) {}

  DecodeResult decode() {
    switch (topic_.kind) {
      case Kind::birth: birth(); break;
      case Kind::data: data(); break;
      case Kind::death: death(); break;
      default: return ignored(IgnoreReason::not_a_measurement);
    }
    if (failure_) return tl::unexpected(std::move(*failure_));
    if (result_.messages.empty()) result_.ignored = IgnoreReason::no_known_point;
    return std::move(result_);
  }

 private:
  void birth() {
    const std::string names = sparkplug::learned_names(payload_);
    if (topic_.of_node) {
      forget_devices();
      learn(seq_key(node_), payload_.seq ? std::to_string(*payload_.seq) : "");
      learn(asked_key(node_), "");
      learn(birth_key(node_), birth_number());
    } else {
      follow_sequence();
    }
    learn(names_key(address_), names);
    say_online(address_, true);
    read_metrics(Names(names), MessageKind::snapshot);
  }

  void data() {
    follow_sequence();
    const std::string* names = context_.link.find(names_key(address_));
    if (!names) ask_rebirth();
    read_metrics(Names(names ? std::string_view(*names) : std::string_view()), MessageKind::delta);
  }

  // The will of an earlier session may come after the birth of the next one: its number tells them apart.
  void death() {
    if (!topic_.of_node) {
      follow_sequence();
      return say_online(address_, false);
    }
    const std::string* current = context_.link.find(birth_key(node_));
    const std::string died = birth_number();
    if (current && !died.empty() && *current != died) return;
    say_online(node_, false);
    for (const std::string& key : keys_of_devices()) say_online(key.substr(names_key("").size()), false);
  }

  std::string birth_number() const {
    for (const Metric& metric : payload_.metrics) {
      const auto* whole = std::get_if<sparkplug::Whole>(&metric.value);
      if (metric.name == "bdSeq" && whole) return std::to_string(whole->bits);
    }
    return {};
  }

  // After the birth of its node a device is born again; until then its aliases are not to be trusted.
  void forget_devices() {
    for (const std::string& key : keys_of_devices()) result_.learned.push_back({key, {}});
  }

  // In order, so that one message always says the same.
  std::set<std::string> keys_of_devices() const {
    std::set<std::string> keys;
    const std::string prefix = names_key(node_) + "/";
    for (const std::string_view key : context_.link.keys()) {
      if (key.starts_with(prefix)) keys.emplace(key);
    }
    return keys;
  }

  void follow_sequence() {
    if (!payload_.seq) return;
    const auto last = number_under(context_.link, seq_key(node_));
    if (!last || (*last + 1) % kSequence != *payload_.seq) ask_rebirth();
    learn(seq_key(node_), std::to_string(*payload_.seq));
  }

  void ask_rebirth() {
    const auto now = static_cast<std::uint64_t>(raw_.arrived_at.time_since_epoch().count());
    const auto asked = number_under(context_.link, asked_key(node_));
    const bool waiting = asked && now >= *asked && now - *asked < static_cast<std::uint64_t>(kAskAgainAfter.count());
    if (waiting || raw_.retained || !result_.replies.empty()) return;
    learn(asked_key(node_), std::to_string(now));
    result_.replies.push_back({join_topic(context_.base, fmt::format("{}/NCMD/{}", topic_.group, topic_.node)),
                               sparkplug::rebirth_request(raw_.arrived_at), false});
  }

  void say_online(std::string_view address, bool online) {
    DeviceMessage message = message_of(address, MessageKind::will);
    message.measured_at = online ? instant_of(payload_.timestamp) : std::nullopt;  // a will was written at the connect
    add(message.readings, Point::online, online);
    result_.messages.push_back(std::move(message));
  }

  // What is now, and records of the past each in a message of its own.
  void read_metrics(const Names& names, MessageKind kind) {
    std::map<std::string, boost::json::value, std::less<>> now;
    for (const Metric& metric : payload_.metrics) {
      const auto named = names.of(metric);
      if (!named) {
        ++result_.unknown_fields;
        ask_rebirth();
      } else if (metric.historical) {
        read_fields({{std::string(named->name), json_of(metric, named->type)}}, MessageKind::delta, Quality::historical,
                    metric.timestamp ? metric.timestamp : payload_.timestamp);
      } else {
        now.insert_or_assign(std::string(named->name), json_of(metric, named->type));
      }
    }
    read_fields(now, kind, Quality::good, payload_.timestamp);
  }

  void read_fields(const std::map<std::string, boost::json::value, std::less<>>& fields, MessageKind kind,
                   Quality quality, std::optional<std::uint64_t> time) {
    boost::json::object object;
    for (const auto& [name, value] : fields) object.emplace(name, value);
    json::Document document;
    const auto root = document.parse_object(boost::json::serialize(object), kBirthLimits);
    if (!root) {
      failure_ = root.error();
      return;
    }
    MappedReadings mapped;
    const Model* model = context_.devices ? context_.models.find(context_.devices->model_of(address_)) : nullptr;
    if (model) {
      read_model_fields(*model, *root, mapped);
    } else {
      read_common_fields(*root, mapped);
    }
    put(std::move(mapped.state), kind, quality, time);
    put(std::move(mapped.pulses), MessageKind::event, quality, time);
  }

  void put(std::vector<Reading> readings, MessageKind kind, Quality quality, std::optional<std::uint64_t> time) {
    if (readings.empty()) return;
    DeviceMessage message = message_of(address_, kind);
    message.measured_at = instant_of(time);
    for (Reading& reading : readings) reading.quality = quality;
    message.readings = std::move(readings);
    result_.messages.push_back(std::move(message));
  }

  void learn(std::string key, std::string bytes) {
    const std::string* known = context_.link.find(key);
    if (known ? *known != bytes : !bytes.empty()) result_.learned.push_back({std::move(key), std::move(bytes)});
  }

  const SparkplugTopic& topic_;
  const Payload& payload_;
  const RawMessage& raw_;
  const DecodeContext& context_;
  std::string node_, address_;
  Decoded result_;
  std::optional<Rejection> failure_;
};

class SparkplugDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "sparkplug_b"; }
  std::string_view default_base() const noexcept override { return kRoot; }

  std::vector<std::string> filters(std::string_view base) const override { return {join_topic(base, "#")}; }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    const auto at = topic.find(kRoot);
    if (at == std::string_view::npos || (at > 0 && topic[at - 1] != '/')) return std::nullopt;
    const auto base = topic.substr(0, at + kRoot.size());
    const auto rest = below_base(topic, base);
    return rest && parse_topic(*rest) ? std::optional(std::string(base)) : std::nullopt;
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return kBirthLimits; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    const auto topic = rest ? parse_topic(*rest) : std::nullopt;
    if (!topic) {
      return reject(RejectReason::unknown_topic,
                    "expected <base>/<group>/<kind of message>/<node>, and a device after D...");
    }
    if (topic->kind == Kind::other) return ignored(IgnoreReason::network_information);  // STATE of a host application
    if (topic->kind == Kind::command) return ignored(IgnoreReason::command_echo);
    if (!is_address(topic->address())) return bad_address("the topic");
    if (message.payload.empty() && topic->kind != Kind::death) return ignored(IgnoreReason::empty);
    const auto payload = sparkplug::read_payload(message.payload);
    if (!payload) return tl::unexpected(payload.error());
    return Message(*topic, *payload, message, context).decode();
  }

  // The one command that every node has: tell everything again.
  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    if (command.kind != CommandKind::query) return Driver::encode(command, address, context);
    const auto [group, below] = split_first(address);
    const auto node = split_first(below).first;
    if (group.empty() || node.empty()) {
      return refuse(RefuseReason::not_known_yet,
                    "query: expected a device named <group>/<node> or <group>/<node>/<device>");
    }
    return Encoded{{{join_topic(context.base, fmt::format("{}/NCMD/{}", group, node)),
                     sparkplug::rebirth_request(context.now), false}},
                   {}};
  }
};

}  // namespace

std::unique_ptr<Driver> make_sparkplug_b_driver() { return std::make_unique<SparkplugDriver>(); }

}  // namespace firegate
