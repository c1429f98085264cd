// Home Assistant's MQTT discovery: retained configurations announce entities, wherever their states are published. The
// states are read with what was announced. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "drivers/common/field_map.h"
#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/ha_discovery/discovery.h"
#include "drivers/ha_discovery/known_entities.h"

namespace firegate {
namespace {

using json::Element;

constexpr std::string_view kRoot = "homeassistant";
constexpr std::string_view kConfig = "/config";

// What stands for "not known" in states.
bool says_nothing(std::string_view word) {
  constexpr std::array<std::string_view, 5> kWords{"", "none", "null", "unknown", "unavailable"};
  return std::any_of(kWords.begin(), kWords.end(), [word](std::string_view one) { return same_word(one, word); });
}

// A payload, read as JSON when the first entity asks for a field of it.
class Payload {
 public:
  explicit Payload(std::string_view text) : text_(trimmed(text)) {}

  std::string_view text() const noexcept { return text_; }
  // Null where it is no JSON.
  const Element* root() {
    if (!read_) {
      read_ = true;
      auto root = document_.parse(text_, PayloadLimits{});
      if (root) {
        root_ = *root;
      } else {
        failure_ = std::move(root.error());
      }
    }
    return root_ ? &*root_ : nullptr;
  }
  const std::optional<Rejection>& failure() const noexcept { return failure_; }

 private:
  std::string_view text_;
  json::Document document_;
  bool read_ = false;
  std::optional<Element> root_;
  std::optional<Rejection> failure_;
};

// The word in the entity's place; none where the message does not have the place.
std::optional<std::string> word_at(Payload& payload, bool whole, std::string_view path) {
  if (whole) return std::string(payload.text());
  const Element* root = payload.root();
  const auto found = root ? element_under(*root, path) : std::nullopt;
  if (!found) return std::nullopt;
  return found->is_null() ? std::string() : word_of(*found);
}

std::optional<bool> truth_of(std::string_view word, std::string_view on, std::string_view off) {
  if (same_word(word, on)) return true;
  if (same_word(word, off)) return false;
  return std::nullopt;
}

Value value_of(const ha::StateRow& row, std::string_view word) {
  if (info(row.point).type == ValueType::boolean) return value_or_unknown(truth_of(word, row.on, row.off));
  const auto number = says_nothing(word) ? std::nullopt : number_from_text(word);
  return number ? Value{*number * row.scale + row.offset} : Value{Unknown{}};
}

DeviceMessage& message_to(Decoded& result, std::string_view address, MessageKind kind) {
  for (DeviceMessage& message : result.messages) {
    if (message.address == address && message.kind == kind) return message;
  }
  result.messages.push_back(message_of(address, kind));
  return result.messages.back();
}

class HaDiscoveryDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "ha_discovery"; }
  std::string_view default_base() const noexcept override { return kRoot; }

