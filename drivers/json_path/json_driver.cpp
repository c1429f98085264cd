#include "drivers/json_path/json_driver.h"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/common/field_map.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate::json_path {
namespace {

using json::Element;

using Captures = std::vector<std::pair<std::string_view, std::string_view>>;  // name in the pattern, level of the topic

// ---- topics ----

bool is_taken(std::string_view level) { return level.size() > 2 && level.front() == '<'; }

// Whether the topic is of the pattern; adds what the pattern takes from it.
bool matches(const TopicPattern& pattern, std::string_view topic, Captures* captures) {
  for (std::size_t i = 0; i < pattern.levels.size(); ++i) {
    const std::string& level = pattern.levels[i];
    if (level == "#") return true;
    const bool last = i + 1 == pattern.levels.size();
    const auto slash = topic.find('/');
    if (last != (slash == std::string_view::npos)) return false;
    const std::string_view found = topic.substr(0, slash);
    if (is_taken(level)) {
      if (found.empty()) return false;
      if (captures) captures->emplace_back(std::string_view(level).substr(1, level.size() - 2), found);
    } else if (level != "+" && level != found) {
      return false;
    }
    if (!last) topic.remove_prefix(slash + 1);
  }
  return true;
}

// A word that stands alone, as some devices publish their states.
bool is_word(std::string_view text) {
  constexpr std::size_t kLongestWord = 64;  // bytes (our choice)
  return text.size() <= kLongestWord && text.find_first_of("\"\\{}[]") == std::string_view::npos;
}

std::string filter_of(const TopicPattern& pattern, std::string_view base) {
  std::string filter(base);
  for (const std::string& level : pattern.levels) {
    if (!filter.empty() || &level != pattern.levels.data()) filter += '/';
    filter += is_taken(level) ? "+" : level;
  }
  return filter;
}

// Where `base` stands in the topic, at the bounds of levels; the topic up to its end.
std::vector<std::string_view> bases_in(std::string_view topic, std::string_view base) {
  std::vector<std::string_view> found;
  if (base.empty()) return {std::string_view{}};
  for (auto at = topic.find(base); at != std::string_view::npos; at = topic.find(base, at + 1)) {
    const auto end = at + base.size();
    const bool begins = at == 0 || topic[at - 1] == '/' || base.front() == '/';
    if (begins && end < topic.size() && topic[end] == '/') found.push_back(topic.substr(0, end));
  }
  return found;
}

// ---- one message ----

// What paths start from: the message, and the element of an `each`.
struct Here {
  const Element& root;
  const Element& element;
  const std::vector<std::string>& steps;  // what each star stood for
};

std::optional<Element> found_at(const Here& here, std::string_view path) {
  return path.starts_with('/') ? element_under(here.root, path.substr(1)) : element_under(here.element, path);
}

bool is_missing(const std::optional<Element>& element) {
  return !element || element->is_null() || json::as_text(*element) == std::string_view{};
}

bool holds(const Conditions& conditions, const Here& here) {
  const auto is = [&here](const Conditions::Is& wanted) {
    const auto found = found_at(here, wanted.path);
    if (!found) return false;
    const std::string word = word_of(*found);
    return std::any_of(wanted.words.begin(), wanted.words.end(),
                       [&word](const std::string& listed) { return same_word(listed, word); });
  };
  const auto there = [&here](const std::string& path) { return found_at(here, path).has_value(); };
  return std::all_of(conditions.is.begin(), conditions.is.end(), is) &&
         std::all_of(conditions.has.begin(), conditions.has.end(), there) &&
         std::none_of(conditions.lacks.begin(), conditions.lacks.end(), there);
}

std::optional<Instant> time_of(const std::optional<Element>& element) {
  if (!element) return std::nullopt;
  const auto text = json::as_text(*element);
  if (text) {
    if (const auto instant = instant_from_text(*text)) return instant;
  }
  const auto number = number_of(*element);
  return number ? instant_from_seconds(*number) : std::nullopt;
}

struct Expanded {
  Element element;
  std::vector<std::string> steps;
};

// Every element under a path with stars, with what the stars stood for. No more than the message has values.
void expand(const Element& element, std::string_view path, std::vector<std::string>& steps,
            std::vector<Expanded>& found) {
  const auto star = path.find('*');
  if (star == std::string_view::npos) {
    if (const auto last = element_under(element, path)) found.push_back({*last, steps});
    return;
  }
  const std::string_view before = star > 0 ? path.substr(0, star - 1) : std::string_view{};
  const std::string_view after = path.size() > star + 2 ? path.substr(star + 2) : std::string_view{};
  const auto many = element_under(element, before);
  if (!many) return;
  const auto go_into = [&](std::string step, const Element& inner) {
    steps.push_back(std::move(step));
    expand(inner, after, steps, found);
    steps.pop_back();
  };
  json::Array list;
  if (const auto object = json::as_object(*many)) {
    for (const auto [key, inner] : *object) go_into(std::string(key), inner);
  } else if (!many->get_array().get(list)) {
    std::size_t index = 0;
    for (const Element inner : list) go_into(std::to_string(index++), inner);
  }
}

std::string learned_key(std::string_view name, std::string_view address, Port port) {
  return fmt::format("{}:{}:{}", name, address, port);
}

class Message {
 public:
  Message(const JsonFormat& format, const RawMessage& raw, const DecodeContext& context, const Captures& captures,
          const Element& root)
      : format_(format), raw_(raw), context_(context), captures_(captures), root_(root) {}

