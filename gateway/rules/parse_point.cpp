// Tests: the conditions on one point.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/parse_condition.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;

// How a test may be written: the key that says what is tested, and the one that goes with it.
enum class Form : std::uint8_t { is, limit, rise, deviation, stuck, chatter };
struct Way {
  std::string_view key, with;
  Form form;
  bool upper = true, inclusive = false;  // limits: on which side it is true, and whether the limit itself is
};
constexpr std::array<Way, 12> kWays{{{"is", "", Form::is},
                                     {"at_least", "clears_below", Form::limit, true, true},
                                     {"above", "clears_below", Form::limit, true, false},
                                     {"at_most", "clears_above", Form::limit, false, true},
                                     {"below", "clears_above", Form::limit, false, false},
                                     {"rises_by", "within", Form::rise, true},
                                     {"falls_by", "within", Form::rise, false},
                                     {"deviates_by", "baseline", Form::deviation},
                                     {"above_baseline_by", "baseline", Form::deviation},
                                     {"below_baseline_by", "baseline", Form::deviation},
                                     {"unchanged_for", "", Form::stuck},
                                     {"changes", "within", Form::chatter}}};

// Every key that a condition can begin with: for the nearest word.
constexpr std::array<std::string_view, 10> kOtherForms{"any",    "all",     "not",    "not_heard",  "count",
                                                       "during", "in_zone", "nearby", "expression", "fire_pattern"};

std::span<const std::string_view> point_names() {
  static const auto names = [] {
    std::array<std::string_view, kPointCount> list;
    for (std::size_t i = 0; i < kPointCount; ++i) list[i] = name(static_cast<Point>(i));
    return list;
  }();
  return names;
}

std::optional<Point> parse_point(MapReader& reader) {
  const std::string word = reader.text("point");
  const auto point = point_from_name(word);
  if (!point && reader.has("point")) {
    reader.wrong("point", ProblemCode::E110_unknown_reference,
                 fmt::format("found \"{}\", expected a point{}", word, suggestion(word, point_names())));
  }
  return point;
}

// One value of `is`.
std::optional<Value> parse_value(const ConfigNode& node, Point point, Problems& problems) {
  const PointInfo& what = info(point);
  if (node.type == ConfigNode::Type::scalar) {
    const bool bare = !node.quoted;
    if (what.type == ValueType::boolean && bare && (node.scalar == "true" || node.scalar == "false")) {
      return node.scalar == "true";
    }
    if (what.type == ValueType::text) return node.scalar;
    if (const Value choice = choice_value(point, node.scalar); !is_unknown(choice)) return choice;
  }
  const std::string expected = what.type == ValueType::choice ? fmt::format("one of {}", fmt::join(what.choices, ", "))
                               : what.type == ValueType::text ? std::string("text")
                                                              : std::string("true or false");
  problems.add(ProblemCode::E108_not_in_list, node.at, node.path,
               fmt::format("found \"{}\", expected {} ({}){}", node.scalar, expected, what.name,
                           suggestion(node.scalar, what.choices)));
  return std::nullopt;
}

Is parse_is(MapReader& reader, Point point, Problems& problems) {
  Is is{point, {}};
  const ConfigNode* node = reader.node("is", true);
  if (!node) return is;
  if (info(point).type == ValueType::number) {
    reader.wrong(
        "is", ProblemCode::E113_contradiction,
        fmt::format("found \"is\" on {}, which is a number; expected at_least, above, at_most or below", name(point)));
    return is;
  }
  const auto add = [&is, point, &problems](const ConfigNode& value) {
    if (auto parsed = parse_value(value, point, problems)) is.any_of.push_back(std::move(*parsed));
  };
  if (node->type != ConfigNode::Type::list) {
    add(*node);
    return is;
  }
  if (node->items.empty()) reader.wrong("is", ProblemCode::E105_missing_key, "found an empty list, expected a value");
  for (const ConfigNodePtr& item : node->items) add(*item);
  return is;
}

Condition parse_limit(MapReader& reader, const Way& way, Point point, ConditionContext& context) {
  const PointInfo& what = info(point);
  Limit limit{point, way.upper, way.inclusive, 0, 0, 0};
  limit.limit = reader.number(way.key, std::nullopt, what.low, what.high);
  limit.clear = reader.number(way.with, limit.limit, what.low, what.high);
  if (way.upper ? limit.clear > limit.limit : limit.clear < limit.limit) {
    reader.wrong(way.with, ProblemCode::E113_contradiction,
                 fmt::format("found {}, expected {} the limit {}", limit.clear, way.upper ? "at most" : "at least",
                             limit.limit));
  }
  limit.bit = static_cast<std::uint8_t>(context.bands++);
  if (limit.has_band() && context.asks == ConditionContext::Asks::others) {
    reader.wrong(way.with, ProblemCode::E113_contradiction,
                 "found a clear limit in nearby, which remembers nothing of others; expected the limit alone");
  }
  return {limit};
}

std::uint8_t next_window(ConditionContext& context) noexcept { return static_cast<std::uint8_t>(context.windows++); }

