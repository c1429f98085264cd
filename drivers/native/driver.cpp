// The native wire format, for devices and integrators who have none: vocabulary, "Native wire format".
#include <fmt/format.h>

#include <memory>

#include "core/config_node.h"
#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate {
namespace {

using json::Element;
using json::Object;

constexpr std::size_t kLongestText = 64;  // bytes of boot, fault_code, reply id and reason words (our choice)
constexpr std::size_t kLongestReason = 256;

struct NativeTopic {
  std::string_view estate, device, leaf;
};

std::optional<NativeTopic> parse_topic(std::string_view topic, std::string_view base) {
  const auto rest = below_base(topic, base);
  if (!rest) return std::nullopt;
  const auto [estate, below_estate] = split_first(*rest);
  const auto [device, leaf] = split_first(below_estate);
  if (leaf != "up" && leaf != "down" && leaf != "online") return std::nullopt;
  return NativeTopic{estate, device, leaf};
}

tl::unexpected<Rejection> wrong_type(std::string_view field, std::string_view expected) {
  return reject(RejectReason::wrong_type, fmt::format("reading \"{}\": expected {}", field, expected));
}

// The element as a value of the point; none when it is of another type. A word that is not in the list is unknown.
std::optional<Value> value_of(Point point, const Element& element) {
  if (element.is_null()) return Unknown{};
  switch (info(point).type) {
    case ValueType::boolean: {
      bool truth = false;
      return element.get_bool().get(truth) ? std::nullopt : std::optional<Value>(truth);
    }
    case ValueType::number: {
      double number = 0;
      return element.get_double().get(number) ? std::nullopt : std::optional<Value>(number);
    }
    case ValueType::choice: {
      const auto word = json::as_text(element);
      return word ? std::optional<Value>(choice_value(point, *word)) : std::nullopt;
    }
    case ValueType::text: {
      const auto text = json::as_text(element);
      if (!text || text->size() > kLongestText) return std::nullopt;
      return text->empty() ? Value{Unknown{}} : Value{std::string(*text)};
    }
  }
  return std::nullopt;
}

std::string_view type_name(Point point) {
  switch (info(point).type) {
    case ValueType::boolean: return "true or false";
    case ValueType::number: return "a number";
    case ValueType::choice: return "a word of its list";
    case ValueType::text: return "a short text";
  }
  return {};
}

// Adds the readings of one group of points; unknown points are counted.
std::optional<Rejection> read_points(const Object& points, Port port, std::vector<Reading>& readings,
                                     std::uint32_t& unknown_fields) {
  for (const auto [name, element] : points) {
    const auto point = point_from_name(name);
    if (!point) {
      ++unknown_fields;
      continue;
    }
    auto value = value_of(*point, element);
    if (!value) return wrong_type(name, type_name(*point)).value();
    add(readings, *point, std::move(*value), port);
  }
  return std::nullopt;
}

std::optional<Rejection> read_ports(const Object& ports, std::vector<Reading>& readings,
                                    std::uint32_t& unknown_fields) {
  for (const auto [name, element] : ports) {
    const auto port = port_from_text(name);
    const auto points = json::as_object(element);
    if (!port) return wrong_type("ports", "port numbers from 0 to 9999").value();
    if (!points) return wrong_type("ports", "an object of points for each port").value();
    if (auto wrong = read_points(*points, *port, readings, unknown_fields)) return wrong;
  }
  return std::nullopt;
}

tl::expected<Reply, Rejection> read_reply(const Object& object) {
  const auto id = json::member_text(object, "id");
  const auto result = json::member_text(object, "result");
  if (!id || !result) return reject(RejectReason::missing_field, "reading \"reply\": expected id and result");
  if (id->empty() || id->size() > kLongestText) return wrong_type("reply.id", "1 to 64 bytes");
  if (*result != "accepted" && *result != "done" && *result != "failed") {
    return wrong_type("reply.result", "accepted, done or failed");
  }
  const auto reason = json::member_text(object, "reason").value_or("");
  return Reply{std::string(*id), std::string(*result), std::string(reason.substr(0, kLongestReason))};
}

// `seq`, `boot` and `at` help to find duplicates and delays: where they cannot be read, the readings still count.
void read_header(const Object& root, DeviceMessage& message) {
  std::uint64_t seq = 0;
  if (const auto found = json::member(root, "seq"); found && !found->get_uint64().get(seq)) message.seq = seq;
  const auto boot = json::member_text(root, "boot");
  if (boot && boot->size() <= kLongestText) message.boot = *boot;
  if (const auto at = json::member_text(root, "at")) message.measured_at = instant_from_text(*at);
}

std::string estate_key(std::string_view device) { return fmt::format("estate:{}", device); }

// A device's commands go to the topic that it speaks on: the estate stands in it.
void learn_estate(const NativeTopic& topic, const LinkState& link, Decoded& result) {
  std::string key = estate_key(topic.device);
  const std::string* known = link.find(key);
  if (!known || *known != topic.estate) result.learned.push_back({std::move(key), std::string(topic.estate)});
}

class NativeDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "native"; }
  std::string_view default_base() const noexcept override { return "fg/v1"; }

  std::vector<std::string> filters(std::string_view base) const override {
    return {join_topic(base, "+/+/up"), join_topic(base, "+/+/online")};
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    if (parse_topic(topic, default_base())) return std::string(default_base());
    return std::nullopt;
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto topic = parse_topic(message.topic, context.base);
    if (!topic) return reject(RejectReason::unknown_topic, "expected <base>/<estate>/<device>/up or online");
    if (!is_id(topic->estate) || !is_id(topic->device)) return bad_address("the topic");
    if (topic->leaf == "down") return ignored(IgnoreReason::command_echo);
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    DecodeResult result =
        topic->leaf == "online" ? decode_online(*topic, message.payload) : decode_up(*topic, message.payload);
    if (result) learn_estate(*topic, context.link, *result);
    return result;
  }

  // Every command of ours in our own words; what it makes of it, the device says in its reply.
  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const std::string* estate = context.link.find(estate_key(address));
    if (!estate || !is_id(*estate) || !is_id(address)) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: the estate in the device's topic is not known; its first message says it",
                                label(command.kind)));
    }
    std::string payload = fmt::format(R"({{"id":"{}","command":"{}")", command.id, label(command.kind));
    if (command.port != kNoPort) payload += fmt::format(R"(,"port":{})", command.port);
    if (command.until) payload += fmt::format(R"(,"until":"{}")", to_text(*command.until));
    return Encoded{{{join_topic(context.base, fmt::format("{}/{}/down", *estate, address)), payload + "}", false}}, {}};
  }

 private:
  static DecodeResult decode_online(const NativeTopic& topic, std::string_view payload) {
    const auto text = trimmed(payload);
    if (text != "true" && text != "false") return wrong_type("online", "true or false");
    DeviceMessage will = message_of(topic.device, MessageKind::will);
    add(will.readings, Point::online, text == "true");
    return decoded(std::move(will));
  }

  static DecodeResult decode_up(const NativeTopic& topic, std::string_view payload) {
    json::Document document;
    const auto root = document.parse_object(payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    for (const std::string_view key : {"device", "id"}) {
      const auto named = json::member_text(*root, key);
      if (named && *named != topic.device) {
        return reject(RejectReason::bad_address,
                      fmt::format("reading \"{}\": found another device than in the topic", key));
      }
    }
    Decoded result;
    DeviceMessage message = message_of(topic.device, MessageKind::delta);
    read_header(*root, message);
    if (auto wrong = read_body(*root, message, result)) return tl::unexpected(std::move(*wrong));
    if (!message.readings.empty()) result.messages.push_back(std::move(message));
    if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
    return result;
  }

  static std::optional<Rejection> read_body(const Object& root, DeviceMessage& message, Decoded& result) {
    const auto readings = json::member(root, "readings");
    const auto ports = json::member(root, "ports");
    const auto reply = json::member(root, "reply");
    if (!readings && !ports && !reply) {
      return Rejection{RejectReason::missing_field, "reading a message: found none of readings, ports, reply"};
    }
    if (readings) {
      const auto points = json::as_object(*readings);
      if (!points) return wrong_type("readings", "an object").value();
      message.readings.reserve(points->size());
      if (auto wrong = read_points(*points, kNoPort, message.readings, result.unknown_fields)) return wrong;
    }
    if (ports) {
      const auto by_port = json::as_object(*ports);
      if (!by_port) return wrong_type("ports", "an object").value();
      if (auto wrong = read_ports(*by_port, message.readings, result.unknown_fields)) return wrong;
    }
    return reply ? read_answer(*reply, message, result) : std::nullopt;
  }

  static std::optional<Rejection> read_answer(const Element& element, const DeviceMessage& message, Decoded& result) {
    const auto object = json::as_object(element);
    if (!object) return wrong_type("reply", "an object").value();
    auto reply = read_reply(*object);
    if (!reply) return std::move(reply.error());
    DeviceMessage answer = message_of(message.address, MessageKind::reply);
    answer.measured_at = message.measured_at;
    // The number belongs to the message as a whole: the part that carries readings has it, if there is one.
    if (message.readings.empty()) {
      answer.boot = message.boot;
      answer.seq = message.seq;
    }
    answer.reply = std::move(*reply);
    result.messages.push_back(std::move(answer));
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Driver> make_native_driver() { return std::make_unique<NativeDriver>(); }

}  // namespace firegate
