#include "cli/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "cli/explain_rules.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostFields = 200;   // of a message, that are tried one by one (our choice)
constexpr std::size_t kMostShown = 60;     // bytes of a payload or a value (our choice)
constexpr std::size_t kMostUnread = 12;    // names of fields that say nothing (our choice)
constexpr std::size_t kMostReadings = 64;  // of a message (our choice)

// ---- readings, to be compared ----

struct Flat {
  std::string device, kind;
  Point point{};
  Port port = kNoPort;
  Quality quality{};
  Value value;

  bool same_place(const Flat& other) const {
    return device == other.device && point == other.point && port == other.port;
  }
};

std::vector<Flat> flat(const DecodeResult& result) {
  std::vector<Flat> list;
  if (!result) return list;
  for (const DeviceMessage& message : result->messages) {
    for (const Reading& reading : message.readings) {
      Flat& one = list.emplace_back();
      one.device = message.address;
      one.kind = label(message.kind);
      one.point = reading.point;
      one.port = reading.port;
      one.quality = reading.quality;
      one.value = reading.value;
    }
  }
  return list;
}

const Flat* find(const std::vector<Flat>& list, const Flat& wanted) {
  const auto found = std::ranges::find_if(list, [&wanted](const Flat& one) { return one.same_place(wanted); });
  return found == list.end() ? nullptr : &*found;
}

bool differs(const std::vector<Flat>& list, const Flat& wanted) {
  const Flat* other = find(list, wanted);
  return !other || other->value != wanted.value;
}

// ---- fields of a JSON payload ----

struct Step {
  std::string key;
  std::size_t index = 0;
  bool of_list = false;
};
using Path = std::vector<Step>;

std::string name_of(const Path& path) {
  std::string name;
  for (const Step& step : path) {
    if (!name.empty()) name += '.';
    name += step.of_list ? std::to_string(step.index) : step.key;
  }
  return name.empty() ? "the payload" : name;
}

void collect(const json::value& value, Path& path, std::vector<Path>& leaves) {
  if (leaves.size() >= kMostFields) return;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      path.push_back({member.key(), 0, false});
      collect(member.value(), path, leaves);
      path.pop_back();
    }
  } else if (const auto* list = value.if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      path.push_back({{}, i, true});
      collect((*list)[i], path, leaves);
      path.pop_back();
    }
  } else if (!path.empty()) {
    leaves.push_back(path);
  }
}

json::value& parent_of(json::value& root, const Path& path) {
  json::value* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = path[i].of_list ? &at->as_array()[path[i].index] : &at->as_object()[path[i].key];
  }
  return *at;
}

const json::value& value_at(json::value& root, const Path& path) {
  json::value& parent = parent_of(root, path);
  return path.back().of_list ? parent.as_array()[path.back().index] : parent.as_object()[path.back().key];
}

json::value with(json::value root, const Path& path, json::value instead) {
  json::value& parent = parent_of(root, path);
  if (path.back().of_list) {
    parent.as_array()[path.back().index] = std::move(instead);
  } else {
    parent.as_object()[path.back().key] = std::move(instead);
  }
  return root;
}

// Members go, items of lists become null: the others keep their places.
json::value without(json::value root, const Path& path) {
  if (path.back().of_list) return with(std::move(root), path, nullptr);
  parent_of(root, path).as_object().erase(path.back().key);
  return root;
}

