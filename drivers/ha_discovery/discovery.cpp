#include "drivers/ha_discovery/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "drivers/common/field_map.h"
#include "drivers/common/topic.h"
#include "drivers/ha_discovery/meaning.h"
#include "drivers/ha_discovery/value_template.h"

namespace firegate::ha {
namespace {

using json::Element;
using json::Object;

constexpr std::size_t kMostComponents = 128;    // of one configuration (our choice)
constexpr std::size_t kMostAvailabilities = 8;  // of one entity (our choice)

// Keys and their short forms (Home Assistant, "MQTT discovery messages": supported abbreviations).
struct Key {
  std::string_view name, brief;
};
constexpr Key kStateTopic{"state_topic", "stat_t"}, kTemplate{"value_template", "val_tpl"},
    kClass{"device_class", "dev_cla"}, kUnit{"unit_of_measurement", "unit_of_meas"}, kOn{"payload_on", "pl_on"},
    kOff{"payload_off", "pl_off"}, kStateOn{"state_on", "stat_on"}, kStateOff{"state_off", "stat_off"},
    kCommandTopic{"command_topic", "cmd_t"}, kCommandTemplate{"command_template", "cmd_tpl"}, kDevice{"device", "dev"},
    kIdentifiers{"identifiers", "ids"}, kAvailability{"availability", "avty"},
    kAvailabilityTopic{"availability_topic", "avty_t"}, kAvailabilityTemplate{"availability_template", "avty_tpl"},
    kAvailabilityMode{"availability_mode", "avty_mode"}, kAvailable{"payload_available", "pl_avail"},
    kNotAvailable{"payload_not_available", "pl_not_avail"}, kTopic{"topic", "t"}, kPlatform{"platform", "p"},
    kComponents{"components", "cmps"}, kUniqueId{"unique_id", "uniq_id"};

// A configuration: the component's own members first, then what the device's message says for all of them.
class Members {
 public:
  // `base`: what "~" stands for where the object does not say it.
  explicit Members(const Object& own, const Object* shared = nullptr, std::string_view base = {})
      : own_(own), shared_(shared) {
    base_ = json::member_text(own, "~").value_or(shared ? json::member_text(*shared, "~").value_or("") : base);
  }

  std::optional<Element> find(Key key) const {
    for (const Object* object : {&own_, shared_}) {
      if (!object) continue;
      if (auto found = json::member(*object, key.name)) return found;
      if (auto found = json::member(*object, key.brief)) return found;
    }
    return std::nullopt;
  }
  // Text, numbers and truths as a word; the default where the key is missing.
  std::string word(Key key, std::string_view otherwise = {}) const {
    const auto found = find(key);
    return found ? word_of(*found) : std::string(otherwise);
  }
  // With "~" at the start or the end filled in.
  std::string topic(Key key) const {
    std::string text = word(key);
    if (base_.empty() || text.empty()) return text;
    if (text.front() == '~') return std::string(base_) + text.substr(1);
    if (text.back() == '~') return text.substr(0, text.size() - 1) + std::string(base_);
    return text;
  }
  std::string_view base() const noexcept { return base_; }

