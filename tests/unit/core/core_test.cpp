// The words of the domain: labels, points, values, times, ids, configuration nodes.
#include <gtest/gtest.h>

#include "core/alarm.h"
#include "core/clock.h"
#include "core/config_node.h"
#include "core/current_values.h"
#include "core/device_map.h"
#include "core/log.h"
#include "core/models.h"
#include "core/quality.h"
#include "core/value.h"

namespace firegate {
namespace {

using namespace std::chrono_literals;

TEST(Points, NamesAreUniqueAndReadBack) {
  for (std::size_t i = 0; i < kPointCount; ++i) {
    const auto point = static_cast<Point>(i);
    EXPECT_EQ(point_from_name(name(point)), point) << name(point);
  }
  EXPECT_EQ(point_from_name("temperature"), std::nullopt);
}

TEST(Points, OnlyADetectorsOrAPersonsWordSaysFire) {
  EXPECT_TRUE(says_fire(Point::smoke));
  EXPECT_TRUE(says_fire(Point::manual_call));
  EXPECT_FALSE(says_fire(Point::temperature_c));
  EXPECT_FALSE(says_fire(Point::tamper));
}

TEST(Values, StoredFormIsExact) {
  const std::vector<Value> values{Unknown{}, true, false, 86.1, -0.1, 1e300, Choice{7}, std::string("E2 过热"), std::string()};
  for (const Value& value : values) EXPECT_EQ(value_from_stored(to_stored(value)), value) << to_stored(value);
}

TEST(Values, AChoiceIsOneOfItsPointsList) {
  EXPECT_EQ(to_text(Point::stop_reason, choice_value(Point::stop_reason, "smoke")), "smoke");
  EXPECT_TRUE(is_unknown(choice_value(Point::stop_reason, "Smoke")));
  EXPECT_FALSE(fits(Point::lift_door, Choice{4}));
}

TEST(Values, ANumberChangesBeyondItsDeadband) {
  EXPECT_FALSE(changed(Point::temperature_c, 20.0, 20.4));
  EXPECT_TRUE(changed(Point::temperature_c, 20.0, 20.5));
  EXPECT_TRUE(changed(Point::smoke, false, true));
  EXPECT_TRUE(changed(Point::temperature_c, 20.0, Unknown{}));
}

TEST(Qualities, SayWhatMayRaiseAndClear) {
  EXPECT_TRUE(may_raise(Quality::late));
  EXPECT_FALSE(may_clear(Quality::late, false));
  EXPECT_TRUE(may_clear(Quality::late, true));
  for (const Quality quality : {Quality::retained, Quality::restored, Quality::stale, Quality::bad, Quality::historical,
                                Quality::simulated}) {
    EXPECT_FALSE(may_raise(quality)) << label(quality);
    EXPECT_FALSE(may_clear(quality, true)) << label(quality);
  }
}

TEST(Instants, ReadAndWriteRfc3339) {
  const auto at = instant_from_text("2026-11-22T03:14:15.926Z");
  ASSERT_TRUE(at);
  EXPECT_EQ(to_text(*at), "2026-11-22T03:14:15.926Z");
  EXPECT_EQ(instant_from_text("2026-11-22T11:14:15.926123+08:00"), at);
  EXPECT_EQ(instant_from_text("2022-07-18T09:34:15.775023242+00:00"), instant_from_text("2022-07-18T09:34:15.775Z"));
}

TEST(Instants, RefuseWhatIsNoTimeWithAZone) {
  for (const char* text : {"", "2026-11-22", "2026-11-22T03:14:15", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                           "2026-11-22T24:00:00Z", "2026-11-22T03:14:15Zx", "2026-11-22T03:14:15+25:00", "1.33"}) {
    EXPECT_FALSE(instant_from_text(text)) << text;
  }
}

TEST(SystemClock, RunsOnTheSteadyClock) {
  Clock& clock = system_clock();
  const auto wall = clock.now();
  EXPECT_LT(std::chrono::abs(clock.drift()), 1000ms);
  EXPECT_GE(clock.now(), wall);
}

TEST(AlarmIds, AreTheSameEverywhere) {
  const Instant at = *instant_from_text("2026-11-22T03:14:15.926Z");
  const AlarmId id = alarm_id("smoke_alarm", "b1-301-smoke", at);
  EXPECT_EQ(to_text(id), "ae2c55f660067cd9");
  EXPECT_EQ(alarm_id_from_text(to_text(id)), id);
  EXPECT_NE(alarm_id("smoke_alarm", "b1-301-smok", at), id);
  EXPECT_FALSE(alarm_id_from_text("3f9c"));
  EXPECT_FALSE(alarm_id_from_text("zzzzzzzzzzzzzzzz"));
}

TEST(AlarmClasses, LatchExactlyWhatThreatensLife) {
  for (std::size_t i = 0; i < label_count<AlarmClass>(); ++i) {
    const auto alarm_class = static_cast<AlarmClass>(i);
    EXPECT_EQ(info(alarm_class).latching, threatens_life(alarm_class)) << label(alarm_class);
  }
}

TEST(CurrentValues, KeepTheLastValueOfEveryPointAndPort) {
  CurrentValues values;
  values.put({.point = Point::power_w, .port = 2, .value = 10.0});
  values.put({.point = Point::power_w, .port = 1, .value = 20.0});
  values.put({.point = Point::power_w, .port = 2, .value = 30.0});
  ASSERT_EQ(values.all().size(), 2u);
  EXPECT_EQ(values.find(Point::power_w, 2)->value, Value{30.0});
  EXPECT_EQ(values.find(Point::power_w), nullptr);
}

DevicePtr device(DeviceNo no, std::string id, std::string address) {
  Device made;
  made.no = no;
  made.id = std::move(id);
  made.source = "native";
  made.format = "native";
  made.address = std::move(address);
  made.place = std::make_shared<const Place>();
  return std::make_shared<const Device>(std::move(made));
}

TEST(DeviceMap, FindsByAddressIdAndNumber) {
  const DeviceMap map({device(1, "a", "A"), device(7, "b", "B")});
  EXPECT_EQ((*map.by_address("native", "native", "B"))->id, "b");
  EXPECT_EQ((*map.by_id("a"))->no, 1u);
  EXPECT_EQ((*map.by_no(7))->id, "b");
  EXPECT_EQ(map.by_address("native", "tasmota", "B"), nullptr);
  EXPECT_EQ(map.by_id("c"), nullptr);
  EXPECT_EQ(map.by_no(2), nullptr);
}

TEST(Durations, NeedAUnit) {
  EXPECT_EQ(duration_from_text("500ms"), 500ms);
  EXPECT_EQ(duration_from_text("5min"), Millis{300'000});
  EXPECT_EQ(duration_from_text("7d"), Millis{7 * 86'400'000LL});
  for (const char* text : {"5", "5 min", "-5s", "1.5h", "5m", "", "99999999999d"}) EXPECT_FALSE(duration_from_text(text)) << text;
}

TEST(Nearest, NamesTheWordThatWasMeant) {
  const std::vector<std::string_view> words{"fire_alarm", "gas_alarm", "fault"};
  EXPECT_EQ(nearest("fire_alrm", words), "fire_alarm");
  EXPECT_EQ(nearest("elephant", words), "");
}

TEST(Ids, AreWordsWithoutSurprises) {
  EXPECT_TRUE(is_id("b1-301_smoke"));
  for (const char* text : {"", "a/b", "a b", "#", "+", "a\n", "烟感"}) EXPECT_FALSE(is_id(text)) << text;
  EXPECT_FALSE(is_id(std::string(65, 'a')));
}

TEST(LogLines, StayOneLineWhateverADeviceIsCalled) {
  EXPECT_EQ(log::escaped("plain"), "plain");
  EXPECT_EQ(log::escaped("two words"), "\"two words\"");
  EXPECT_EQ(log::escaped("a\nb\x1b[31m\""), "\"a\\x0ab\\x1b[31m\\\"\"");
  EXPECT_EQ(log::escaped(""), "\"\"");
}

TEST(ModelNames, IgnoreCaseAndHyphens) { EXPECT_EQ(folded("Milesight/EM300-TH"), folded("milesight/em300_th")); }

}  // namespace
}  // namespace firegate