  DecodeResult decode() {
    const std::vector<std::string> none;
    const Here whole{root_, root_, none};
    if (format_.historical && holds(*format_.historical, whole)) quality_ = Quality::historical;
    if (format_.simulated && holds(*format_.simulated, whole)) quality_ = Quality::simulated;
    for (const std::string& path : format_.required) {
      if (is_missing(found_at(whole, path))) {
        return reject(RejectReason::missing_field,
                      fmt::format("reading a message of {}: found no {}", format_.name, path));
      }
    }
    for (const MessageRule& rule : format_.messages) {
      if (const auto failure = apply(rule)) return tl::unexpected(*failure);
    }
    if (result_.messages.empty()) result_.ignored = ignore_.value_or(IgnoreReason::no_known_point);
    return std::move(result_);
  }

 private:
  using Failure = std::optional<Rejection>;

  Failure apply(const MessageRule& rule) {
    if (!is_of_topic(rule)) return std::nullopt;
    std::vector<Expanded> elements;
    std::vector<std::string> steps;
    if (rule.each.empty()) {
      elements.push_back({root_, {}});
    } else {
      expand(root_, rule.each, steps, elements);
    }
    for (const auto& [element, stood] : elements) {
      const Here here{root_, element, stood};
      if (!holds(rule.when, here)) continue;
      if (auto failure = apply(rule, here)) return failure;
    }
    return std::nullopt;
  }

  bool is_of_topic(const MessageRule& rule) const {
    return std::all_of(rule.topic.begin(), rule.topic.end(), [this](const Conditions::Is& wanted) {
      const auto level = capture(wanted.path);
      return level && std::find(wanted.words.begin(), wanted.words.end(), *level) != wanted.words.end();
    });
  }

  Failure apply(const MessageRule& rule, const Here& here) {
    if (rule.ignore) {
      ignore_ = rule.ignore;
      return std::nullopt;
    }
    const auto address = address_of(rule, here);
    if (!address) return address.error();
    Port port = kNoPort;
    if (rule.port) {
      const auto number = port_of(*rule.port, here);
      if (!number) return number.error();
      port = *number;
    }
    const auto time = time_of(rule.time.empty() ? found_at(here, as_of_root(format_.time)) : found_at(here, rule.time));
    read_fields(rule, here, *address, port, time);
    read_reply(rule, here, *address);
    learn(rule, here, *address, port);
    answer(rule, here, *address);
    return std::nullopt;
  }

  static std::string as_of_root(std::string_view path) { return path.empty() ? "/?" : fmt::format("/{}", path); }

  tl::expected<std::string, Rejection> address_of(const MessageRule& rule, const Here& here) const {
    std::optional<std::string> address;
    for (const TextTemplate& made_of : rule.device.empty() ? format_.device : rule.device) {
      const auto said = made_of.as_text(lookup(here, {}));
      if (!said || said->empty()) continue;
      if (address && *address != *said) {
        return reject(RejectReason::bad_address,
                      fmt::format("reading a message of {}: found two devices named, expected one", format_.name));
      }
      address = said;
    }
    if (!address || !is_address(*address)) return bad_address("the topic and the message");
    return *address;
  }

  tl::expected<Port, Rejection> port_of(const PortRule& rule, const Here& here) const {
    const auto found = found_at(here, rule.field);
    const auto port = found ? port_from_text(word_of(*found)) : std::nullopt;
    if (!port) {
      return reject(RejectReason::missing_field,
                    fmt::format("reading a message of {}: found no port in {}", format_.name, rule.field));
    }
    return *port == 0 && rule.zero_is_device ? kNoPort : *port;
  }