std::string shortened(std::string text) {
  if (text.size() <= kMostShown) return text;
  std::size_t end = kMostShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // a character stays whole
  return text.substr(0, end) + "…";
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::string shown(std::string_view payload) {
  boost::system::error_code wrong;
  static_cast<void>(json::parse(payload, wrong));
  if (!wrong || (is_printable(payload) && std::ranges::all_of(payload, [](char c) { return (c & 0x80) == 0; }))) {
    return shortened(std::string(payload));
  }
  std::string hex;
  for (std::size_t i = 0; i < std::min<std::size_t>(payload.size(), kMostShown / 3); ++i) {
    hex += fmt::format("{}{:02X}", i ? " " : "", static_cast<unsigned char>(payload[i]));
  }
  return hex + (payload.size() > kMostShown / 3 ? " …" : "");
}

// ---- one message ----

class Explainer {
 public:
  explicit Explainer(const Explained& explained) : e_(explained), readings_(flat(explained.result)) {
    boost::system::error_code wrong;
    json::value root = json::parse(e_.message.payload, wrong);
    if (wrong) return;
    root_ = std::move(root);
    Path path;
    collect(root_, path, leaves_);
    for (const Path& leaf : leaves_) {
      without_.push_back(decode(json::serialize(without(root_, leaf)), e_.context));
      flat_without_.push_back(flat(without_.back()));
    }
  }

  std::string text() {
    say_format();
    if (!e_.result) {
      say("rejected", fmt::format("{}: {}", label(e_.result.error().reason), e_.result.error().detail));
      return std::move(out_);
    }
    if (e_.result->ignored) say("ignored", std::string(label(*e_.result->ignored)));
    say_learned();
    say_envelope();
    for (const DeviceMessage& message : e_.result->messages) say_message(message);
    for (std::size_t i = 0; i < std::min(readings_.size(), kMostReadings); ++i) say_reading(readings_[i]);
    if (readings_.size() > kMostReadings)
      say("", fmt::format("and {} more readings", readings_.size() - kMostReadings));
    say_unread();
    for (const Outgoing& reply : e_.result->replies) {
      say("answers", fmt::format("on {} with {}", reply.topic, shown(reply.payload)));
    }
    return std::move(out_);
  }

 private:
  DecodeResult decode(std::string_view payload, const DecodeContext& context) const {
    RawMessage changed = e_.message;
    changed.payload = payload;
    return e_.driver.decode(changed, context);
  }

  void say(std::string_view what, const std::string& text) { out_ += fmt::format("  {:9} {}\n", what, text); }

  void say_format() {
    const bool topic_is_enough = e_.driver.recognise(e_.message.topic, {}) == std::string(e_.context.base);
    const bool recognised = e_.driver.recognise(e_.message.topic, e_.message.payload).has_value();
    say("topic", e_.message.topic.empty() ? "none" : std::string(e_.message.topic));
    say("format", fmt::format("{}, base \"{}\", recognised by {}", e_.driver.format(), e_.context.base,
                              topic_is_enough ? "the topic"
                              : recognised    ? "topic and payload"
                                              : "an earlier message that named the topic"));
    say("payload", fmt::format("{} bytes: {}", e_.message.payload.size(), shown(e_.message.payload)));
  }

  void say_learned() {
    for (const Learned& learned : e_.result->learned) {
      say("learned", learned.bytes.empty() ? fmt::format("{}: forgotten", learned.key)
                                           : fmt::format("{} ({} bytes)", learned.key, learned.bytes.size()));
    }
  }

  // Fields that say whose message it is, when it was measured and how good it is.
  void say_envelope() {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const DecodeResult& result = without_[i];
      const auto is = [&](std::string_view what) {
        say("envelope", fmt::format("{} = {}: {}", name_of(leaves_[i]), value_text(leaves_[i]), what));
      };
      if (!result) {
        is(fmt::format("without it {}", label(result.error().reason)));
      } else if (!result->messages.empty() && !e_.result->messages.empty()) {
        const DeviceMessage &now = e_.result->messages.front(), &then = result->messages.front();
        if (now.address != then.address) is("the device's address");
        if (now.measured_at != then.measured_at) is("the device's time");
        if (now.kind != then.kind && result->messages.size() == e_.result->messages.size())
          is("the kind of the message");
        if (!now.readings.empty() && !then.readings.empty() &&
            now.readings.front().quality != then.readings.front().quality) {
          is("the quality of the readings");
        }
      }
    }
  }

  void say_message(const DeviceMessage& message) {
    std::string text = fmt::format("{}, {}", message.address, label(message.kind));
    if (message.measured_at) text += fmt::format(", measured at {}", to_text(*message.measured_at));
    if (message.reply) text += fmt::format(", command {} is {}", message.reply->command_id, message.reply->result);
    say("device", text);
  }

  std::string value_text(const Path& leaf) {
    const json::value& value = value_at(root_, leaf);
    return shortened(value.is_double() ? fmt::format("{}", value.as_double()) : json::serialize(value));
  }

  void say_reading(const Flat& reading) {
    const PointInfo& point = info(reading.point);
    const std::string value = is_unknown(reading.value) ? "unknown" : to_text(reading.point, reading.value);
    const std::string port = reading.port == kNoPort ? "" : fmt::format(" of port {}", reading.port);
    const std::string quality = reading.quality == Quality::good ? "" : fmt::format(", {}", label(reading.quality));
    say("point",
        fmt::format("{}{} = {}{}{}{}", point.name, port, value, point.unit.empty() ? "" : " ", point.unit, quality));
    std::vector<const Path*> sources;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (without_[i] && differs(flat_without_[i], reading)) sources.push_back(&leaves_[i]);
    }
    if (sources.empty())
      say("", leaves_.empty() ? "from the payload as a whole" : "from what the message is, not from one field");
    for (const Path* source : sources) {
      say("", fmt::format("from {} = {}", name_of(*source), value_text(*source)));
      say_polarity(reading, *source);
      say_lesson(reading, *source);
    }
    say_rule(reading);
  }

  // What the point would be for other words in the same place.
  void say_polarity(const Flat& reading, const Path& source) {
    if (info(reading.point).type != ValueType::boolean) return;
    std::string yes, no;
    for (const json::value& word : std::initializer_list<json::value>{true, false, 1, 0, "ON", "OFF", "alarm", "normal",
                                                                      "leak", "open", "close"}) {
      const auto list = flat(decode(json::serialize(with(root_, source, word)), e_.context));
      const Flat* found = find(list, reading);
      const bool* truth = found ? as_bool(found->value) : nullptr;
      if (!truth) continue;
      std::string& place = *truth ? yes : no;
      place += fmt::format("{}{}", place.empty() ? "" : ", ", json::serialize(word));
    }
    if (yes.empty() && no.empty()) return;
    say("", fmt::format("polarity, of the usual words: true for {}; false for {}", yes.empty() ? "none" : yes,
                        no.empty() ? "none" : no));
  }

  // What earlier messages taught about the field.
  void say_lesson(const Flat& reading, const Path& source) {
    const std::string name = source.back().of_list ? std::string() : source.back().key;
    for (const auto& [key, lesson] : e_.lessons) {
      const std::string* bytes = e_.context.link.find(key);
      if (!bytes || key.find(reading.device) == std::string::npos) continue;
      const std::string stated = stated_of(*bytes, name);
      if (!stated.empty()) say("", fmt::format("known from line {} ({}): {}", lesson.line, lesson.topic, stated));
    }
  }

  // The line of learned text that is about `name`.
  static std::string stated_of(std::string_view bytes, std::string_view name) {
    while (!name.empty() && !bytes.empty()) {
      const auto end = std::min(bytes.find('\n'), bytes.size());
      std::string line(bytes.substr(0, end));
      if (line.starts_with(fmt::format("{}\t", name))) {
        std::ranges::replace(line, '\t', ' ');
        return shortened(line);
      }
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return {};
  }

  void say_rule(const Flat& reading) {
    const auto still = [this, &reading](const Driver& driver, const Models& models) {
      const DecodeContext changed{e_.context.base, e_.context.link, models, e_.context.devices, e_.context.codec};
      return !differs(flat(driver.decode(e_.message, changed)), reading);
    };
    const auto rule = rules_.find(e_.driver, reading.point, still);
    say("", fmt::format("rule: {}", rule));
  }

  void say_unread() {
    if (readings_.empty()) return;
    std::string names;
    std::size_t count = 0;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const bool envelope = !without_[i];
      const bool said =
          std::ranges::any_of(readings_, [this, i](const Flat& one) { return differs(flat_without_[i], one); });
      if (envelope || said || is_envelope(without_[i])) continue;
      if (++count <= kMostUnread) names += fmt::format("{}{}", names.empty() ? "" : ", ", name_of(leaves_[i]));
    }
    if (count > kMostUnread) names += fmt::format(" and {} more", count - kMostUnread);
    if (!names.empty()) say("unread", names);
    if (leaves_.size() >= kMostFields) say("", fmt::format("only the first {} fields were looked at", kMostFields));
  }

  bool is_envelope(const DecodeResult& result) const {
    if (result->messages.empty() || e_.result->messages.empty()) return false;
    const DeviceMessage &now = e_.result->messages.front(), &then = result->messages.front();
    return now.address != then.address || now.measured_at != then.measured_at;
  }

  const Explained& e_;
  std::vector<Flat> readings_;
  json::value root_;
  std::vector<Path> leaves_;
  std::vector<DecodeResult> without_;  // one for each leaf
  std::vector<std::vector<Flat>> flat_without_;
  RuleFinder rules_;
  std::string out_;
};

}  // namespace

std::string explain(const Explained& explained) { return Explainer(explained).text(); }

}  // namespace firegate::cli
