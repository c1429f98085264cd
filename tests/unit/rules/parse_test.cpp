#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A file of one rule with one line replaced or added.
std::string file_with(std::string_view line) {
  const auto key = std::string(line.substr(0, line.find(':')));
  std::string text = "rules:\n  - id: r\n";
  for (const std::string_view usual : {"kinds: [relay]", "class: fault", "text: {zh: 试, en: try}",
                                       "source: our choice", "when: {point: fault, is: true}"}) {
    if (usual.substr(0, usual.find(':')) != key) text += fmt::format("    {}\n", usual);
  }
  return text + fmt::format("    {}\n", line);
}

std::string only_problem(std::string_view yaml) {
  Problems problems;
  EXPECT_EQ(parse_text(yaml, problems), nullptr);
  EXPECT_EQ(problems.list().size(), 1u);
  for (const Problem& problem : problems.list()) {
    EXPECT_GT(problem.at.line, 0) << to_text(problem);
    EXPECT_GT(problem.at.column, 0) << to_text(problem);
  }
  return problems.empty() ? "" : to_text(problems.list()[0]);
}

TEST(ParseRules, ReadsEveryKey) {
  Problems problems;
  const RuleSetPtr set = parse_text(R"(
rules:
  - id: hot
    kinds: [charging_station, metering_plug]
    class: pre_alarm
    text: {zh: 热, en: hot}
    source: our choice
    when: {point: power_w, above: 65, clears_below: 60}
    per_port: true
    on_delay: 10s
    off_delay: 1min
)",
                                    problems);
  ASSERT_TRUE(set);
  const Rule& rule = (*set)[0];
  EXPECT_EQ(rule.id, "hot");
  EXPECT_EQ(rule.kinds.count(), 2u);
  EXPECT_EQ(rule.alarm_class, AlarmClass::pre_alarm);
  EXPECT_EQ(rule.text_zh, "热");
  EXPECT_EQ(rule.text_en, "hot");
  EXPECT_EQ(rule.source, "our choice");
  EXPECT_TRUE(rule.per_port);
  ASSERT_EQ(rule.steps.size(), 1u);
  EXPECT_EQ(rule.steps[0].on_delay, std::chrono::seconds{10});
  EXPECT_EQ(rule.steps[0].off_delay, std::chrono::minutes{1});
  const Limit* limit = rule.steps[0].when.as<Limit>();
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->limit, 65);
  EXPECT_EQ(limit->clear, 60);
  EXPECT_TRUE(limit->upper);
  EXPECT_FALSE(limit->inclusive);
}

TEST(ParseRules, ClearLimitDefaultsToTheLimit) {
  const Rule rule = rule_when("{point: power_w, at_most: 5}");
  ASSERT_TRUE(rule.steps[0].when.as<Limit>());
  EXPECT_EQ(rule.steps[0].when.as<Limit>()->clear, 5);
}

TEST(ParseRules, AnyKindMeansAll) { EXPECT_TRUE(rule_when("{point: fault, is: true}").kinds.all()); }

TEST(ParseRules, AbsenceKeepsItsDelayAndFormats) {
  const Rule rule = rule_when("{not_heard: {offline_delay: 1min, sleeping_formats: [shelly]}}");
  const Absence* absence = rule.steps[0].when.as<Absence>();
  ASSERT_TRUE(absence);
  EXPECT_TRUE(rule.absence);
  EXPECT_EQ(absence->offline_delay, std::chrono::minutes{1});
  EXPECT_EQ(absence->sleeping_formats, std::vector<std::string>{"shelly"});
}

TEST(ParseRules, EmptyFileListIsAnEmptySet) {
  Problems problems;
  const RuleSetPtr set = parse({}, problems);
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->all().empty());
}

struct Wrong {
  const char* line;
  const char* code;
  const char* says;
};

