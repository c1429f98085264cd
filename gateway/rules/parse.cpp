// Rule files → RuleSet. The form is described in README.md of this folder and in config/schema/rules.schema.json.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "rules/rule_set.h"

namespace firegate::rules {
namespace {

constexpr std::string_view kOwnPrefix = "self_";  // rules of faults of ours (core/self_fault.h)
constexpr std::size_t kMaxRules = 65'535;         // what RuleNo can count

std::span<const std::string_view> point_names() {
  static const auto names = [] {
    std::array<std::string_view, kPointCount> list;
    for (std::size_t i = 0; i < kPointCount; ++i) list[i] = name(static_cast<Point>(i));
    return list;
  }();
  return names;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> list) {
  const auto near = nearest(word, list);
  return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"", near);
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
  Is is;
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

// How a test may be written. The key says on which side of the limit it is true and whether the limit itself is.
struct LimitKey {
  std::string_view key, clear_key;
  bool upper, inclusive;
};
constexpr std::array<LimitKey, 4> kLimitKeys{{{"at_least", "clears_below", true, true},
                                              {"above", "clears_below", true, false},
                                              {"at_most", "clears_above", false, true},
                                              {"below", "clears_above", false, false}}};

std::variant<Is, Above, Below> parse_limit(MapReader& reader, const LimitKey& how, Point point) {
  const PointInfo& what = info(point);
  if (what.type != ValueType::number) {
    reader.node(how.key);
    reader.node(how.clear_key);
    reader.wrong(how.key, ProblemCode::E113_contradiction,
                 fmt::format("found \"{}\" on {}, which is no number; expected \"is\"", how.key, what.name));
    return Is{};
  }
  const double limit = reader.number(how.key, std::nullopt, what.low, what.high);
  const double clear = reader.number(how.clear_key, limit, what.low, what.high);
  if (how.upper ? clear > limit : clear < limit) {
    reader.wrong(how.clear_key, ProblemCode::E113_contradiction,
                 fmt::format("found {}, expected {} the limit {}", clear, how.upper ? "at most" : "at least", limit));
  }
  if (how.upper) return Above{limit, clear, how.inclusive};
  return Below{limit, clear, how.inclusive};
}

// Reports that a test is not written in exactly one way; what it does say is then not read any further.
void report_ways(MapReader& reader, const ConfigNode& node, std::size_t given, Problems& problems) {
  problems.add(
      given == 0 ? ProblemCode::E105_missing_key : ProblemCode::E113_contradiction, node.at, node.path,
      fmt::format("found {} of \"is\", \"at_least\", \"above\", \"at_most\", \"below\", expected exactly one", given));
  reader.node("is");
  for (const LimitKey& how : kLimitKeys) {
    reader.node(how.key);
    reader.node(how.clear_key);
  }
}

std::optional<Test> parse_test(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  if (!reader.ok()) return std::nullopt;
  const auto point = parse_point(reader);
  std::vector<const LimitKey*> limits;
  for (const LimitKey& how : kLimitKeys) {
    if (reader.has(how.key)) limits.push_back(&how);
  }
  const std::size_t given = limits.size() + (reader.has("is") ? 1 : 0);
  Test test{point.value_or(Point{}), Is{}};
  if (given != 1) {
    report_ways(reader, node, given, problems);
  } else if (!point) {
    reader.node(limits.empty() ? "is" : limits[0]->key);
    reader.node(limits.empty() ? "is" : limits[0]->clear_key);
  } else if (limits.empty()) {
    test.how = parse_is(reader, *point, problems);
  } else {
    test.how = parse_limit(reader, *limits[0], *point);
  }
  reader.finish();
  return point && given == 1 ? std::optional(std::move(test)) : std::nullopt;
}

Condition parse_tests(const ConfigNode& list, Combine combine, Problems& problems) {
  Condition condition{combine, {}};
  for (const ConfigNodePtr& item : list.items) {
    if (auto test = parse_test(*item, problems)) condition.tests.push_back(std::move(*test));
  }
  if (list.items.empty() || list.items.size() > kMaxTests) {
    problems.add(ProblemCode::E107_out_of_range, list.at, list.path,
                 fmt::format("found {} tests, expected 1 to {}", list.items.size(), kMaxTests));
  }
  return condition;
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

Absence parse_absence(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  Absence absence;
  if (reader.has("offline_delay")) {
    absence.offline_delay = reader.duration("offline_delay", std::nullopt);
  } else {
    reader.node("offline_delay");
  }
  absence.sleeping_formats = parse_texts(reader.list("sleeping_formats"), problems);
  if (!absence.offline_delay && !absence.sleeping_formats.empty()) {
    reader.wrong("sleeping_formats", ProblemCode::E113_contradiction,
                 "found wire formats that sleep, but without offline_delay no device's \"offline\" counts");
  }
  reader.finish();
  return absence;
}

std::variant<Condition, Absence> parse_when(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  if (!reader.ok()) return Condition{};
  if (!reader.has("any") && !reader.has("all") && !reader.has("not_heard")) {
    Condition condition;
    if (auto test = parse_test(node, problems)) condition.tests.push_back(std::move(*test));
    return condition;
  }
  const ConfigNode* any = reader.list("any");
  const ConfigNode* all = reader.list("all");
  const ConfigNode* not_heard = reader.map("not_heard");
  if (node.members.size() > 1) {
    problems.add(ProblemCode::E113_contradiction, node.at, node.path,
                 "found more than one condition, expected a test, or one of any, all, not_heard");
  }
  reader.finish();
  if (not_heard) return parse_absence(*not_heard, problems);
  if (all) return parse_tests(*all, Combine::all, problems);
  return any ? parse_tests(*any, Combine::any, problems) : Condition{};
}

KindSet parse_kinds(MapReader& reader, Problems& problems) {
  KindSet kinds;
  const ConfigNode* node = reader.node("kinds", true);
  if (!node) return kinds;
  if (node->type == ConfigNode::Type::scalar && node->scalar == "any") return kinds.set();
  if (node->type != ConfigNode::Type::list || node->items.empty()) {
    reader.wrong("kinds", ProblemCode::E106_wrong_type, "expected a list of device kinds, or any");
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

void parse_text(MapReader& reader, Rule& rule, Problems& problems) {
  const ConfigNode* node = reader.map("text", true);
  if (!node) return;
  MapReader text(*node, problems);
  rule.text_zh = text.text("zh");
  rule.text_en = text.text("en");
  text.finish();
}

std::string parse_id(MapReader& reader) {
  std::string id = reader.text("id");
  if (reader.has("id") && (!is_id(id) || id.starts_with(kOwnPrefix))) {
    reader.wrong(
        "id", ProblemCode::E111_bad_id,
        fmt::format("found \"{}\", expected 1 to 64 of A-Z a-z 0-9 _ - that do not begin with {}", id, kOwnPrefix));
  }
  return id;
}

// A detector's own alarm is told at once: what it decided is not decided again (architecture, decision 4).
void check_delay(MapReader& reader, const Rule& rule) {
  const Condition* condition = rule.condition();
  if (!condition || rule.on_delay == Millis{0}) return;
  for (const Test& test : condition->tests) {
    if (!says_fire(test.point)) continue;
    reader.wrong("on_delay", ProblemCode::E113_contradiction,
                 fmt::format("found a delay on {}, which is an alarm of its own; expected none", name(test.point)));
  }
}

Rule parse_rule(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  Rule rule;
  if (!reader.ok()) return rule;
  rule.id = parse_id(reader);
  rule.kinds = parse_kinds(reader, problems);
  rule.alarm_class = reader.choice<AlarmClass>("class", std::nullopt);
  parse_text(reader, rule, problems);
  rule.source = reader.text("source");
  if (const ConfigNode* when = reader.map("when", true)) rule.when = parse_when(*when, problems);
  rule.per_port = reader.boolean("per_port", false);
  rule.on_delay = reader.duration("on_delay", Millis{0});
  rule.off_delay = reader.duration("off_delay", Millis{0});
  check_delay(reader, rule);
  if (rule.per_port && rule.absence()) {
    reader.wrong("per_port", ProblemCode::E113_contradiction,
                 "found per_port on not_heard, which is about a whole device");
  }
  reader.finish();
  return rule;
}

// Collects the rules of all files and refuses an id that was seen before.
class Collector {
 public:
  explicit Collector(Problems& problems) : problems_(problems) {}

  void add_file(const ConfigNode& file) {
    MapReader reader(file, problems_);
    if (const ConfigNode* list = reader.list("rules", true)) {
      for (const ConfigNodePtr& item : list->items) add(*item);
    }
    reader.finish();
  }

  std::vector<Rule> take() { return std::move(rules_); }

 private:
  void add(const ConfigNode& node) {
    Rule rule = parse_rule(node, problems_);
    const ConfigNode* id = node.find("id");
    const auto [first, is_new] = first_at_.emplace(rule.id, id ? id->at : node.at);
    if (id && !is_new) {
      const SourcePos& at = first->second;
      problems_.add(
          ProblemCode::E109_duplicate_id, id->at, id->path,
          fmt::format("found \"{}\" again, first at {}:{}:{}", rule.id, at.file ? *at.file : "", at.line, at.column));
    }
    if (rules_.size() == kMaxRules) {
      problems_.add(ProblemCode::E116_too_large, node.at, node.path,
                    fmt::format("expected at most {} rules", kMaxRules));
    }
    rules_.push_back(std::move(rule));
  }

  Problems& problems_;
  std::vector<Rule> rules_;
  std::map<std::string, SourcePos> first_at_;
};

}  // namespace

RuleSetPtr parse(const std::vector<ConfigNodePtr>& files, Problems& problems) {
  Problems found;
  Collector collector(found);
  for (const ConfigNodePtr& file : files) collector.add_file(*file);
  for (const Problem& problem : found.list()) problems.add(problem.code, problem.at, problem.path, problem.message);
  if (!found.empty()) return nullptr;
  return std::make_shared<const RuleSet>(collector.take());
}

}  // namespace firegate::rules
