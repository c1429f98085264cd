// What a partition counts of its buildings for the metrics.
#include <gtest/gtest.h>

#include "unit/partition/rig.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;
using metrics::BatteryBand;
using metrics::BuildingCensus;

constexpr std::string_view kRules = R"(
rules:
  - {id: smoke, kinds: [smoke_detector], class: fire_alarm, text: {zh: 火警, en: Fire}, source: our choice,
     when: {point: smoke, is: true}}
)";

Device detector(DeviceNo no) {
  return device_in(no, "smoke-" + std::to_string(no), DeviceKind::smoke_detector, "z1", 60s);
}
Device station() { return device_in(9, "garage-1", DeviceKind::charging_station, "z2", 60s); }

// The one building of a street.
BuildingCensus of(Street& street, Millis after) {
  auto census = street.partition().census(kStart + after);
  EXPECT_EQ(census.size(), 1u);
  return census.empty() ? BuildingCensus{} : census.front();
}

TEST(Census, CountsWhoWasHeardAndWhoIsOnline) {
  Street street(kRules, {detector(1), detector(2), detector(3)});
  street.say(0, Point::smoke, false, 1s);
  street.say(1, Point::smoke, false, 10min);
  street.advance(10min);
  const BuildingCensus census = of(street, 10min);
  EXPECT_EQ(census.estate, "jx");
  EXPECT_EQ(census.building, "b1");
  const auto& kind = census.kinds.at(DeviceKind::smoke_detector);
  EXPECT_EQ(kind.devices, 3u);
  EXPECT_EQ(kind.heard, 2u);
  EXPECT_EQ(kind.online, 1u) << "the first has been silent for ten of its intervals";
}

TEST(Census, WhatIsOutOfServiceIsNotOnline) {
  Street street(kRules, {detector(1), detector(2)});
  street.say(0, Point::smoke, false, 1s);
  street.say(1, Point::smoke, false, 1s);
  street.disable(0, 2s);
  const auto kind = of(street, 3s).kinds.at(DeviceKind::smoke_detector);
  EXPECT_EQ(kind.devices, 2u);
  EXPECT_EQ(kind.disabled, 1u);
  EXPECT_EQ(kind.online, 1u);
}

TEST(Census, SortsBatteriesIntoBands) {
  Street street(kRules, {detector(1), detector(2), detector(3)});
  street.say(0, Point::battery_pct, 9.0, 1s);
  street.say(1, Point::battery_pct, 90.0, 1s);
  const BuildingCensus census = of(street, 2s);
  EXPECT_EQ(census.batteries[static_cast<std::size_t>(BatteryBand::critical)], 1u);
  EXPECT_EQ(census.batteries[static_cast<std::size_t>(BatteryBand::good)], 1u);
  EXPECT_EQ(census.batteries[static_cast<std::size_t>(BatteryBand::low)], 0u) << "who says nothing is in no band";
}

TEST(Census, CountsPortsByStateAndTheirPower) {
  Street street(kRules, {station()});
  street.say(0, Point::port_state, choice_value(Point::port_state, "charging"), 1s, 1);
  street.say(0, Point::port_state, choice_value(Point::port_state, "charging"), 1s, 2);
  street.say(0, Point::port_state, choice_value(Point::port_state, "idle"), 1s, 3);
  street.say(0, Point::power_w, 300.0, 1s, 1);
  street.say(0, Point::power_w, 250.0, 1s, 2);
  const BuildingCensus census = of(street, 2s);
  EXPECT_EQ(census.ports.at(2), 2u);
  EXPECT_EQ(census.ports.at(0), 1u);
  EXPECT_DOUBLE_EQ(census.charging_watts, 550);
}

TEST(Census, CountsAlarmsAndFaultsOfOurOwn) {
  Street street(kRules, {detector(1)});
  street.say(0, Point::smoke, true, 1s);
  Batch batch;
  street.partition().self_fault(SelfFaultCode::store_slow, "", "a commit took 3 s", true, kStart + 2s, batch);
  const auto census = street.partition().census(kStart + 3s);
  ASSERT_EQ(census.size(), 2u) << "the building and the gateway itself";
  EXPECT_EQ(census[0].alarms.at({AlarmClass::fire_alarm, AlarmState::unacknowledged}), 1u);
  EXPECT_TRUE(census[0].faults.empty());
  EXPECT_EQ(census[1].building, "gateway");
  EXPECT_EQ(census[1].faults.at(SelfFaultCode::store_slow), 1u);
}

}  // namespace
}  // namespace firegate::partition