TEST(ParseRules, NamesWhatIsWrongAndWhere) {
  const Wrong rows[] = {
      {"kinds: [smoke_detecter]", "E108", "did you mean \"smoke_detector\""},
      {"kinds: []", "E106", "expected a list of device kinds, or any"},
      {"kinds: all", "E106", "expected a list of device kinds, or any"},
      {"class: fire_alarms", "E108", "did you mean \"fire_alarm\""},
      {"text: {zh: 试}", "E105", "\"en\" is missing"},
      {"text: 试", "E106", "expected a map"},
      {"source: [a]", "E106", "expected a single value"},
      {"when: {point: smoek, is: true}", "E110", "did you mean \"smoke\""},
      {"when: {is: true}", "E105", "\"point\" is missing"},
      {"when: {point: smoke}", "E105", "expected exactly one"},
      {"when: {point: power_w, above: 5, below: 3}", "E113", "found 2"},
      {"when: {point: smoke, above: 5}", "E113", "is no number"},
      {"when: {point: power_w, is: 5}", "E113", "is a number"},
      {"when: {point: smoke, is: yes}", "E108", "expected true or false"},
      {"when: {point: smoke, is: \"true\"}", "E108", "expected true or false"},
      {"when: {point: smoke, is: []}", "E105", "empty list"},
      {"when: {point: stop_reason, is: smoker}", "E108", "did you mean \"smoke\""},
      {"when: {point: power_w, above: lots}", "E106", "expected a number"},
      {"when: {point: battery_pct, above: 101}", "E107", "expected 0 to 100"},
      {"when: {point: power_w, above: 5, clears_below: 6}", "E113", "expected at most the limit 5"},
      {"when: {point: power_w, below: 5, clears_above: 4}", "E113", "expected at least the limit 5"},
      {"when: {point: power_w, above: 5, clears_above: 4}", "E104", "did you mean \"clears_below\""},
      {"when: {any: []}", "E107", "found 0 tests"},
      {"when: {any: smoke}", "E106", "expected a list"},
      {"when: {any: [{point: smoke, is: true}], all: [{point: heat, is: true}]}", "E113", "more than one condition"},
      {"when: {not_heard: {offline_delay: 5}}", "E112", "expected a duration"},
      {"when: {not_heard: {sleeping_formats: [shelly]}}", "E113", "without offline_delay"},
      {"when: {not_heard: {offline_dely: 5s}}", "E104", "did you mean \"offline_delay\""},
      {"when: {point: smoke, rises_by: 5, within: 1min}", "E113", "is no number"},
      {"when: {point: temperature_c, rises_by: 8}", "E105", "\"within\" is missing"},
      {"when: {point: temperature_c, rises_by: 0, within: 1min}", "E107", "expected 0.001 to"},
      {"when: {point: temperature_c, rises_by: 8, within: 25h}", "E107", "expected 1 to 86400 s"},
      {"when: {point: temperature_c, rises_by: 8, within: 0s}", "E112", "expected a duration of 1 to 86400 s"},
      {"when: {point: smoke, is: true, iss: true}", "E104", "did you mean \"is\""},
      {"when: {}", "E105", "expected a condition"},
      {"when: {point: door_open, changes: 1, within: 1min}", "E107", "expected 2 to 64"},
      {"when: {point: door_open, unchanged_for: 1s}", "E107", "expected 60 to"},
      {"when: {anny: []}", "E104", "did you mean \"any\""},
      {"when: {not: [{point: fault, is: true}]}", "E106", "expected a map"},
      {"when: {count: {at_least: 3, within: 1min}}", "E105", "\"of\" is missing"},
      {"when: {count: {of: {point: door_open, unchanged_for: 1h}, at_least: 3, within: 1min}}", "E113", "a limit"},
      {"when: {count: {of: {point: door_open, is: true}, at_least: 65, within: 1min}}", "E107", "expected 2 to 64"},
      {"when: {during: {days: [mon, tues]}}", "E108", "did you mean \"tue\""},
      {"when: {during: {days: weekdays}}", "E106", "expected working, free"},
      {"when: {during: {from: \"25:00\"}}", "E106", "expected a time such as"},
      {"when: {during: {from: \"06:00\", to: \"06:00\"}}", "E113", "found no hours"},
      {"when: {during: {holidays: onli}}", "E108", "did you mean \"only\""},
      {"when: {during: {days: working, holidays: only}}", "E113", "there are none"},
      {"when: {in_zone: {scope: zon, of: {point: fault, is: true}}}", "E108", "did you mean \"zone\""},
      {"when: {in_zone: {at_least: 1, of: {point: fault, is: true}}}", "E107", "expected 2 to 64"},
      {"when: {in_zone: {of: {nearby: {when: {point: fault, is: true}}}}}", "E113", "within another"},
      {"when: {nearby: {kinds: [relai], when: {point: fault, is: true}}}", "E108", "did you mean \"relay\""},
      {"when: {nearby: {when: {point: power_w, above: 5, clears_below: 4}}}", "E113", "remembers nothing of others"},
      {"when: {nearby: {when: {point: power_w, rises_by: 5, within: 1min}}}", "E113", "remembers nothing of others"},
      {"when: {nearby: {when: {count: {of: {point: fault, is: true}, at_least: 3, within: 1min}}}}", "E113", "nearby"},
      {"when: {nearby: {when: {not_heard: {offline_delay: 1min}}}}", "E113", "found a delay in nearby"},
      {"when: {nearby: {when: {fire_pattern: alarm}}}", "E113", "asked of others alone"},
      {"when: {any: [{fire_pattern: alarm}, {nearby: {kinds: [gateway], when: {fire_pattern: suspects}}}]}", "E113",
       "that the rule does not judge"},
      {"when: {fire_pattern: alarms}", "E108", "did you mean \"alarm\""},
      {"when: {expression: \"power_w >\"}", "E102", "found the end"},
      {"on_delay: soon", "E112", "expected a duration"},
      {"off_delay: -5s", "E112", "expected a duration"},
      {"per_port: maybe", "E106", "expected true or false"},
      {"on_dealy: 5s", "E104", "did you mean \"on_delay\""},
  };
  for (const Wrong& row : rows) {
    EXPECT_THAT(only_problem(file_with(row.line)), AllOf(HasSubstr(row.code), HasSubstr(row.says))) << row.line;
  }
}

