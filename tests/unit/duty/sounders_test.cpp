#include "duty/sounders.h"

#include <gtest/gtest.h>

#include "duty/listening.h"

namespace firegate::duty {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

Alarm alarm(std::uint64_t id, AlarmClass alarm_class, AlarmState state = AlarmState::unacknowledged) {
  Alarm made;
  made.id = AlarmId{id};
  made.alarm_class = alarm_class;
  made.state = state;
  return made;
}

Sounders sounding(std::vector<Alarm> live) { return Sounders({"desk-1", "desk-2"}, live); }

TEST(Sounders, SilencesWhatSoundsForTenMinutes) {
  auto sounders = sounding({alarm(1, AlarmClass::fault), alarm(2, AlarmClass::fire_alarm)});
  const auto silence = sounders.silence("desk-1", "王芳", kNow);
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->priority, Priority::fire);
  EXPECT_EQ(silence->until, kNow + 10min);
  EXPECT_EQ(silence->by, "王芳");
  EXPECT_EQ(sounders.silences().size(), 1u);
}

TEST(Sounders, RefusesWhenNothingSounds) {
  auto acknowledged = sounding({alarm(1, AlarmClass::fire_alarm, AlarmState::acknowledged)});
  const auto refused = acknowledged.silence("desk-1", "a", kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
}

TEST(Sounders, RefusesAPostThatIsNotConfigured) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  const auto refused = sounders.silence("desk-9", "a", kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
}

TEST(Sounders, NewAlarmOfTheSameClassEndsTheSilence) {
  auto sounders = sounding({alarm(1, AlarmClass::fault)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  const auto changes = sounders.alarm_changed(alarm(2, AlarmClass::fault));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].post, "desk-1");
  EXPECT_FALSE(changes[0].until);
  EXPECT_TRUE(sounders.silences().empty());
}

TEST(Sounders, MoreUrgentAlarmEndsTheSilence) {
  auto sounders = sounding({alarm(1, AlarmClass::fault)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_EQ(sounders.alarm_changed(alarm(2, AlarmClass::fire_alarm)).size(), 1u);
}

TEST(Sounders, LessUrgentAlarmLeavesTheSilence) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_TRUE(sounders.alarm_changed(alarm(2, AlarmClass::fault)).empty());
  EXPECT_EQ(sounders.silences().size(), 1u);
}

TEST(Sounders, AnotherRaiseOfASilencedAlarmIsNotNew) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  Alarm again = alarm(1, AlarmClass::fire_alarm);
  again.occurrences = 2;
  EXPECT_TRUE(sounders.alarm_changed(again).empty());
}

TEST(Sounders, AlarmAnnouncedAnewEndsTheSilence) {
  auto sounders =
      sounding({alarm(1, AlarmClass::fire_alarm), alarm(2, AlarmClass::fire_alarm, AlarmState::acknowledged)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_EQ(sounders.alarm_changed(alarm(2, AlarmClass::fire_alarm)).size(), 1u);
}

TEST(Sounders, EndOfAnOverlayOverAnUnacknowledgedAlarmEndsTheSilence) {
  Alarm shelved = alarm(2, AlarmClass::fault);
  shelved.overlays.set(Overlay::shelved);
  auto sounders = sounding({alarm(1, AlarmClass::fault), shelved});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_EQ(sounders.alarm_changed(alarm(2, AlarmClass::fault)).size(), 1u);
}

TEST(Sounders, ClassWithoutSoundEndsNothing) {
  auto sounders = sounding({alarm(1, AlarmClass::fault)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_TRUE(sounders.alarm_changed(alarm(2, AlarmClass::test)).empty());
}

TEST(Sounders, EndsWithTheLastAlarmThatSounds) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm), alarm(2, AlarmClass::fault)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_TRUE(sounders.alarm_changed(alarm(1, AlarmClass::fire_alarm, AlarmState::acknowledged)).empty());
  EXPECT_EQ(sounders.alarm_changed(alarm(2, AlarmClass::fault, AlarmState::acknowledged)).size(), 1u);
}

TEST(Sounders, SoundsAgainAfterTenMinutesAndNotBefore) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_TRUE(sounders.tick(kNow + 10min - 1ms).empty());
  EXPECT_EQ(sounders.tick(kNow + 10min).size(), 1u);
}

TEST(Sounders, ClockSetBackDoesNotStretchASilence) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  EXPECT_EQ(sounders.tick(kNow - 1h).size(), 1u);
}

TEST(Sounders, SilencesOnlyThePost) {
  auto sounders = sounding({alarm(1, AlarmClass::fire_alarm)});
  ASSERT_TRUE(sounders.silence("desk-1", "a", kNow));
  ASSERT_TRUE(sounders.silence("desk-2", "b", kNow + 5min));
  const auto ended = sounders.tick(kNow + 10min);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].post, "desk-1");
  EXPECT_EQ(sounders.silences().front().post, "desk-2");
}

TEST(Listening, PostWithoutAnAudibleConsoleForAMinuteIsUnheard) {
  Listening listening;
  const Steady start{};
  EXPECT_FALSE(listening.heard("desk-1", start));
  EXPECT_TRUE(listening.tick(start + 60s - 1ms).empty());
  EXPECT_EQ(listening.tick(start + 60s), std::vector<std::string>{"desk-1"});
}

TEST(Listening, SaysUnheardOnce) {
  Listening listening;
  listening.heard("desk-1", Steady{});
  EXPECT_EQ(listening.tick(Steady{} + 60s).size(), 1u);
  EXPECT_TRUE(listening.tick(Steady{} + 120s).empty());
}

TEST(Listening, PostIsHeardAgainWhenAConsoleReturns) {
  Listening listening;
  listening.heard("desk-1", Steady{});
  listening.tick(Steady{} + 60s);
  EXPECT_TRUE(listening.heard("desk-1", Steady{} + 70s));
  EXPECT_FALSE(listening.heard("desk-1", Steady{} + 90s));
}

TEST(Listening, PostThatNeverHadAConsoleIsNotSupervised) {
  Listening listening;
  EXPECT_TRUE(listening.tick(Steady{} + 24h).empty());
}

}  // namespace
}  // namespace firegate::duty