  void read_fields(const MessageRule& rule, const Here& here, const std::string& address, Port port,
                   std::optional<Instant> time) {
    MappedReadings mapped;
    for (const FieldRule& field : rule.fields) read_field(field, here, mapped);
    if (!rule.common.empty()) read_common(rule, here, mapped);
    for (auto* readings : {&mapped.state, &mapped.pulses}) {
      for (Reading& reading : *readings) {
        if (reading.port == kNoPort) reading.port = port;
        reading.quality = quality_;
      }
    }
    put(address, rule.kind, time, std::move(mapped.state));
    put(address, MessageKind::event, time, std::move(mapped.pulses));
  }

  static void read_field(const FieldRule& field, const Here& here, MappedReadings& mapped) {
    const FieldMeaning& meaning = field.meaning;
    const auto element = field.constant ? std::optional(here.root) : found_at(here, meaning.field);
    if (!element || !holds(field.when, here)) return;
    Reading reading{meaning.point, meaning.port, Quality::good,
                    field.constant ? *field.constant : value_of(meaning, *element)};
    if (!meaning.pulse) return join(mapped.state, std::move(reading));
    if (const bool* happened = as_bool(reading.value); happened && *happened) join(mapped.pulses, std::move(reading));
  }

  // Members as they are usually named, alone or as {"value": ..., "time": ...}.
  static void read_common(const MessageRule& rule, const Here& here, MappedReadings& mapped) {
    const auto found = found_at(here, rule.common);
    const auto object = found ? json::as_object(*found) : std::nullopt;
    if (object) read_common_fields(*object, mapped, "value");
  }

  // Readings of one device, kind and time are one message.
  void put(const std::string& address, MessageKind kind, std::optional<Instant> time, std::vector<Reading> readings) {
    if (readings.empty()) return;
    const auto same = std::find_if(result_.messages.begin(), result_.messages.end(), [&](const DeviceMessage& other) {
      return other.address == address && other.kind == kind && other.measured_at == time && !other.reply;
    });
    if (same != result_.messages.end()) {
      for (Reading& reading : readings) join(same->readings, std::move(reading));
      return;
    }
    DeviceMessage message = message_of(address, kind);
    message.measured_at = time;
    message.readings = std::move(readings);
    result_.messages.push_back(std::move(message));
  }

  void read_reply(const MessageRule& rule, const Here& here, const std::string& address) {
    if (!rule.reply) return;
    const auto id = found_at(here, rule.reply->id), said = found_at(here, rule.reply->result);
    if (is_missing(id) || is_missing(said)) return;
    const std::string command = word_of(*id), word = word_of(*said);
    if (!is_id(command)) return;
    const auto known = rule.reply->results.find(word);
    const auto why = rule.reply->reason.empty() ? std::nullopt : found_at(here, rule.reply->reason);
    DeviceMessage message = message_of(address, MessageKind::reply);
    message.reply =
        known != rule.reply->results.end()
            ? Reply{command, known->second, {}}
            : Reply{command, "failed", is_missing(why) ? fmt::format("the device says {}", word) : word_of(*why)};
    result_.messages.push_back(std::move(message));
  }

  void learn(const MessageRule& rule, const Here& here, const std::string& address, Port port) {
    for (const LearnRule& one : rule.learn) {
      const auto found = found_at(here, one.field);
      if (is_missing(found)) continue;
      Learned learned{learned_key(one.name, address, port), word_of(*found)};
      const std::string* known = context_.link.find(learned.key);
      if (!learned.bytes.empty() && (!known || *known != learned.bytes)) result_.learned.push_back(std::move(learned));
    }
  }

  // What the broker kept was answered when it came.
  void answer(const MessageRule& rule, const Here& here, const std::string& address) {
    if (!rule.answer || raw_.retained) return;
    const auto topic = rule.answer->topic.as_topic(lookup(here, address));
    const auto payload = rule.answer->payload.as_payload(lookup(here, address));
    if (topic && payload) result_.replies.push_back({*topic, *payload, false});
  }

  TextTemplate::Lookup lookup(const Here& here, std::string_view address) const {
    return [this, here, address](std::string_view name) { return text_of(here, address, name); };
  }

  std::optional<std::string> text_of(const Here& here, std::string_view address, std::string_view name) const {
    if (name == "base") return std::string(context_.base);
    if (name == "address") return std::string(address);
    if (name == "now") return to_text(raw_.arrived_at);
    if (name.starts_with("topic.")) return capture(name.substr(6));
    if (name.starts_with("each.")) {
      const auto number = port_from_text(name.substr(5)).value_or(0);
      const auto index = static_cast<std::size_t>(number) - 1;
      return number < 1 || index >= here.steps.size() ? std::nullopt : std::optional(here.steps[index]);
    }
    const auto found = element_under(here.root, name.substr(name.find('.') + 1));  // "message."
    return is_missing(found) ? std::nullopt : std::optional(word_of(*found));
  }

