#include "readings/normaliser.h"

#include <gtest/gtest.h>

#include <limits>

namespace firegate::readings {
namespace {

using namespace std::chrono_literals;

const Instant kNow = *instant_from_text("2026-11-22T03:00:00Z");

DeviceMessage message(std::vector<Reading> readings, std::optional<Instant> measured_at = std::nullopt,
                      MessageKind kind = MessageKind::snapshot) {
  DeviceMessage made;
  made.kind = kind;
  made.measured_at = measured_at;
  made.readings = std::move(readings);
  return made;
}

Reading reading(Point point, Value value, Quality quality = Quality::good) { return {point, kNoPort, quality, value}; }

Current only(const DeviceMessage& from, Arrival arrival = {kNow}) {
  const Normalised result = normalise(from, arrival);
  EXPECT_EQ(result.values.size(), 1u);
  return result.values.at(0);
}

Current value(Value what, Quality quality, Instant arrived_at, Instant measured_at) {
  return {Point::smoke, kNoPort, quality, std::move(what), arrived_at, arrived_at, measured_at};
}

TEST(Normaliser, GoodReadingBearsItsArrival) {
  const Current current = only(message({reading(Point::smoke, true)}));
  EXPECT_EQ(current.quality, Quality::good);
  EXPECT_EQ(current.changed_at, kNow);
  EXPECT_EQ(current.updated_at, kNow);
  EXPECT_EQ(current.measured_at, kNow);
}

TEST(Normaliser, UnknownIsNotBad) {
  EXPECT_EQ(only(message({reading(Point::smoke, Unknown{})})).quality, Quality::good);
}

TEST(Normaliser, WrongTypeIsBadAndUnknown) {
  for (const Value& wrong : {Value{1.0}, Value{std::string("yes")}, Value{Choice{0}}}) {
    const Current current = only(message({reading(Point::smoke, wrong)}));
    EXPECT_EQ(current.quality, Quality::bad);
    EXPECT_TRUE(is_unknown(current.value));
  }
}

TEST(Normaliser, RangeIncludesItsEnds) {
  const struct {
    double number;
    Quality quality;
  } rows[] = {{0, Quality::good},
              {100, Quality::good},
              {-0.1, Quality::bad},
              {100.1, Quality::bad},
              {std::numeric_limits<double>::quiet_NaN(), Quality::bad},
              {std::numeric_limits<double>::infinity(), Quality::bad}};
  for (const auto& row : rows) {
    EXPECT_EQ(only(message({reading(Point::battery_pct, row.number)})).quality, row.quality) << row.number;
  }
}

TEST(Normaliser, CountsBadReadings) {
  const Normalised result = normalise(
      message({reading(Point::battery_pct, 400.0), reading(Point::smoke, true), reading(Point::heat, 3.0)}), {kNow});
  EXPECT_EQ(result.bad, 2u);
  EXPECT_EQ(result.values.size(), 3u);
}

TEST(Normaliser, RetainedFlagMakesEveryReadingRetained) {
  EXPECT_EQ(only(message({reading(Point::smoke, true)}, kNow), {kNow, true, false}).quality, Quality::retained);
  EXPECT_EQ(only(message({reading(Point::smoke, true)}, kNow - 1h), {kNow, true, true}).quality, Quality::retained);
}

TEST(Normaliser, BadOutranksRetained) {
  EXPECT_EQ(only(message({reading(Point::battery_pct, 400.0)}), {kNow, true, false}).quality, Quality::bad);
}

TEST(Normaliser, BacklogIsLate) {
  EXPECT_EQ(only(message({reading(Point::smoke, true)}), {kNow, false, true}).quality, Quality::late);
}

TEST(Normaliser, DeviceTimeLongPastIsLate) {
  const struct {
    Millis before;
    Quality quality;
  } rows[] = {
      {0ms, Quality::good}, {kLateAfter, Quality::good}, {kLateAfter + 1ms, Quality::late}, {48h, Quality::late}};
  for (const auto& row : rows) {
    const Current current = only(message({reading(Point::smoke, true)}, kNow - row.before));
    EXPECT_EQ(current.quality, row.quality) << row.before.count();
    EXPECT_EQ(current.measured_at, kNow - row.before);
    EXPECT_EQ(current.updated_at, kNow);
  }
}

TEST(Normaliser, DeviceClockThatCannotBeBelievedIsReplacedByArrival) {
  const struct {
    Instant device_time;
    bool believed;
  } rows[] = {{kDeviceClockFloor - 1ms, false},
              {kDeviceClockFloor, true},
              {kNow + kDeviceClockAhead, true},
              {kNow + kDeviceClockAhead + 1ms, false},
              {Instant{}, false}};
  for (const auto& row : rows) {
    const Normalised result = normalise(message({reading(Point::smoke, true)}, row.device_time), {kNow});
    EXPECT_EQ(result.clock_invalid, !row.believed) << to_text(row.device_time);
    EXPECT_EQ(result.values[0].measured_at, row.believed ? row.device_time : kNow);
    if (!row.believed) {
      EXPECT_EQ(result.values[0].quality, Quality::good);
    }
  }
}

TEST(Normaliser, MessageWithoutATimeHasNoInvalidClock) {
  EXPECT_FALSE(normalise(message({reading(Point::smoke, true)}), {kNow}).clock_invalid);
}

TEST(Normaliser, WhatTheDriverSaidStays) {
  for (const Quality said : {Quality::historical, Quality::simulated, Quality::bad}) {
    EXPECT_EQ(only(message({reading(Point::smoke, true, said)})).quality, said) << label(said);
  }
}

TEST(Normaliser, PointSaidTwiceHasItsLastValue) {
  EXPECT_EQ(only(message({reading(Point::smoke, false), reading(Point::smoke, true)})).value, Value{true});
}

TEST(Normaliser, PortsAreApart) {
  DeviceMessage made = message({reading(Point::power_w, 80.0), reading(Point::power_w, 90.0)});
  made.readings[1].port = 2;
  EXPECT_EQ(normalise(made, {kNow}).values.size(), 2u);
}

TEST(Pulse, IsWhatAnEventSaysExceptNumbers) {
  const Current button = only(message({reading(Point::sos, true)}));
  const Current battery = only(message({reading(Point::battery_pct, 80.0)}));
  EXPECT_TRUE(is_pulse(MessageKind::event, button));
  EXPECT_FALSE(is_pulse(MessageKind::event, battery));
  EXPECT_FALSE(is_pulse(MessageKind::delta, button));
  EXPECT_FALSE(is_pulse(MessageKind::snapshot, button));
}

TEST(Supersedes, FollowsItsTable) {
  using enum Quality;
  const struct {
    Quality known;
    Millis known_age;
    Quality next;
    Millis next_age;
    bool expected;
  } rows[] = {
      {good, 0s, good, 10s, true},  // order of arrival, whatever the device's clock says
      {good, 0s, bad, 0s, true},    // now it says nonsense
      {bad, 0s, good, 0s, true},          {good, 10min, late, 1h, false},  // older than what is known
      {good, 1h, late, 1h, true},                                          // as old
      {good, 2h, late, 1h, true},                                          // newer
      {restored, 10min, late, 1h, false}, {restored, 2h, late, 1h, true},
      {retained, 0s, late, 1h, true},                                       // a retained value has no age
      {retained, 0s, good, 0s, true},     {good, 1h, retained, 0s, false},  // never instead of what was heard live
      {late, 1h, retained, 0s, false},    {bad, 1h, retained, 0s, false},
      {retained, 1h, retained, 0s, true}, {restored, 1h, retained, 0s, true},
      {good, 1h, historical, 0s, false},  {good, 1h, simulated, 0s, false},
      {good, 1h, restored, 0s, false},
  };
  for (const auto& row : rows) {
    const Current known = value(true, row.known, kNow, kNow - row.known_age);
    const Current next = value(false, row.next, kNow, kNow - row.next_age);
    EXPECT_EQ(supersedes(&known, next), row.expected) << label(row.known) << " then " << label(row.next);
  }
}

TEST(Supersedes, NothingByRecordsAndSimulations) {
  EXPECT_FALSE(supersedes(nullptr, value(true, Quality::historical, kNow, kNow)));
  EXPECT_FALSE(supersedes(nullptr, value(true, Quality::simulated, kNow, kNow)));
  EXPECT_TRUE(supersedes(nullptr, value(true, Quality::retained, kNow, kNow)));
}

TEST(Store, KeepsTheTimeOfTheLastChange) {
  CurrentValues values;
  EXPECT_TRUE(store(values, value(true, Quality::good, kNow, kNow)).keep);
  const Stored again = store(values, value(true, Quality::good, kNow + 1min, kNow + 1min));
  EXPECT_TRUE(again.taken);
  EXPECT_FALSE(again.differs);
  EXPECT_FALSE(again.keep);
  EXPECT_EQ(values.find(Point::smoke)->changed_at, kNow);
  EXPECT_EQ(values.find(Point::smoke)->updated_at, kNow + 1min);
}

TEST(Store, LateFalseAfterANewerTrueIsNotTaken) {
  CurrentValues values;
  store(values, value(true, Quality::good, kNow, kNow));
  EXPECT_FALSE(store(values, value(false, Quality::late, kNow + 1min, kNow - 1h)).taken);
  EXPECT_EQ(values.find(Point::smoke)->value, Value{true});
}

TEST(Store, QualityAloneIsADifference) {
  CurrentValues values;
  store(values, value(true, Quality::restored, kNow, kNow));
  EXPECT_TRUE(store(values, value(true, Quality::good, kNow + 1s, kNow + 1s)).differs);
}

TEST(Store, SmallStepsDifferButAreNotWorthKeeping) {
  CurrentValues values;
  Current warm{Point::temperature_c, kNoPort, Quality::good, 20.0, kNow, kNow, kNow};
  store(values, warm);
  warm.value = 20.1;
  warm.changed_at = warm.updated_at = kNow + 1min;
  const Stored stored = store(values, warm);
  EXPECT_TRUE(stored.differs);
  EXPECT_FALSE(stored.keep);
  EXPECT_EQ(values.find(Point::temperature_c)->value, Value{20.1});
}

TEST(Store, ASlowDriftIsKeptWheneverItLeavesTheDeadbandOfWhatWasKept) {
  CurrentValues values;
  Current temperature{Point::temperature_c, kNoPort, Quality::good, 20.0, kNow, kNow, kNow};
  store(values, temperature);
  const double deadband = info(Point::temperature_c).deadband;
  std::vector<int> kept;
  for (int step = 1; step <= 12; ++step) {
    temperature.value = 20.0 + step * deadband / 4;
    temperature.updated_at = kNow + step * 1min;
    if (store(values, temperature).keep) kept.push_back(step);
  }
  EXPECT_EQ(kept, (std::vector<int>{4, 8, 12}));
}

TEST(Store, AnUnchangedValueIsKeptOnceAQuarterHour) {
  CurrentValues values;
  Current temperature{Point::temperature_c, kNoPort, Quality::good, 20.0, kNow, kNow, kNow};
  store(values, temperature);
  std::vector<int> kept;
  for (int minute = 1; minute <= 31; ++minute) {
    temperature.updated_at = kNow + minute * 1min;
    if (store(values, temperature).keep) kept.push_back(minute);
  }
  EXPECT_EQ(kept, (std::vector<int>{15, 30}));
}

TEST(Store, AfterAStartTheRestoredValueStandsForTheOneThatWasKept) {
  CurrentValues values;
  Current temperature{Point::temperature_c, kNoPort, Quality::good, 20.0, kNow, kNow, kNow};
  values.put(temperature);
  temperature.updated_at = kNow + 1min;
  temperature.value = 20.0 + info(Point::temperature_c).deadband / 2;
  EXPECT_FALSE(store(values, temperature).keep);
  temperature.value = 20.0 + info(Point::temperature_c).deadband;
  EXPECT_TRUE(store(values, temperature).keep) << "a whole deadband from the restored one, half of one from the last";
}

}  // namespace
}  // namespace firegate::readings
