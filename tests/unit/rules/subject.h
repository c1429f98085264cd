// A subject for tests of rules: says values at explicit times and keeps the rule's state between them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "rules/evaluate.h"
#include "rules/rule_set.h"
#include "settings/yaml.h"

namespace firegate::rules {

inline const Instant kStart = *instant_from_text("2026-11-22T03:00:00Z");

// "true", "80.5", "charging", "?" as a value of the point.
inline Value value_of(Point point, std::string_view text) {
  if (text == "?") return Unknown{};
  switch (info(point).type) {
    case ValueType::boolean: return text == "true";
    case ValueType::number: return std::stod(std::string(text));
    case ValueType::choice: return choice_value(point, text);
    case ValueType::text: return std::string(text);
  }
  return Unknown{};
}

inline RuleSetPtr parse_text(std::string_view yaml, Problems& problems) {
  const ConfigNodePtr node = settings::parse_yaml(yaml, "rules/test.yaml", problems);
  return node ? parse({node}, problems) : nullptr;
}

// The one rule of a file whose `when` and further keys are given.
inline Rule rule_when(std::string_view when, std::string_view further = "", std::string_view alarm_class = "fault") {
  Problems problems;
  const RuleSetPtr set = parse_text(
      fmt::format(
          "rules:\n- {{id: r, kinds: any, class: {}, text: {{zh: 试, en: try}}, source: our choice, when: {}{}{}}}\n",
          alarm_class, when, further.empty() ? "" : ", ", further),
      problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return set ? (*set)[0] : Rule{};
}

class TestSubject {
 public:
  explicit TestSubject(Rule of, Port port_no = kNoPort) : rule(std::move(of)), port(port_no) {}

  void hear(Millis after, Point point, std::string_view text, Quality quality = Quality::good, Port at_port = kNoPort) {
    const Instant at = kStart + after;
    const Current* known = values.find(point, at_port);
    Value value = value_of(point, text);
    const Instant changed_at = known && known->value == value ? known->changed_at : at;
    values.put({point, at_port, quality, std::move(value), changed_at, at, at});
  }
  Judgement judge(Millis after) { return evaluate(rule, view(), state, kStart + after); }
  Judgement say(Millis after, Point point, std::string_view text, Quality quality = Quality::good) {
    hear(after, point, text, quality, port);
    return judge(after);
  }

  // As the partition does when our clock is re-anchored.
  void shift_values(Millis step) {
    for (Current value : std::vector<Current>(values.all())) {
      value.changed_at += step;
      value.updated_at += step;
      value.measured_at += step;
      values.put(std::move(value));
    }
  }
  SubjectView view() const {
    SubjectView made{values, port, overdue_at, lost_at, std::nullopt};
    made.gap = gap;
    made.around = around;
    return made;
  }

  Rule rule;
  Port port;
  Millis gap = Millis::max();
  const Surroundings* around = nullptr;
  CurrentValues values;
  RuleState state;
  Instant overdue_at = kNever, lost_at = kNever;
};

}  // namespace firegate::rules
