#include "replay/rule_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/yaml.h"

namespace firegate::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kRules = R"(
rules:
  - {id: smoke_alarm, kinds: any, class: fire_alarm, text: {zh: 烟, en: Smoke}, source: our choice,
     when: {point: smoke, is: true}}
  - {id: port_hot, kinds: any, class: pre_alarm, text: {zh: 热, en: Hot}, source: our choice,
     when: {point: port_temperature_c, at_least: 65, clears_below: 60}, on_delay: 10s}
  - {id: lost, kinds: any, class: fault, text: {zh: 离线, en: Lost}, source: our choice, when: {not_heard: {}}}
)";

std::vector<std::string> run(std::string_view yaml) {
  Problems problems;
  const auto rules = rules::parse({settings::parse_yaml(kRules, "rules.yaml", problems)}, problems);
  const auto cases = parse_rule_cases(*settings::parse_yaml(yaml, "cases.yaml", problems), problems);
  std::vector<std::string> found;
  for (const Problem& problem : problems.list()) found.push_back(to_text(problem));
  if (!found.empty()) return found;
  for (const RuleCase& one : cases) {
    for (std::string& wrong : run_rule_case(one, rules)) found.push_back(std::move(wrong));
  }
  return found;
}

TEST(RuleCases, PassWhenEveryStepIsAsExpected) {
  EXPECT_THAT(run(R"(
cases:
  - name: two detectors of a zone
    devices:
      - {id: a, kind: smoke_detector, zone: z, floor: f, interval: 1h}
      - {id: b, kind: smoke_detector, zone: z, floor: f, interval: 1h}
    steps:
      - {at: 0s, device: a, readings: {smoke: false}, expect: {a: [], b: []}}
      - {at: 10s, device: a, readings: {smoke: true}, expect: {a: [{rule: smoke_alarm, confirmation: single}], b: []}}
      - {at: 20s, device: b, readings: {smoke: true}, expect: {a: [{rule: smoke_alarm, confirmation: confirmed}]}}
      - {at: 3h, expect: {a: [smoke_alarm, {rule: lost, class: fault}]}}
)"),
              IsEmpty());
}

TEST(RuleCases, SayWhereWhatWasFoundAndWhatWasExpected) {
  EXPECT_THAT(run(R"(
cases:
  - name: a hot port
    devices: [{id: c, kind: charging_station}]
    steps:
      - {at: 0s, device: c, port: 2, readings: {port_temperature_c: 70}, expect: {c: [port_hot]}}
      - {at: 10s, expect: {c: []}}
      - {at: 11s, expect: {c: [{rule: port_hot, class: fire_alarm}]}}
)"),
              ElementsAre("cases.yaml:6:9: 0 s after the begin, on c: found no rule active, expected port_hot",
                          "cases.yaml:7:9: 10 s after the begin, on c: found port_hot of port 2 (pre_alarm, single), expected none",
                          HasSubstr("expected port_hot (fire_alarm)")));
}

TEST(RuleCases, EveryMistakeOfAFileIsFoundAtOnce) {
  EXPECT_THAT(run(R"(
cases:
  - name: wrong
    devices: [{id: a, kind: smoke_detektor, occupancy: [kitchin]}]
    steps:
      - {at: 10s, device: b, readings: {smok: true, smoke: 7}}
      - {at: 5s, expect: {x: [], a: smoke_alarm}}
      - {at: 20s, readings: {smoke: true}}
)"),
              ElementsAre(HasSubstr("smoke_detektor"), HasSubstr("kitchin"), HasSubstr("found \"b\", expected a device"),
                          HasSubstr("found \"smok\", expected a point"), HasSubstr("found \"7\", expected a value of smoke"),
                          HasSubstr("a time before that of the step before"), HasSubstr("found \"x\", expected a device"),
                          HasSubstr("expected a list of rules"), HasSubstr("readings without \"device\"")));
}

}  // namespace
}  // namespace firegate::replay