  std::optional<std::string> capture(std::string_view name) const {
    for (const auto& [taken, level] : captures_) {
      if (taken == name) return std::string(level);
    }
    return std::nullopt;
  }

  const JsonFormat& format_;
  const RawMessage& raw_;
  const DecodeContext& context_;
  const Captures& captures_;
  const Element& root_;
  Decoded result_;
  std::optional<IgnoreReason> ignore_;
  Quality quality_ = Quality::good;
};

class JsonPathDriver final : public Driver {
 public:
  explicit JsonPathDriver(JsonFormat format) : format_(std::move(format)) {}

  std::string_view format() const noexcept override { return format_.name; }
  std::string_view default_base() const noexcept override { return format_.base; }

  std::vector<std::string> filters(std::string_view base) const override {
    std::vector<std::string> filters;
    for (const TopicPattern& pattern : format_.topics) filters.push_back(filter_of(pattern, base));
    return filters;
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view payload) const override {
    for (const std::string_view base : bases_in(topic, format_.base)) {
      const auto rest = below_base(topic, base);
      const TopicPattern* pattern = rest ? pattern_of(*rest, nullptr) : nullptr;
      if (pattern && (pattern->ignore || pattern->plain || payload.empty() || has_content(payload)))
        return std::string(base);
    }
    const bool known_by_content = format_.anywhere && !payload.empty() && pattern_of(topic, nullptr);
    return known_by_content && has_content(payload) ? std::optional(std::string()) : std::nullopt;
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    Captures captures;
    const TopicPattern* pattern = rest ? pattern_of(*rest, &captures) : nullptr;
    if (!pattern) {
      return reject(RejectReason::unknown_topic,
                    fmt::format("expected a topic of {} below \"{}\"", format_.name, context.base));
    }
    if (pattern->ignore) return ignored(*pattern->ignore);
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    json::Document document;
    auto root = document.parse(message.payload, PayloadLimits{});
    if (!root && pattern->plain && is_word(message.payload)) {
      root = document.parse(fmt::format("\"{}\"", message.payload), PayloadLimits{});
    }
    if (!root) return tl::unexpected(root.error());
    if (!pattern->plain && !root->is_object() && !root->is_array()) {
      return reject(
          RejectReason::wrong_type,
          fmt::format("reading a message of {}: found a single value, expected an object or a list", format_.name));
    }
    return Message(format_, message, context, captures, *root).decode();
  }

  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const auto found = format_.commands.find(command.kind);
    if (found == format_.commands.end()) return Driver::encode(command, address, context);
    const CommandRule& rule = found->second;
    if (rule.needs_port && command.port < 0) {
      return refuse(RefuseReason::bad_port, fmt::format("{}: found no port, expected one", label(command.kind)));
    }
    if (rule.needs_until && !command.until) {
      return refuse(RefuseReason::not_supported,
                    fmt::format("{}: found no time when it ends, expected one", label(command.kind)));
    }
    const auto text = [&](std::string_view name) { return text_of(command, address, context, name); };
    const auto topic = rule.outgoing.topic.as_topic(text);
    const auto payload = rule.outgoing.payload.as_payload(text);
    if (!topic || !payload) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: something that only the device can tell is not known yet", label(command.kind)));
    }
    return Encoded{{{*topic, *payload, false}}, {}};
  }

 private:
  const TopicPattern* pattern_of(std::string_view rest, Captures* captures) const {
    for (const TopicPattern& pattern : format_.topics) {
      if (captures) captures->clear();
      if (matches(pattern, rest, captures)) return &pattern;
    }
    return nullptr;
  }

  bool has_content(std::string_view payload) const {
    if (format_.content.is.empty() && format_.content.has.empty() && format_.content.lacks.empty()) return true;
    json::Document document;
    const auto root = document.parse(payload, PayloadLimits{});
    if (!root) return false;
    const std::vector<std::string> none;
    return holds(format_.content, {*root, *root, none});
  }

  static std::optional<std::string> text_of(const Command& command, std::string_view address,
                                            const EncodeContext& context, std::string_view name) {
    if (name == "base") return std::string(context.base);
    if (name == "address") return std::string(address);
    if (name == "command.id") return command.id;
    if (name == "command.port") return command.port < 0 ? std::nullopt : std::optional(std::to_string(command.port));
    if (name == "command.until") return command.until ? std::optional(to_text(*command.until)) : std::nullopt;
    const std::string* known = context.link.find(learned_key(name.substr(8), address, command.port));
    return known ? std::optional(*known) : std::nullopt;
  }

  JsonFormat format_;
};

}  // namespace

std::unique_ptr<Driver> make_driver(JsonFormat format) { return std::make_unique<JsonPathDriver>(std::move(format)); }

}  // namespace firegate::json_path
