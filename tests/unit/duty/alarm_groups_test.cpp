#include "duty/alarm_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::duty {
namespace {

using namespace std::chrono_literals;

const Instant kStart = *instant_from_text("2026-11-22T03:00:00Z");

Alarm alarm(std::uint64_t id, AlarmClass alarm_class, std::string zone, AlarmState state = AlarmState::unacknowledged) {
  auto place = std::make_shared<Place>();
  place->estate = {"jinxiu", ""};
  place->building = {"b1", ""};
  place->floor = {"f3", ""};
  place->zone = {std::move(zone), ""};
  Alarm made;
  made.id = AlarmId{id};
  made.alarm_class = alarm_class;
  made.subject.place = place;
  made.state = state;
  made.first_raised_at = kStart + Millis{static_cast<std::int64_t>(id)};
  return made;
}

std::vector<AlarmGroup> groups(const std::vector<Alarm>& alarms) {
  AlarmGroups made;
  for (const Alarm& one : alarms) made.add(one);
  return made.list();
}

TEST(AlarmGroups, AreZonesOrBuildings) {
  EXPECT_EQ(group_of(alarm(1, AlarmClass::fault, "east")), "jinxiu/b1/f3/east");
  EXPECT_EQ(group_of(alarm(1, AlarmClass::fault, "")), "jinxiu/b1");
}

TEST(AlarmGroups, CountWhatIsThereAndWhatIsHeld) {
  Alarm shelved = alarm(4, AlarmClass::fault, "east");
  shelved.overlays.set(Overlay::shelved);
  const auto all =
      groups({alarm(1, AlarmClass::fault, "east"), alarm(2, AlarmClass::fault, "east", AlarmState::acknowledged),
              alarm(3, AlarmClass::fault, "east", AlarmState::normal), shelved});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].count, 2u);
  EXPECT_EQ(all[0].unacknowledged, 1u);
  EXPECT_EQ(all[0].held, 1u);
}

TEST(AlarmGroups, KnowTheFirstAndTheWorst) {
  const auto all = groups({alarm(5, AlarmClass::supervisory, "east"), alarm(7, AlarmClass::fire_alarm, "east"),
                           alarm(3, AlarmClass::fault, "east"), alarm(9, AlarmClass::fire_alarm, "east")});
  EXPECT_EQ(all[0].first, AlarmId{3});
  EXPECT_EQ(all[0].first_raised_at, kStart + 3ms);
  EXPECT_EQ(all[0].worst, AlarmClass::fire_alarm);
  EXPECT_EQ(all[0].worst_alarm, AlarmId{7});
}

TEST(AlarmGroups, WhatIsHeldIsNotTheWorstWhileSomethingCounts) {
  Alarm quiet_fire = alarm(1, AlarmClass::fire_alarm, "east");
  quiet_fire.overlays.set(Overlay::out_of_service);
  quiet_fire.confirmation = Confirmation::confirmed;
  for (const auto& order : {std::vector{quiet_fire, alarm(2, AlarmClass::fault, "east")},
                            std::vector{alarm(2, AlarmClass::fault, "east"), quiet_fire}}) {
    const auto all = groups(order);
    EXPECT_EQ(all[0].worst, AlarmClass::fault);
    EXPECT_NE(all[0].confirmation, Confirmation::confirmed);
  }
  EXPECT_EQ(groups({quiet_fire})[0].worst, AlarmClass::fire_alarm) << "alone it says what is held";
}

TEST(AlarmGroups, TakeTheStrongestConfirmation) {
  Alarm confirmed = alarm(1, AlarmClass::fire_alarm, "east");
  confirmed.confirmation = Confirmation::confirmed;
  Alarm single = alarm(2, AlarmClass::fire_alarm, "east");
  single.confirmation = Confirmation::single;
  EXPECT_EQ(groups({confirmed, single})[0].confirmation, Confirmation::confirmed);
}

TEST(AlarmGroups, MostUrgentFirstThenTheLongestStanding) {
  const auto all =
      groups({alarm(1, AlarmClass::fault, "a"), alarm(3, AlarmClass::fire_alarm, "b"),
              alarm(2, AlarmClass::fire_alarm, "c"), alarm(0, AlarmClass::fire_alarm, "d", AlarmState::normal)});
  std::vector<std::string> zones;
  for (const AlarmGroup& group : all) zones.push_back(group.id.substr(group.id.rfind('/') + 1));
  EXPECT_THAT(zones, testing::ElementsAre("c", "b", "a", "d"));
}

}  // namespace
}  // namespace firegate::duty