// A difference between two values of the point.
double parse_difference(MapReader& reader, std::string_view key, Point point) {
  constexpr double kLeast = 0.001;
  return reader.number(key, std::nullopt, kLeast, info(point).high - info(point).low);
}

Condition parse_deviation(MapReader& reader, const Way& way, Point point, ConditionContext& context) {
  using Side = Deviation::Side;
  const Side side = way.key == "deviates_by"         ? Side::either
                    : way.key == "above_baseline_by" ? Side::above
                                                     : Side::below;
  const double by = parse_difference(reader, way.key, point);
  return {Deviation{point, side, by, parse_span(reader, "baseline", 1min, 7 * 24h), next_window(context)}};
}

Condition parse_way(MapReader& reader, const Way& way, Point point, ConditionContext& context) {
  switch (way.form) {
    case Form::is: return {parse_is(reader, point, context.problems)};
    case Form::limit: return parse_limit(reader, way, point, context);
    case Form::rise: {
      const double by = parse_difference(reader, way.key, point);
      return {Rise{point, !way.upper, by, parse_span(reader, "within", 1s, 24h), next_window(context)}};
    }
    case Form::deviation: return parse_deviation(reader, way, point, context);
    case Form::stuck: return {Stuck{point, parse_span(reader, "unchanged_for", 1min, 90 * 24h), next_window(context)}};
    case Form::chatter: break;
  }
  const auto changes = static_cast<std::size_t>(reader.integer("changes", std::nullopt, 2, kMaxCounted));
  return {Chatter{point, changes, parse_span(reader, "within", 1s, 7 * 24h), next_window(context)}};
}

bool needs_number(Form form) noexcept { return form == Form::limit || form == Form::rise || form == Form::deviation; }

void know_all_keys(MapReader& reader) {
  for (const Way& way : kWays) {
    reader.node(way.key);
    if (!way.with.empty()) reader.node(way.with);
  }
  for (const std::string_view form : kOtherForms) reader.node(form);
}

void report_ways(const ConfigNode& node, std::size_t given, Problems& problems) {
  std::vector<std::string> keys;
  for (const Way& way : kWays) keys.push_back(fmt::format("\"{}\"", way.key));
  problems.add(given == 0 ? ProblemCode::E105_missing_key : ProblemCode::E113_contradiction, node.at, node.path,
               fmt::format("found {} of {}, expected exactly one", given, fmt::join(keys, ", ")));
}

// Nothing in it is a condition: the unknown key says enough.
std::nullopt_t report_unknown(MapReader& reader, const ConfigNode& node, Problems& problems) {
  if (node.members.empty()) {
    problems.add(ProblemCode::E105_missing_key, node.at, node.path, "found nothing, expected a condition");
  }
  reader.node("point");
  know_all_keys(reader);
  reader.finish();
  return std::nullopt;
}

bool refused_of_others(MapReader& reader, const Way& way, ConditionContext& context) {
  const bool remembers = way.form != Form::is && way.form != Form::limit;
  if (!remembers || context.asks != ConditionContext::Asks::others) return false;
  reader.wrong(
      way.key, ProblemCode::E113_contradiction,
      fmt::format("found \"{}\" in nearby, which remembers nothing of others; expected \"is\" or a limit", way.key));
  return true;
}

}  // namespace

Millis parse_span(MapReader& reader, std::string_view key, Millis least, Millis most) {
  const Millis span = reader.duration(key, std::nullopt);
  if (reader.has(key) && span != Millis{0} && (span < least || span > most)) {
    reader.wrong(key, ProblemCode::E107_out_of_range,
                 fmt::format("found {} s, expected {} to {} s", span / 1s, least / 1s, most / 1s));
  } else if (reader.has(key) && span == Millis{0}) {
    reader.wrong(key, ProblemCode::E112_bad_duration,
                 fmt::format("expected a duration of {} to {} s", least / 1s, most / 1s));
  }
  return std::max(span, least);
}

std::optional<Condition> parse_test(const ConfigNode& node, ConditionContext& context) {
  MapReader reader(node, context.problems);
  if (!reader.ok()) return std::nullopt;
  std::vector<const Way*> ways;
  for (const Way& way : kWays) {
    if (reader.has(way.key)) ways.push_back(&way);
  }
  if (ways.empty() && !reader.has("point")) return report_unknown(reader, node, context.problems);
  const auto point = parse_point(reader);
  std::optional<Condition> made;
  if (ways.size() != 1) {
    report_ways(node, ways.size(), context.problems);
    know_all_keys(reader);
  } else if (const Way& way = *ways.front(); !point || refused_of_others(reader, way, context)) {
    know_all_keys(reader);
  } else if (needs_number(way.form) && info(*point).type != ValueType::number) {
    reader.wrong(way.key, ProblemCode::E113_contradiction,
                 fmt::format("found \"{}\" on {}, which is no number; expected \"is\"", way.key, info(*point).name));
    know_all_keys(reader);
  } else {
    made = parse_way(reader, way, *point, context);
  }
  reader.finish();
  return made;
}

}  // namespace firegate::rules
