#include "rules/parse_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;
using Asks = ConditionContext::Asks;

// Reads one form whose key was found; `reader` is of the map that has the key.
using Parse = std::optional<Condition> (*)(const ConfigNode& node, MapReader& reader, ConditionContext& context);
struct Form {
  std::string_view key;
  Parse parse;
};

// Whom the conditions under this one are asked of, while they are read.
class Asking {
 public:
  Asking(ConditionContext& context, Asks asks) : context_(context), before_(context.asks) { context.asks = asks; }
  ~Asking() { context_.asks = before_; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  ConditionContext& context_;
  Asks before_;
};

std::optional<Condition> parse_group(MapReader& reader, std::string_view key, Combine combine,
                                     ConditionContext& context) {
  Group group{combine, {}};
  const ConfigNode* list = reader.list(key);
  if (!list) return std::nullopt;
  if (list->items.empty()) {
    context.problems.add(ProblemCode::E107_out_of_range, list->at, list->path,
                         fmt::format("found 0 tests, expected 1 to {}", kMaxConditions));
  }
  for (const ConfigNodePtr& item : list->items) {
    if (auto part = parse_condition(*item, context)) group.of.push_back(std::move(*part));
  }
  if (group.of.empty()) return std::nullopt;
  return Condition{std::move(group)};
}

std::optional<Condition> parse_any(const ConfigNode&, MapReader& reader, ConditionContext& context) {
  return parse_group(reader, "any", Combine::any, context);
}
std::optional<Condition> parse_all(const ConfigNode&, MapReader& reader, ConditionContext& context) {
  return parse_group(reader, "all", Combine::all, context);
}

std::optional<Condition> parse_not(const ConfigNode&, MapReader& reader, ConditionContext& context) {
  const ConfigNode* node = reader.map("not");
  auto part = node ? parse_condition(*node, context) : std::nullopt;
  if (!part) return std::nullopt;
  Not negated;
  negated.of.push_back(std::move(*part));
  return Condition{std::move(negated)};
}

std::vector<std::string> parse_texts(const ConfigNode* list, Problems& problems) {
  std::vector<std::string> texts;
  if (!list) return texts;
  for (const ConfigNodePtr& item : list->items) {
    if (item->type == ConfigNode::Type::scalar) {
      texts.push_back(item->scalar);
    } else {
      problems.add(ProblemCode::E106_wrong_type, item->at, item->path, "found no single value, expected a wire format");
    }
  }
  return texts;
}

std::optional<Condition> parse_absence(const ConfigNode&, MapReader& of, ConditionContext& context) {
  const ConfigNode* node = of.map("not_heard");
  if (!node) return std::nullopt;
  if (context.asks != Asks::others) context.absence = true;
  MapReader reader(*node, context.problems);
  Absence absence;
  if (reader.has("offline_delay")) {
    absence.offline_delay = reader.duration("offline_delay", std::nullopt);
  } else {
    reader.node("offline_delay");
  }
  absence.sleeping_formats = parse_texts(reader.list("sleeping_formats"), context.problems);
  if (!absence.offline_delay && !absence.sleeping_formats.empty()) {
    reader.wrong("sleeping_formats", ProblemCode::E113_contradiction,
                 "found wire formats that sleep, but without offline_delay no device's \"offline\" counts");
  }
  if (absence.offline_delay && context.asks == Asks::others) {
    reader.wrong("offline_delay", ProblemCode::E113_contradiction,
                 "found a delay in nearby; the rule of the other devices' own silence has it, expected {}");
  }
  reader.finish();
  return Condition{std::move(absence)};
}

std::optional<Condition> parse_count(const ConfigNode&, MapReader& of, ConditionContext& context) {
  const ConfigNode* node = of.map("count");
  if (!node) return std::nullopt;
  MapReader reader(*node, context.problems);
  Count count;
  const ConfigNode* test = reader.map("of", true);
  auto part = test ? parse_test(*test, context) : std::nullopt;
  count.at_least = static_cast<std::size_t>(reader.integer("at_least", std::nullopt, 2, kMaxCounted));
  count.within = parse_span(reader, "within", 1s, 7 * 24h);
  count.window = static_cast<std::uint8_t>(context.windows++);
  reader.finish();
  if (!part) return std::nullopt;
  if (!part->as<Is>() && !part->as<Limit>()) {
    reader.wrong("of", ProblemCode::E113_contradiction, "expected a test with \"is\" or a limit");
    return std::nullopt;
  }
  if (context.asks == Asks::others) {
    of.wrong("count", ProblemCode::E113_contradiction, "found a count in nearby, which remembers nothing of others");
    return std::nullopt;
  }
  count.of.push_back(std::move(*part));
  return Condition{std::move(count)};
}

// "22:00"; 24:00 is the end of the day.
std::optional<std::chrono::minutes> time_from_text(std::string_view text) noexcept {
  const auto two = [text](std::size_t from) -> std::optional<int> {
    int number = 0;
    const auto read = std::from_chars(text.data() + from, text.data() + from + 2, number);
    return read.ptr == text.data() + from + 2 ? std::optional(number) : std::nullopt;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = two(0), minutes = two(3);
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes time{*hours * 60 + *minutes};
  return time <= 24h ? std::optional(time) : std::nullopt;
}

std::chrono::minutes parse_time(MapReader& reader, std::string_view key, std::chrono::minutes otherwise) {
  if (!reader.has(key)) {
    reader.node(key);
    return otherwise;
  }
  const std::string text = reader.text(key);
  if (const auto time = time_from_text(text)) return *time;
  reader.wrong(key, ProblemCode::E106_wrong_type, fmt::format("found \"{}\", expected a time such as \"22:00\"", text));
  return otherwise;
}

constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

void parse_days(MapReader& reader, Schedule& schedule, Problems& problems) {
  const ConfigNode* node = reader.node("days");
  if (!node) return;
  if (node->type == ConfigNode::Type::scalar && (node->scalar == "working" || node->scalar == "free")) {
    schedule.days = node->scalar == "working" ? Schedule::Days::working : Schedule::Days::free;
    return;
  }
  if (node->type != ConfigNode::Type::list || node->items.empty()) {
    reader.wrong("days", ProblemCode::E106_wrong_type,
                 "expected working, free, or a list of mon, tue, wed, thu, fri, sat, sun");
    return;
  }
  schedule.weekdays = 0;
  for (const ConfigNodePtr& item : node->items) {
    const auto at = std::find(kWeekdays.begin(), kWeekdays.end(), item->scalar);
    if (at == kWeekdays.end()) {
      problems.add(ProblemCode::E108_not_in_list, item->at, item->path,
                   fmt::format("found \"{}\", expected one of {}{}", item->scalar, fmt::join(kWeekdays, ", "),
                               suggestion(item->scalar, kWeekdays)));
    } else {
      schedule.weekdays = static_cast<std::uint8_t>(schedule.weekdays | (1u << (at - kWeekdays.begin())));
    }
  }
}

std::optional<Condition> parse_schedule(const ConfigNode&, MapReader& of, ConditionContext& context) {
  const ConfigNode* node = of.map("during");
  if (!node) return std::nullopt;
  MapReader reader(*node, context.problems);
  Schedule schedule;
  schedule.calendar = context.calendar;
  parse_days(reader, schedule, context.problems);
  schedule.from = parse_time(reader, "from", 0min);
  schedule.to = parse_time(reader, "to", 24h);
  schedule.holidays = reader.choice<Schedule::Holidays>("holidays", Schedule::Holidays::as_usual);
  if (schedule.from == 24h || (reader.has("from") && schedule.from == schedule.to)) {
    reader.wrong("from", ProblemCode::E113_contradiction, "found no hours between from and to, expected some");
  }
  if (schedule.days == Schedule::Days::working && schedule.holidays == Schedule::Holidays::only) {
    reader.wrong("holidays", ProblemCode::E113_contradiction,
                 "found working days that are holidays, of which there are none");
  }
  reader.finish();
  return Condition{std::move(schedule)};
}

// What is asked of the devices around; a question in a question is refused.
std::optional<Condition> parse_asked(MapReader& reader, std::string_view key, Asks asks, ConditionContext& context) {
  const ConfigNode* node = reader.map(key, true);
  if (!node) return std::nullopt;
  if (context.asks != Asks::itself) {
    reader.wrong(key, ProblemCode::E113_contradiction,
                 "found in_zone or nearby within another; expected a condition on the device itself");
    return std::nullopt;
  }
  const Asking asking(context, asks);
  return parse_condition(*node, context);
}

std::optional<Condition> parse_in_zone(const ConfigNode&, MapReader& of, ConditionContext& context) {
  const ConfigNode* node = of.map("in_zone");
  if (!node) return std::nullopt;
  MapReader reader(*node, context.problems);
  InZone zone;
  zone.scope = reader.choice<Scope>("scope", Scope::zone);
  zone.at_least = static_cast<std::size_t>(reader.integer("at_least", 2, 2, kMaxCounted));
  auto part = parse_asked(reader, "of", Asks::zone, context);
  reader.finish();
  if (!part) return std::nullopt;
  zone.of.push_back(std::move(*part));
  return Condition{std::move(zone)};
}

std::optional<Condition> parse_nearby(const ConfigNode&, MapReader& of, ConditionContext& context) {
  const ConfigNode* node = of.map("nearby");
  if (!node) return std::nullopt;
  MapReader reader(*node, context.problems);
  Nearby nearby;
  nearby.scope = reader.choice<Scope>("scope", Scope::zone);
  nearby.kinds = context.kinds;
  if (reader.has("kinds")) {
    nearby.kinds = parse_kinds(reader, "kinds", context.problems);
  } else {
    reader.node("kinds");
  }
  const bool others_kinds = (nearby.kinds & ~context.kinds).any();
  const bool pattern_before = context.others_pattern;
  auto part = parse_asked(reader, "when", Asks::others, context);
  if (others_kinds && context.others_pattern && !pattern_before) {
    reader.wrong(
        "kinds", ProblemCode::E113_contradiction,
        "found kinds that the rule does not judge, so their fire pattern is not known; expected kinds of the rule");
  }
  reader.finish();
  if (!part) return std::nullopt;
  nearby.when.push_back(std::move(*part));
  return Condition{std::move(nearby)};
}

std::optional<Condition> parse_expression(const ConfigNode& node, MapReader& reader, ConditionContext& context) {
  const std::string text = reader.text("expression");
  const ConfigNode* at = node.find("expression");
  if (at->type != ConfigNode::Type::scalar) return std::nullopt;
  auto made = Expression::parse(text);
  if (made) return Condition{std::move(*made)};
  SourcePos within = at->at;
  within.column += static_cast<int>(made.error().at) + (at->quoted ? 1 : 0);
  context.problems.add(ProblemCode::E102_bad_syntax, within, at->path, std::move(made.error().message));
  return std::nullopt;
}

std::optional<Condition> parse_pattern(const ConfigNode&, MapReader& reader, ConditionContext& context) {
  const FirePattern pattern{reader.choice<FirePattern::Asks>("fire_pattern", std::nullopt)};
  if (context.asks == Asks::others) {
    context.others_pattern = true;
  } else {
    context.asks_pattern = true;
  }
  return Condition{pattern};
}

constexpr std::array<Form, 10> kForms{{{"any", parse_any},
                                       {"all", parse_all},
                                       {"not", parse_not},
                                       {"not_heard", parse_absence},
                                       {"count", parse_count},
                                       {"during", parse_schedule},
                                       {"in_zone", parse_in_zone},
                                       {"nearby", parse_nearby},
                                       {"expression", parse_expression},
                                       {"fire_pattern", parse_pattern}}};

std::optional<Condition> parse_form(const ConfigNode& node, ConditionContext& context) {
  MapReader reader(node, context.problems);
  if (!reader.ok()) return std::nullopt;
  const auto form =
      std::find_if(kForms.begin(), kForms.end(), [&reader](const Form& at) { return reader.has(at.key); });
  if (form == kForms.end()) return parse_test(node, context);
  if (node.members.size() > 1) {
    context.problems.add(ProblemCode::E113_contradiction, node.at, node.path,
                         fmt::format("found more than one condition, expected {} alone", form->key));
    return std::nullopt;
  }
  return form->parse(node, reader, context);
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> list) {
  const auto near = nearest(word, list);
  return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"", near);
}

KindSet parse_kinds(MapReader& reader, std::string_view key, Problems& problems) {
  KindSet kinds;
  const ConfigNode* node = reader.node(key, true);
  if (!node) return kinds;
  if (node->type == ConfigNode::Type::scalar && node->scalar == "any") return kinds.set();
  if (node->type != ConfigNode::Type::list || node->items.empty()) {
    reader.wrong(key, ProblemCode::E106_wrong_type, "expected a list of device kinds, or any");
    return kinds;
  }
  for (const ConfigNodePtr& item : node->items) {
    if (const auto kind = from_label<DeviceKind>(item->scalar)) {
      kinds.set(static_cast<std::size_t>(*kind));
    } else {
      problems.add(ProblemCode::E108_not_in_list, item->at, item->path,
                   fmt::format("found \"{}\", expected a device kind{}", item->scalar,
                               suggestion(item->scalar, Labels<DeviceKind>::list)));
    }
  }
  return kinds;
}

std::optional<Condition> parse_condition(const ConfigNode& node, ConditionContext& context) {
  if (++context.conditions == kMaxConditions + 1) {
    context.problems.add(ProblemCode::E116_too_large, node.at, node.path,
                         fmt::format("found one condition more, expected at most {} in a rule", kMaxConditions));
  }
  if (context.conditions > kMaxConditions) return std::nullopt;
  if (context.nesting == kMaxNesting) {
    context.problems.add(ProblemCode::E116_too_large, node.at, node.path,
                         fmt::format("found one level more, expected at most {}", kMaxNesting));
    return std::nullopt;
  }
  ++context.nesting;
  auto made = parse_form(node, context);
  --context.nesting;
  return made;
}

}  // namespace firegate::rules
