#include "rules/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kYaml = R"(
rules:
  - {id: smoke, kinds: any, class: fire_alarm, text: {zh: 烟, en: s}, source: s, when: {point: smoke, is: true}}
  - {id: battery, kinds: [smoke_detector], class: fault, text: {zh: 电, en: b}, source: s, when: {any: [{point: battery_low, is: true}, {point: battery_pct, at_most: 20}]}}
  - {id: lost, kinds: [smoke_detector, relay], class: fault, text: {zh: 失, en: l}, source: s, when: {not_heard: {offline_delay: 10min, sleeping_formats: [shelly]}}}
  - {id: relay_gone, kinds: [relay], class: fault, text: {zh: 失, en: l}, source: s, when: {not_heard: {offline_delay: 1min}}}
  - {id: silent, kinds: [gateway], class: fault, text: {zh: 失, en: l}, source: s, when: {not_heard: {}}}
)";

class Rules : public testing::Test {
 protected:
  std::vector<std::string> ids(std::span<const RuleNo> numbers) const {
    std::vector<std::string> list;
    for (const RuleNo no : numbers) list.push_back((*set)[no].id);
    return list;
  }

  Problems problems;
  RuleSetPtr set = parse_text(kYaml, problems);
};

TEST_F(Rules, OfAKindAreInTheOrderOfTheirIds) {
  EXPECT_THAT(ids(set->of(DeviceKind::smoke_detector)), ElementsAre("battery", "lost", "smoke"));
  EXPECT_THAT(ids(set->of(DeviceKind::sounder)), ElementsAre("smoke"));
}

TEST_F(Rules, TouchedAreThoseThatLookAtThePoint) {
  EXPECT_THAT(ids(set->touched(DeviceKind::smoke_detector, Point::battery_pct)), ElementsAre("battery"));
  EXPECT_THAT(ids(set->touched(DeviceKind::smoke_detector, Point::battery_low)), ElementsAre("battery"));
  EXPECT_THAT(ids(set->touched(DeviceKind::relay, Point::battery_low)), IsEmpty());
  EXPECT_THAT(ids(set->touched(DeviceKind::smoke_detector, Point::online)), IsEmpty());
}

TEST_F(Rules, AbsenceRulesAreApart) {
  EXPECT_THAT(ids(set->absence(DeviceKind::relay)), ElementsAre("lost", "relay_gone"));
  EXPECT_THAT(ids(set->absence(DeviceKind::sounder)), IsEmpty());
}

TEST_F(Rules, FindById) {
  ASSERT_TRUE(set->find("battery"));
  EXPECT_EQ((*set)[*set->find("battery")].id, "battery");
  EXPECT_FALSE(set->find("nothing"));
}

TEST_F(Rules, OfflineDelayIsTheShortestThatCounts) {
  EXPECT_EQ(set->offline_delay(DeviceKind::relay, "native"), Millis{1min});
  EXPECT_EQ(set->offline_delay(DeviceKind::smoke_detector, "native"), Millis{10min});
  EXPECT_EQ(set->offline_delay(DeviceKind::smoke_detector, "shelly"), std::nullopt);
  EXPECT_EQ(set->offline_delay(DeviceKind::gateway, "native"), std::nullopt);
  EXPECT_EQ(set->offline_delay(DeviceKind::sounder, "native"), std::nullopt);
}

}  // namespace
}  // namespace firegate::rules