  // The configurations. Where the states are, each installation knows: `topics` of the source names them.
  std::vector<std::string> filters(std::string_view base) const override { return {join_topic(base, "#")}; }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    if (topic.starts_with("homeassistant/") && topic.size() > kRoot.size() + 1) return std::string(kRoot);
    const auto at = topic.find("/homeassistant/");
    if (at == std::string_view::npos || !topic.ends_with(kConfig)) return std::nullopt;
    return std::string(topic.substr(0, at + 1 + kRoot.size()));
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    if (rest && rest->ends_with(kConfig)) return learn(*rest, message.payload, context);
    if (rest && *rest == "status") return ignored(IgnoreReason::network_information);
    const std::string* rows = context.link.find(ha::topic_key(message.topic));
    if (!rows) return ignored(IgnoreReason::no_known_point);  // nobody has announced it
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    return decode_state(message, *rows, context);
  }

  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const bool on = command.kind == CommandKind::switch_on;
    const bool off = command.kind == CommandKind::switch_off || command.kind == CommandKind::cut_off;
    if (!on && !off) return Driver::encode(command, address, context);
    const std::string* bytes = context.link.find(ha::device_key(address));
    std::vector<ha::DeviceRow> outlets;
    for (const ha::DeviceRow& row : ha::device_rows(bytes ? *bytes : std::string_view())) {
      if (row.point == name(Point::switch_on)) outlets.push_back(row);
    }
    if (outlets.empty()) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: no switch of the device has been announced", label(command.kind)));
    }
    const bool one = outlets.size() == 1 && command.port == kNoPort;
    const auto index = one ? 0 : static_cast<std::size_t>(command.port) - 1;
    if (!one && (command.port < 1 || index >= outlets.size() || outlets.size() == 1)) {
      return refuse(RefuseReason::bad_port,
                    fmt::format("{}: found port {}, expected 1 to {}, or none where there is one", label(command.kind),
                                command.port, outlets.size()));
    }
    const ha::DeviceRow& outlet = outlets[index];
    if (outlet.command_topic.empty()) {
      return refuse(RefuseReason::not_supported,
                    fmt::format("{}: the switch takes no commands that we can write", label(command.kind)));
    }
    return Encoded{{{std::string(outlet.command_topic), std::string(on ? outlet.on : outlet.off), false}}, {}};
  }

 private:
  static DecodeResult learn(std::string_view rest, std::string_view payload, const DecodeContext& context) {
    const auto topic = rest.substr(0, rest.size() - kConfig.size());
    if (!is_address(topic) || topic.find('/') == std::string_view::npos) {
      return reject(RejectReason::unknown_topic, "expected <base>/<component>/<object>/config");
    }
    ha::Changes changes(context.link);
    changes.forget(topic);
    Decoded result = ignored(IgnoreReason::learned_only);
    if (!trimmed(payload).empty()) {
      json::Document document;
      const auto root = document.parse_object(payload, PayloadLimits{});
      if (!root) return tl::unexpected(root.error());
      const auto announced = ha::read_configuration(topic, *root);
      if (!announced) return tl::unexpected(announced.error());
      for (const ha::Entity& entity : announced->entities) {
        if (!changes.add(topic, entity)) {
          return reject(RejectReason::too_large, "learning an entity: its topic has more entities than are kept");
        }
      }
      result.unknown_fields = announced->not_understood;
      if (announced->entities.empty()) result.ignored = IgnoreReason::no_known_point;
    }
    result.learned = changes.learned();
    return result;
  }

  static DecodeResult decode_state(const RawMessage& message, std::string_view rows, const DecodeContext& context) {
    Payload payload(message.payload);
    if (!simdjson::validate_utf8(message.payload.data(), message.payload.size())) {
      return reject(RejectReason::bad_encoding, "reading a state: found bytes that are not UTF-8");
    }
    Decoded result;
    for (const ha::StateRow& row : ha::state_rows(rows)) {
      const auto word = word_at(payload, row.whole, row.path);
      if (!word || (row.whole && word->size() > PayloadLimits{}.bytes)) continue;
      const Port port = ha::port_of(context.link, row.address, name(row.point), row.id);
      Reading reading;
      reading.point = row.point;
      reading.port = port;
      reading.value = value_of(row, *word);
      join(message_to(result, row.address, MessageKind::delta).readings, std::move(reading));
    }
    read_availability(message.topic, rows, payload, context, result);
    if (result.messages.empty() && payload.failure()) return tl::unexpected(*payload.failure());
    if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
    return result;
  }

  static void read_availability(std::string_view topic, std::string_view rows, Payload& payload,
                                const DecodeContext& context, Decoded& result) {
    ha::Changes changes(context.link);
    for (const ha::AvailabilityRow& row : ha::availability_rows(rows)) {
      const auto word = word_at(payload, row.whole, row.path);
      const auto said = word ? truth_of(*word, row.on, row.off) : std::nullopt;
      if (!said) continue;
      Reading reading;
      reading.point = Point::online;
      reading.value = changes.note_online(row.address, topic, row.mode, *said);
      join(message_to(result, row.address, MessageKind::will).readings, std::move(reading));
    }
    result.learned = changes.learned();
  }
};

}  // namespace

std::unique_ptr<Driver> make_ha_discovery_driver() { return std::make_unique<HaDiscoveryDriver>(); }

}  // namespace firegate
