#include "rules/override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view kRules = R"(
rules:
  - {id: hot, kinds: [relay, metering_plug], class: pre_alarm, text: {zh: 热, en: hot}, source: our choice, when: {point: board_temperature_c, at_least: 65, clears_below: 60}, on_delay: 5s}
  - {id: smoke, kinds: any, class: fire_alarm, text: {zh: 烟, en: smoke}, source: our choice, when: {point: smoke, is: true}}
  - id: gas
    kinds: any
    text: {zh: 气, en: gas}
    source: our choice
    steps: [{class: pre_alarm, when: {point: gas_lel_pct, at_least: 25}}, {class: gas_alarm, when: {point: gas_lel_pct, at_least: 50}}]
)";

RuleSetPtr with(std::string_view overrides, Problems& problems) {
  return parse_text(std::string(kRules) + "overrides:\n" + std::string(overrides), problems);
}

RuleSetPtr with(std::string_view overrides) {
  Problems problems;
  const RuleSetPtr set = with(overrides, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return set;
}

Device device(DeviceKind kind = DeviceKind::relay) {
  Place place;
  place.estate = {"jx", ""};
  place.building = {"b1", ""};
  place.floor = {"f2", ""};
  place.zone = {"z3", ""};
  place.location = {"l4", ""};
  place.occupancy = 1u << static_cast<unsigned>(Occupancy::kitchen);
  Device made;
  made.id = "d5";
  made.model = "acme/x1";
  made.kind = kind;
  made.place = std::make_shared<const Place>(std::move(place));
  return made;
}

double limit_for(const RuleSet& set, const Device& of) {
  for (const Explained& one : set.explain(of)) {
    if (one.rule->id == "hot") return one.rule->steps[0].when.as<Limit>()->limit;
  }
  return 0;
}

std::string entry(std::string_view where, std::string_view set, std::string_view rule = "hot") {
  return fmt::format("  - {{rule: {}, where: {{{}}}, set: {{{}}}, source: our choice}}\n", rule, where, set);
}

TEST(Overrides, EachLevelMatchesAndOthersDoNot) {
  for (const char* where : {"device: d5", "location: l4", "zone: z3", "floor: f2", "building: b1", "estate: jx",
                            "model: acme/x1", "occupancy: kitchen", "kind: relay", "zone: z3, kind: relay"}) {
    EXPECT_EQ(limit_for(*with(entry(where, "at_least: 90")), device()), 90) << where;
  }
  for (const char* where :
       {"device: d6", "location: l5", "zone: z4", "floor: f1", "building: b2", "estate: hy", "model: acme/x2",
        "occupancy: crowded", "kind: metering_plug", "zone: z3, kind: metering_plug"}) {
    EXPECT_EQ(limit_for(*with(entry(where, "at_least: 90")), device()), 65) << where;
  }
}

TEST(Overrides, TheMostSpecificDecidesWholeWhateverTheOrder) {
  const std::vector<std::string> rising{"kind: relay", "occupancy: kitchen", "model: acme/x1",
                                        "estate: jx",  "building: b1",       "floor: f2",
                                        "zone: z3",    "location: l4",       "device: d5"};
  for (std::size_t i = 0; i + 1 < rising.size(); ++i) {
    const std::string less = entry(rising[i], "at_least: 70"), more = entry(rising[i + 1], "at_least: 90");
    EXPECT_EQ(limit_for(*with(less + more), device()), 90) << rising[i + 1];
    EXPECT_EQ(limit_for(*with(more + less), device()), 90) << rising[i + 1];
  }
  EXPECT_EQ(
      limit_for(*with(entry("zone: z3", "at_least: 70") + entry("zone: z3, kind: relay", "at_least: 90")), device()),
      90);
  EXPECT_EQ(limit_for(*with(entry("zone: z3", "at_least: 70") + entry("zone: z3", "at_least: 90")), device()), 70)
      << "of two alike the first";
}

TEST(Overrides, TheClearLimitKeepsItsDistanceUnlessItIsSet) {
  const auto limits = [](std::string_view set) {
    const RuleSetPtr rules = with(entry("device: d5", set));
    const Limit& limit = *rules->explain(device())[1].rule->steps[0].when.as<Limit>();
    return std::pair(limit.limit, limit.clear);
  };
  EXPECT_EQ(limits("at_least: 80"), std::pair(80.0, 75.0));
  EXPECT_EQ(limits("at_least: 80, clears_below: 70"), std::pair(80.0, 70.0));
  EXPECT_EQ(limits("clears_below: 50"), std::pair(65.0, 50.0));
}

TEST(Overrides, DelaysAndStepsAreSet) {
  const RuleSetPtr rules = with(entry("device: d5", "on_delay: 1min, off_delay: 2min") +
                                entry("device: d5", "at_least: 60, step: 2", "gas"));
  const auto list = rules->explain(device());
  EXPECT_EQ(list[1].rule->steps[0].on_delay, 1min);
  EXPECT_EQ(list[1].rule->steps[0].off_delay, 2min);
  EXPECT_EQ(list[0].rule->steps[0].when.as<Limit>()->limit, 25);
  EXPECT_EQ(list[0].rule->steps[1].when.as<Limit>()->limit, 60);
}

TEST(Overrides, SwitchARuleOff) {
  const RuleSetPtr rules = with(entry("device: d5", "enabled: false"));
  const auto others = rules->overridden(device());
  ASSERT_EQ(others.size(), 1u);
  EXPECT_FALSE(others[0].second->enabled);
  EXPECT_TRUE((*rules)[others[0].first].enabled);
}

TEST(Overrides, OfARuleForOtherKindsCountNothing) {
  EXPECT_TRUE(with(entry("device: d5", "at_least: 90"))->overridden(device(DeviceKind::gateway)).empty());
}

TEST(Overrides, AreExplainedWithWhatTheyPassedBy) {
  const RuleSetPtr rules = with(entry("kind: relay", "at_least: 70") + entry("zone: z3", "at_least: 90"));
  const auto list = rules->explain(device());
  ASSERT_EQ(list.size(), 3u);  // gas, hot, smoke
  ASSERT_TRUE(list[1].decided_by);
  EXPECT_EQ(list[1].decided_by->where.to_text(), "zone z3");
  EXPECT_EQ(list[1].decided_by->set, "at_least 90");
  EXPECT_THAT(list[1].decided_by->at, HasSubstr("rules/test.yaml:1"));
  ASSERT_EQ(list[1].passed_by.size(), 1u);
  EXPECT_EQ(list[1].passed_by[0]->where.to_text(), "kind relay");
  EXPECT_EQ(in_words(*list[1].rule).at(0), "pre_alarm when board_temperature_c at least 90 (clears below 85), for 5s");
  EXPECT_FALSE(list[2].decided_by);
  EXPECT_EQ(in_words(*list[0].rule).size(), 2u);
}

TEST(Overrides, SayWhatIsWrong) {
  const std::pair<std::string, const char*> rows[] = {
      {entry("device: d5", "at_least: 90", "hott"), "did you mean \"hot\""},
      {entry("device: d5", "above: 90"), "found 0 tests with above in hot"},
      {entry("device: d5", "at_least: 30", "gas"), "found 2 tests with at_least in gas, expected one; name the step"},
      {entry("device: d5", "at_leest: 90"), "did you mean \"at_least\""},
      {entry("device: d5", "clears_below: 66"), "found the clear limit 66 beyond the limit 65"},
      {entry("device: d5", "step: 3, on_delay: 1s", "gas"), "expected 1 to 2"},
      {entry("device: d5", "on_delay: 5s", "smoke"), "found a delay on smoke"},
      {entry("device: d5", "enabled: false", "smoke"),
       "\"reason\" is missing: smoke is of a class that threatens life"},
      {entry("devise: d5", "at_least: 90"), "did you mean \"device\""},
      {entry("occupancy: kitchn", "at_least: 90"), "did you mean \"kitchen\""},
      {entry("", "at_least: 90"), "expected a device, a place"},
      {entry("device: d5", ""), "found nothing to set"},
      {"  - {where: {device: d5}, set: {at_least: 90}, source: s}\n", "\"rule\" is missing"}};
  for (const auto& [yaml, says] : rows) {
    Problems problems;
    EXPECT_FALSE(with(yaml, problems)) << yaml;
    ASSERT_EQ(problems.list().size(), 1u) << yaml << (problems.empty() ? "" : to_text(problems.list().back()));
    EXPECT_THAT(to_text(problems.list()[0]), HasSubstr(says)) << yaml;
    EXPECT_GT(problems.list()[0].at.line, 0);
  }
}

TEST(Overrides, AReasonSwitchesOffAFireRule) {
  EXPECT_TRUE(
      with("  - {rule: smoke, where: {device: d5}, set: {enabled: false}, reason: welding, source: our choice}\n"));
}

TEST(Overrides, MayStandInAFileOfTheirOwn) {
  Problems problems;
  const auto rules = settings::parse_yaml(kRules, "rules/a.yaml", problems);
  const auto own = settings::parse_yaml("overrides:\n" + entry("device: d5", "at_least: 90"), "rules/b.yaml", problems);
  const RuleSetPtr set = parse({own, rules}, problems);
  ASSERT_TRUE(set);
  EXPECT_EQ(limit_for(*set, device()), 90);
}

TEST(InWords, DescribesEveryCondition) {
  const std::pair<const char*, const char*> rows[] = {
      {"{point: stop_reason, is: [smoke, water]}", "fault when stop_reason is smoke or water"},
      {"{point: power_w, below: 5}", "fault when power_w below 5"},
      {"{point: power_w, at_most: 5, clears_above: 6}", "fault when power_w at most 5 (clears above 6)"},
      {"{point: power_w, above: 5}", "fault when power_w above 5"},
      {"{point: power_w, rises_by: 5, within: 90s}", "fault when power_w rises by 5 within 90s"},
      {"{point: power_w, falls_by: 5, within: 1500ms}", "fault when power_w falls by 5 within 1500ms"},
      {"{point: power_w, deviates_by: 5, baseline: 1d}", "fault when power_w 5 away from its mean of 1d"},
      {"{point: power_w, above_baseline_by: 5, baseline: 2h}", "fault when power_w 5 above its mean of 2h"},
      {"{point: power_w, below_baseline_by: 5, baseline: 2h}", "fault when power_w 5 below its mean of 2h"},
      {"{point: power_w, unchanged_for: 1h}", "fault when power_w unchanged for 1h"},
      {"{point: power_w, changes: 4, within: 1min}", "fault when power_w changes 4 times within 1min"},
      {"{count: {of: {point: sos, is: true}, at_least: 2, within: 1min}}",
       "fault when 2 times within 1min: sos is true"},
      {"{not: {point: sos, is: true}}", "fault when not (sos is true)"},
      {"{all: [{point: sos, is: true}, {any: [{point: fault, is: true}, {point: test, is: true}]}]}",
       "fault when sos is true and (fault is true or test is true)"},
      {"{not_heard: {}}", "fault when not heard"},
      {"{not_heard: {offline_delay: 30s}}", "fault when not heard, or offline for 30s"},
      {"{during: {days: [mon, sun], from: \"22:00\", to: \"06:30\"}}", "fault when during mon sun 22:00 to 06:30"},
      {"{during: {days: working}}", "fault when during working days 00:00 to 24:00"},
      {"{during: {days: free, holidays: only}}", "fault when during free days 00:00 to 24:00, holidays only"},
      {"{in_zone: {of: {point: sos, is: true}}}", "fault when at least 2 in the zone: sos is true"},
      {"{nearby: {scope: floor, when: {point: sos, is: true}}}", "fault when another in the floor: sos is true"},
      {"{expression: \"power_w > 5\"}", "fault when power_w > 5"},
      {"{fire_pattern: suspects}", "fault when fire pattern: suspects"}};
  for (const auto& [when, words] : rows) EXPECT_EQ(in_words(rule_when(when)).at(0), words);
  EXPECT_EQ(in_words(rule_when("{point: fault, is: true}", "off_delay: 1min")).at(0),
            "fault when fault is true, until it is gone for 1min");
}

}  // namespace
}  // namespace firegate::rules