 private:
  const Object& own_;
  const Object* shared_;
  std::string_view base_;
};

// A topic that a state can come on; nothing of it breaks the rows that are learned (driver.cpp).
bool is_topic(std::string_view topic) { return is_address(topic); }
bool is_word(std::string_view text) {
  return text.size() <= 64 && text.find_first_of("\t\n") == std::string_view::npos;
}

tl::unexpected<Rejection> not_understood(std::string_view what, std::string_view found, std::string_view expected) {
  return reject(RejectReason::not_supported,
                fmt::format("reading a discovered entity: found {} \"{}\", expected {}", what, found, expected));
}

// What an entity's device is called in devices.csv: the first identifier, else the entity itself.
std::string address_of(const Members& members, std::string_view topic) {
  const auto device = members.find(kDevice);
  const auto object = device ? json::as_object(*device) : std::nullopt;
  if (object) {
    const auto ids = Members(*object).find(kIdentifiers);
    json::Array list;
    Element first;
    if (ids && !ids->get_array().get(list) && !list.at(0).get(first)) return word_of(first);
    if (ids) return word_of(*ids);
  }
  const std::string unique = members.word(kUniqueId);
  return unique.empty() ? std::string(split_first(topic).second) : unique;
}

tl::expected<Place, Rejection> read_place(std::string topic, std::string_view value_template) {
  const auto read = ValueTemplate::parse(value_template);
  if (!read) return not_understood("the template", read.error(), "one like {{ value_json.a.b }}");
  if (!is_topic(topic)) return not_understood("the topic", topic.substr(0, 80), "one without wildcards");
  if (!is_word(read->path)) return not_understood("the path", read->path.substr(0, 80), "at most 64 bytes");
  Place place;
  place.topic = std::move(topic);
  place.whole = read->whole;
  place.path = read->path;
  return place;
}

std::optional<Rejection> set_words(Place& place, std::string on, std::string off) {
  if (!is_word(on) || !is_word(off) || on.empty() || off.empty() || on == off) {
    return not_understood("the payloads", fmt::format("{}, {}", on.substr(0, 32), off.substr(0, 32)),
                          "two words that differ")
        .value();
  }
  place.on = std::move(on);
  place.off = std::move(off);
  return std::nullopt;
}

// One availability topic, or a list of them. What cannot be read is left out: we know ourselves when a device is
// silent.
void read_availability(const Members& members, Entity& entity) {
  const auto add = [&entity](const Members& one, Key topic, Key value_template) {
    auto place = read_place(one.topic(topic), one.word(value_template));
    if (!place || entity.availability.size() >= kMostAvailabilities) return;
    if (!set_words(*place, one.word(kAvailable, "online"), one.word(kNotAvailable, "offline"))) {
      entity.availability.push_back(std::move(*place));
    }
  };
  entity.availability_mode = members.word(kAvailabilityMode, "latest");
  if (members.find(kAvailabilityTopic)) add(members, kAvailabilityTopic, kAvailabilityTemplate);
  const auto list = members.find(kAvailability);
  json::Array places;
  if (!list || list->get_array().get(places)) return;
  for (const Element item : places) {
    if (const auto object = json::as_object(item)) add(Members(*object, nullptr, members.base()), kTopic, kTemplate);
  }
}

std::string_view last_step(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

bool is_known_component(std::string_view component) {
  return component == "binary_sensor" || component == "sensor" || component == "switch";
}

// None: no point of ours.
tl::expected<std::optional<Entity>, Rejection> read_entity(std::string id, std::string_view component,
                                                           const Members& members) {
  if (!is_known_component(component)) return std::nullopt;
  const std::string written = members.word(kTemplate);
  const auto value_template = ValueTemplate::parse(written);
  const auto [above, object_id] = split_last(id);
  const std::string field(value_template && !value_template->whole ? last_step(value_template->path) : object_id);
  const std::string device_class = members.word(kClass), unit = members.word(kUnit);
  const auto meaning = meaning_of({component, device_class, unit, field});
  if (!meaning) return std::nullopt;
  auto place = read_place(members.topic(kStateTopic), written);
  if (!place) return tl::unexpected(std::move(place.error()));
  Entity entity;
  entity.point = meaning->point;
  entity.scale = meaning->scale * value_template->scale;
  entity.offset = meaning->offset;
  if (info(meaning->point).type == ValueType::boolean) {
    const std::string on = members.word(kOn, "ON"), off = members.word(kOff, "OFF");
    const bool is_switch = component == "switch";
    auto wrong =
        set_words(*place, is_switch ? members.word(kStateOn, on) : on, is_switch ? members.word(kStateOff, off) : off);
    if (wrong) return tl::unexpected(std::move(*wrong));
    const std::string topic = members.topic(kCommandTopic);
    if (meaning->point == Point::switch_on && is_topic(topic) && !members.find(kCommandTemplate) && is_word(on) &&
        is_word(off)) {
      entity.command_topic = topic;
      entity.command_on = on;
      entity.command_off = off;
    }
  }
  entity.state = std::move(*place);
  entity.address = address_of(members, id);
  if (!is_address(entity.address)) return tl::unexpected(bad_address("the entity's device").value());
  entity.id = std::move(id);
  read_availability(members, entity);
  return entity;
}

// Several components of one device in one message. One that cannot be read does not take the others with it.
tl::expected<Announced, Rejection> read_device(std::string_view topic, const Object& root, const Object& components) {
  Announced announced;
  std::optional<Rejection> first;
  std::size_t count = 0;
  for (const auto [name, value] : components) {
    const auto object = json::as_object(value);
    if (!object || !is_word(name) || ++count > kMostComponents) continue;
    const Members members(*object, &root);
    auto entity = read_entity(fmt::format("{}#{}", topic, name), members.word(kPlatform), members);
    if (!entity) {
      ++announced.not_understood;
      if (!first) first = std::move(entity.error());
    } else if (*entity) {
      announced.entities.push_back(std::move(**entity));
    }
  }
  if (announced.entities.empty() && first) return tl::unexpected(std::move(*first));
  return announced;
}

}  // namespace

tl::expected<Announced, Rejection> read_configuration(std::string_view topic, const Object& root) {
  const auto component = split_first(topic).first;
  if (component == "device") {
    const auto listed = Members(root).find(kComponents);
    const auto components = listed ? json::as_object(*listed) : std::nullopt;
    if (!components) return reject(RejectReason::missing_field, "reading a discovered device: expected components");
    return read_device(topic, root, *components);
  }
  auto entity = read_entity(std::string(topic), component, Members(root));
  if (!entity) return tl::unexpected(std::move(entity.error()));
  Announced announced;
  if (*entity) announced.entities.push_back(std::move(**entity));
  return announced;
}

}  // namespace firegate::ha
