// Rule files → RuleSet. The form is described in README.md of this folder and in config/schema/rules.schema.json.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "rules/parse_condition.h"
#include "rules/parse_override.h"
#include "rules/rule_set.h"

namespace firegate::rules {
namespace {

constexpr std::string_view kOwnPrefix = "self_";  // rules of faults of ours (core/self_fault.h)
constexpr std::size_t kMaxRules = 65'535;         // what RuleNo can count

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
void check_delay(MapReader& reader, const Step& step) {
  if (step.on_delay == Millis{0}) return;
  for_each_point(step.when, [&reader](Point point) {
    if (!says_fire(point)) return;
    reader.wrong("on_delay", ProblemCode::E113_contradiction,
                 fmt::format("found a delay on {}, which is an alarm of its own; expected none", name(point)));
  });
}

// The keys of a step; a rule without `steps` has them itself.
Step parse_step(MapReader& reader, ConditionContext& context) {
  Step step;
  step.alarm_class = reader.choice<AlarmClass>("class", std::nullopt);
  if (const ConfigNode* when = reader.map("when", true)) {
    if (auto condition = parse_condition(*when, context)) step.when = std::move(*condition);
  }
  step.on_delay = reader.duration("on_delay", Millis{0});
  step.off_delay = reader.duration("off_delay", Millis{0});
  check_delay(reader, step);
  return step;
}

void parse_steps(const ConfigNode& list, Rule& rule, ConditionContext& context) {
  if (list.items.size() < 2 || list.items.size() > kMaxSteps) {
    context.problems.add(ProblemCode::E107_out_of_range, list.at, list.path,
                         fmt::format("found {} steps, expected 2 to {}", list.items.size(), kMaxSteps));
  }
  for (const ConfigNodePtr& item : list.items) {
    MapReader reader(*item, context.problems);
    if (!reader.ok()) continue;
    rule.steps.push_back(parse_step(reader, context));
    reader.finish();
    const std::size_t count = rule.steps.size();
    if (count < 2) continue;
    const AlarmClass below = rule.steps[count - 2].alarm_class;
    if (info(rule.steps[count - 1].alarm_class).priority > info(below).priority) {
      reader.wrong("class", ProblemCode::E113_contradiction,
                   fmt::format("found {} after {}, expected steps of rising severity",
                               label(rule.steps[count - 1].alarm_class), label(below)));
    }
  }
}

void check_rule(MapReader& reader, const Rule& rule, const ConditionContext& context) {
  if (rule.per_port && rule.absence) {
    reader.wrong("per_port", ProblemCode::E113_contradiction,
                 "found per_port on not_heard, which is about a whole device");
  }
  if (context.others_pattern && !context.asks_pattern) {
    reader.wrong("id", ProblemCode::E113_contradiction,
                 "found a fire pattern asked of others alone; expected one asked of the device itself as well");
  }
}

Rule parse_rule(const ConfigNode& node, const CalendarPtr& calendar, Problems& problems) {
  MapReader reader(node, problems);
  Rule rule;
  if (!reader.ok()) return rule;
  rule.id = parse_id(reader);
  rule.kinds = parse_kinds(reader, "kinds", problems);
  parse_text(reader, rule, problems);
  rule.source = reader.text("source");
  ConditionContext context{problems, calendar, rule.kinds};
  if (const ConfigNode* steps = reader.list("steps")) {
    parse_steps(*steps, rule, context);
  } else if (!reader.has("steps")) {
    rule.steps.push_back(parse_step(reader, context));
  }
  if (!rule.steps.empty()) rule.alarm_class = rule.steps.back().alarm_class;
  rule.per_port = reader.boolean("per_port", false);
  rule.absence = context.absence;
  rule.windows = static_cast<std::uint8_t>(context.windows);
  check_rule(reader, rule, context);
  reader.finish();
  return rule;
}

// Collects the rules of all files and refuses an id that was seen before; then their overrides.
class Collector {
 public:
  Collector(Problems& problems, CalendarPtr calendar) : problems_(problems), calendar_(std::move(calendar)) {}

  void add_file(const ConfigNode& file) {
    MapReader reader(file, problems_);
    const bool only_overrides = reader.has("overrides") && !reader.has("rules");
    if (const ConfigNode* list = reader.list("rules", !only_overrides)) {
      for (const ConfigNodePtr& item : list->items) add(*item);
    }
    if (const ConfigNode* list = reader.list("overrides")) {
      for (const ConfigNodePtr& item : list->items) overrides_.push_back(item.get());
    }
    reader.finish();
  }

  RuleSetPtr make() {
    std::vector<Override> overrides;
    for (const ConfigNode* node : overrides_) {
      if (auto made = parse_override(*node, rules_, problems_)) overrides.push_back(std::move(*made));
    }
    if (!problems_.empty()) return nullptr;
    return std::make_shared<const RuleSet>(std::move(rules_), std::move(overrides));
  }

 private:
  void add(const ConfigNode& node) {
    Rule rule = parse_rule(node, calendar_, problems_);
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
  CalendarPtr calendar_;
  std::vector<Rule> rules_;
  std::vector<const ConfigNode*> overrides_;  // of the files that are being read
  std::map<std::string, SourcePos> first_at_;
};

}  // namespace

RuleSetPtr parse(const std::vector<ConfigNodePtr>& files, Problems& problems, CalendarPtr calendar) {
  Problems found;
  Collector collector(found, std::move(calendar));
  for (const ConfigNodePtr& file : files) collector.add_file(*file);
  RuleSetPtr made = collector.make();
  for (const Problem& problem : found.list()) problems.add(problem.code, problem.at, problem.path, problem.message);
  return made;
}

}  // namespace firegate::rules
