#include "rules/detection/fire_pattern.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace firegate::rules::detection {
namespace {

constexpr Instant kStart{std::chrono::hours{500'000}};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Instant at(double s) { return kStart + Millis{std::lround(s * 1000)}; }

// One device in a quiet room at 21 °C; time goes on from report to report.
class Device {
 public:
  explicit Device(Settings settings = Settings::room()) : settings_(settings) {}

  Decision hear(double after_s, Sample sample) {
    now_ += after_s;
    sample.at = at(now_);
    return last_ = judge(settings_, state, sample);
  }
  Decision heat(double after_s, double c) { return hear(after_s, {.temperature_c = c}); }
  Decision both(double after_s, double c, double od) { return hear(after_s, {.temperature_c = c, .smoke_od_m = od}); }
  void quiet(double for_s, double interval_s = 10) {
    for (double s = 0; s < for_s; s += interval_s) {
      const double wobble = static_cast<int>(s / interval_s) % 2 == 0 ? 0.0 : 0.1;
      hear(interval_s, {.temperature_c = 21 + wobble, .smoke_od_m = 0.004, .co_ppm = 0.0, .humidity_pct = 45.0});
    }
  }
  const Decision& last() const { return last_; }

  State state;

 private:
  Settings settings_;
  Decision last_;
  double now_ = 0;
};

Decision front(Device& device, double interval_s, double c_per_s, double for_s) {
  Decision decision;
  for (double s = interval_s; s <= for_s; s += interval_s) decision = device.heat(interval_s, 21 + c_per_s * s);
  return decision;
}

TEST(FirePattern, SteepHeatAloneIsAnAlarm) {
  Device device;
  device.quiet(300);
  const Decision decision = front(device, 10, 0.1, 30);
  EXPECT_EQ(decision.level, Level::alarm);
  EXPECT_EQ(decision.because, Because::pattern);
  EXPECT_GE(decision.shares.heat, 1.0);
}

TEST(FirePattern, AFanHeaterIsNoAlarm) {
  Device device;
  device.quiet(300);
  EXPECT_NE(front(device, 10, 4.0 / 60, 60).level, Level::alarm);
}

TEST(FirePattern, SmokeHalvesTheHeatThatIsNeeded) {
  Device with, without;
  with.quiet(300);
  without.quiet(300);
  Decision decision;
  for (int i = 1; i <= 3; ++i) {
    without.heat(10, 21 + 0.5 * i);
    decision = with.both(10, 21 + 0.5 * i, 0.004 + 0.01 * i);
  }
  EXPECT_EQ(without.last().level, Level::none);
  EXPECT_EQ(decision.level, Level::alarm);
  EXPECT_EQ(decision.shares.smoke, 0.5);
  EXPECT_GE(decision.shares.sum(), 1.0);
}

TEST(FirePattern, LessHeatIsAPreAlarmAndSuspectsForTheHouse) {
  Device device;
  device.quiet(300);
  const Decision decision = front(device, 10, 0.075, 30);
  EXPECT_EQ(decision.level, Level::pre_alarm);
  EXPECT_TRUE(decision.suspects);
}

TEST(FirePattern, SuspectsForTwoMinutesAfterItsReason) {
  Device device;
  device.quiet(300);
  front(device, 10, 0.075, 30);
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(device.heat(10, 22.0).suspects) << i;
  EXPECT_FALSE(device.heat(10, 22.0).suspects);
}

TEST(FirePattern, OneGrossReportIsNoAlarm) {
  for (const double wrong : {21 + 12.0, 21 - 12.0}) {
    Device device;
    device.quiet(300);
    EXPECT_NE(device.heat(10, wrong).level, Level::alarm);
    for (int i = 0; i < 20; ++i) EXPECT_NE(device.heat(10, 21).level, Level::alarm);
  }
}

TEST(FirePattern, AGrossRiseIsAnAlarmAtTheSecondReport) {
  Device device;
  device.quiet(300);
  EXPECT_EQ(device.heat(10, 27).level, Level::pre_alarm);
  EXPECT_EQ(device.heat(10, 31).level, Level::alarm);
}

TEST(FirePattern, AGrossRiseWithSmokeIsAnAlarmAtOnce) {
  Device device;
  device.quiet(300);
  EXPECT_EQ(device.both(10, 27, 0.03).level, Level::alarm);
}

TEST(FirePattern, SmokeAloneIsAnAlarmWhenItIsDenseForAMinute) {
  Device device;
  device.quiet(300);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(device.both(10, 21, 0.2).level, Level::none) << i;
  const Decision decision = device.both(10, 21, 0.2);
  EXPECT_EQ(decision.level, Level::alarm);
  EXPECT_EQ(decision.because, Because::dense_smoke);
}

TEST(FirePattern, SmokeAloneMustBeDenserWhereHumidityIsNotKnown) {
  Device device;
  for (int i = 0; i < 30; ++i) device.both(10, 21, 0.004);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(device.both(10, 21, 0.28).level, Level::none) << i;
  for (int i = 0; i < 7; ++i) device.both(10, 21, 0.4);
  EXPECT_EQ(device.last().because, Because::dense_smoke);
}

TEST(FirePattern, DenseSmokeThatThinsIsNone) {
  Device device;
  device.quiet(300);
  double od = 0.35;
  for (int i = 0; i < 8; ++i) EXPECT_EQ(device.both(10, 21, od *= 0.9).level, Level::none) << i;
}

TEST(FirePattern, SteamIsNoSmokeAndHalvesTheHeat) {
  Device device;
  device.quiet(300);
  Decision decision;
  for (int i = 1; i <= 12; ++i) {
    decision = device.hear(10, {.temperature_c = 21 + 0.3 * i, .smoke_od_m = 0.02 * i, .humidity_pct = 45.0 + 4 * i});
    ASSERT_NE(decision.level, Level::alarm) << i;
  }
  EXPECT_TRUE(decision.steam);
  EXPECT_EQ(decision.shares.smoke, 0);
}

TEST(FirePattern, FiftyFourDegreesTwiceIsAnAlarm) {
  Device device;
  EXPECT_EQ(device.heat(0, 55).level, Level::none);
  EXPECT_EQ(device.heat(10, 55).level, Level::alarm);
  EXPECT_EQ(device.last().because, Because::static_heat);
}

TEST(FirePattern, SixDegreesInAMinuteTwiceIsAnAlarmInAKitchenToo) {
  Device device(Settings::kitchen());
  device.quiet(300);
  const Decision decision = front(device, 10, 0.13, 70);
  EXPECT_EQ(decision.level, Level::alarm);
}

TEST(FirePattern, AKitchenNeedsMoreHeatForLonger) {
  Device room, kitchen(Settings::kitchen());
  room.quiet(300);
  kitchen.quiet(300);
  EXPECT_EQ(front(room, 10, 0.2, 20).level, Level::alarm);
  EXPECT_NE(front(kitchen, 10, 0.2, 20).level, Level::alarm);
  EXPECT_EQ(kitchen.heat(10, 27).level, Level::pre_alarm);
  EXPECT_EQ(kitchen.heat(10, 29).level, Level::alarm);
}

TEST(FirePattern, AStepOfASensorSlowerThanItsReportsIsNoFront) {
  Device device;
  for (int i = 0; i < 31; ++i) device.heat(10, 21);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(device.heat(10, 23).level, Level::none) << i;
  for (int i = 0; i < 30; ++i) ASSERT_EQ(device.heat(10, 25).level, Level::none) << i;
}

TEST(FirePattern, AStandstillThatMovesOnIsAFront) {
  Device device;
  for (int i = 0; i < 31; ++i) device.heat(10, 21);
  EXPECT_NE(device.heat(10, 23).level, Level::alarm);
  EXPECT_EQ(device.heat(10, 25).level, Level::alarm);
}

TEST(FirePattern, AiringAndItsReturnAreNone) {
  Device device;
  device.quiet(600);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(device.heat(10, 21 - 0.2 * i).level, Level::none);
  for (int i = 0; i < 30; ++i) ASSERT_NE(device.heat(10, 15 + 0.2 * i).level, Level::alarm);
}

TEST(FirePattern, MinuteReportsNeedFourDegrees) {
  Device little, much;
  little.quiet(600, 60);
  much.quiet(600, 60);
  EXPECT_NE(little.heat(60, 23.5).level, Level::alarm);
  little.heat(60, 23.5);
  EXPECT_NE(little.last().level, Level::alarm);
  much.heat(60, 25.5);
  EXPECT_EQ(much.heat(60, 31).level, Level::alarm);
}

TEST(FirePattern, ReportsOnChangeAreJudgedByTheTimeBetween) {
  Device device;
  device.quiet(600, 60);
  device.hear(45, {.smoke_od_m = 0.015});
  device.heat(2, 21.6);
  device.hear(1, {.smoke_od_m = 0.026});
  device.heat(2, 22.2);
  device.heat(3, 22.8);
  EXPECT_EQ(device.heat(3, 23.4).level, Level::alarm);
}

TEST(FirePattern, ClearsThreeMinutesAfterHalfTheRiseHasGone) {
  Device device;
  device.quiet(300);
  ASSERT_EQ(front(device, 10, 0.1, 40).level, Level::alarm);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(device.heat(10, 25).level, Level::alarm) << i;
  for (int i = 0; i < 18; ++i) ASSERT_EQ(device.heat(10, 21.5).level, Level::alarm) << i;
  EXPECT_EQ(device.heat(10, 21.5).level, Level::none);
  EXPECT_EQ(device.last().because, Because::nothing);
}

TEST(FirePattern, SilenceClearsNothing) {
  Device device;
  device.quiet(300);
  ASSERT_EQ(front(device, 10, 0.1, 40).level, Level::alarm);
  EXPECT_EQ(device.heat(7200, 21).level, Level::alarm);
}

TEST(FirePattern, AfterALongGapNothingIsRaisedFromAnOldTemperature) {
  Device device;
  device.quiet(300);
  EXPECT_EQ(device.heat(7200, 30).level, Level::none);
  EXPECT_EQ(device.heat(10, 30).level, Level::none);
}

TEST(FirePattern, AFireOfAShortOutageIsRaised) {
  Device device;
  device.quiet(300);
  device.heat(240, 45);
  EXPECT_EQ(device.heat(10, 47).level, Level::alarm);
}

TEST(FirePattern, AReportOlderThanTheLastChangesNothing) {
  Device device;
  device.quiet(300);
  const State before = device.state;
  const Decision decision =
      judge(Settings::room(), device.state, {.at = at(100), .temperature_c = 90, .smoke_od_m = 3});
  EXPECT_EQ(decision.level, Level::none);
  EXPECT_EQ(device.state, before);
}

TEST(FirePattern, WhatIsNoNumberChangesNothing) {
  Device device;
  device.quiet(300);
  const State before = device.state;
  for (const double bad :
       {kNan, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 1e9}) {
    device.hear(1, {.temperature_c = bad, .smoke_od_m = bad, .co_ppm = bad, .humidity_pct = bad});
    EXPECT_EQ(device.state, before) << bad;
  }
}

TEST(FirePattern, ABadValueBesideAGoodOneIsMissing) {
  Device one, other;
  one.quiet(300);
  other.quiet(300);
  one.hear(10, {.temperature_c = 22.0, .smoke_od_m = kNan, .co_ppm = 1e9});
  other.hear(10, {.temperature_c = 22.0});
  EXPECT_EQ(one.state, other.state);
}

TEST(FirePattern, ReportsOfTheSameInstantAreTaken) {
  Device device;
  device.quiet(300);
  device.hear(10, {.smoke_od_m = 0.03});
  EXPECT_EQ(device.hear(0, {.temperature_c = 23.5}).level, Level::alarm);
}

TEST(Shares, AreSaidGreatestFirst) {
  EXPECT_EQ(to_text(Shares{0.7, 0.35, 0}), "heat 70 %, smoke 35 %");
  EXPECT_EQ(to_text(Shares{0.2, 0.5, 0.25}), "smoke 50 %, CO 25 %, heat 20 %");
  EXPECT_EQ(to_text(Shares{}), "");
}

TEST(Put, ConvertsToOpticalDensity) {
  Sample sample;
  EXPECT_TRUE(put(sample, Point::smoke_obscuration_db_m, 1.2));
  EXPECT_DOUBLE_EQ(*sample.smoke_od_m, 0.12);
  EXPECT_TRUE(put(sample, Point::smoke_pct, 10));
  EXPECT_NEAR(*sample.smoke_od_m, 0.045757, 1e-6);
  EXPECT_FALSE(put(sample, Point::smoke_pct, 100));
  EXPECT_FALSE(put(sample, Point::battery_pct, 10));
}

TEST(House, AnyAlarmOrTwoThatSuspect) {
  using Members = std::vector<Member>;
  EXPECT_EQ(judge_house(Members{}), HouseLevel::none);
  EXPECT_EQ(judge_house(Members{{Level::pre_alarm, true}, {}}), HouseLevel::none);
  EXPECT_EQ(judge_house(Members{{Level::pre_alarm, true}, {Level::none, true}}), HouseLevel::two_suspect);
  EXPECT_EQ(judge_house(Members{{}, {Level::alarm, false}}), HouseLevel::alarm);
}

}  // namespace
}  // namespace firegate::rules::detection