TEST(ParseRules, NamesFileLineColumnAndPath) {
  EXPECT_THAT(only_problem(file_with("class: fire")), HasSubstr("rules/test.yaml:7:12: error[E108]: rules[0].class:"));
}

TEST(ParseRules, DetectorsOwnAlarmTakesNoOnDelay) {
  for (const char* point : {"smoke", "heat", "flame", "fire", "gas", "co", "manual_call", "sos"}) {
    const std::string yaml = file_with(fmt::format("when: {{point: {}, is: true}}", point)) + "    on_delay: 1s\n";
    EXPECT_THAT(only_problem(yaml), AllOf(HasSubstr("E113"), HasSubstr("rules[0].on_delay"), HasSubstr(point)));
  }
}

TEST(ParseRules, DetectorsOwnAlarmTakesAnOffDelay) {
  Problems problems;
  EXPECT_TRUE(parse_text(file_with("when: {point: smoke, is: true}") + "    off_delay: 1min\n", problems));
}

TEST(ParseRules, SilenceHasNoPorts) {
  EXPECT_THAT(only_problem(file_with("when: {not_heard: {}}") + "    per_port: true\n"), HasSubstr("E113"));
}

TEST(ParseRules, RefusesBadAndReservedIds) {
  for (const char* id : {"a b", "ä", "self_broker_lost", ""}) {
    std::string yaml = file_with("class: fault");
    yaml.replace(yaml.find("id: r"), 5, fmt::format("id: '{}'", id));
    EXPECT_THAT(only_problem(yaml), HasSubstr("E111")) << id;
  }
}

TEST(ParseRules, IdsAreUniqueOverAllFiles) {
  Problems problems;
  const std::string yaml = file_with("class: fault");
  const auto first = settings::parse_yaml(yaml, "rules/a.yaml", problems);
  const auto second = settings::parse_yaml(yaml, "rules/b.yaml", problems);
  EXPECT_EQ(parse({first, second}, problems), nullptr);
  ASSERT_EQ(problems.list().size(), 1u);
  EXPECT_THAT(to_text(problems.list()[0]),
              AllOf(HasSubstr("rules/b.yaml:2:9: error[E109]"), HasSubstr("first at rules/a.yaml:2:9")));
}

TEST(ParseRules, FindsEveryProblemInOneRun) {
  Problems problems;
  EXPECT_EQ(
      parse_text("rules:\n  - {id: a b, kinds: [x], class: y, when: {point: z, is: 1}}\n  - 7\nextra: 1\n", problems),
      nullptr);
  std::string all;
  for (const Problem& problem : problems.list()) all += to_text(problem) + "\n";
  EXPECT_EQ(problems.list().size(), 8u) << all;  // id, kind, class, text, source, point, the second rule, extra
}

TEST(ParseRules, RefusesWhatIsNoMapOrHasNoRules) {
  EXPECT_THAT(only_problem("- 1\n"), HasSubstr("expected a map"));
  EXPECT_THAT(only_problem("{}\n"), HasSubstr("\"rules\" is missing"));
  EXPECT_THAT(only_problem("rules: 5\n"), HasSubstr("expected a list"));
}

TEST(ParseRules, RefusesMoreConditionsThanAStateCanHold) {
  std::string tests;
  for (std::size_t i = 0; i < kMaxConditions; ++i) tests += "{point: fault, is: true}, ";
  EXPECT_THAT(only_problem(file_with("when: {any: [" + tests + "]}")), HasSubstr("expected at most 32 in a rule"));
}

TEST(ParseRules, RefusesDeeperTreesThanSixLevels) {
  std::string when = "{point: fault, is: true}";
  for (std::size_t i = 1; i < kMaxNesting; ++i) when = "{not: " + when + "}";
  Problems problems;
  EXPECT_TRUE(parse_text(file_with("when: " + when), problems));
  EXPECT_THAT(only_problem(file_with("when: {not: " + when + "}")), HasSubstr("expected at most 6"));
}

TEST(ParseRules, OwnProblemsDoNotDependOnEarlierOnes) {
  Problems problems;
  problems.add(ProblemCode::E102_bad_syntax, {}, "", "something else");
  EXPECT_TRUE(parse_text(file_with("class: fault"), problems));
}

}  // namespace
}  // namespace firegate::rules
