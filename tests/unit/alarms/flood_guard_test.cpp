#include "alarms/flood_guard.h"

#include "alarms/lines.h"
#include "book_support.h"

namespace firegate::alarms {
namespace {

class Flood : public testing::Test {
 protected:
  static Notice notice(Instant at, AlarmClass alarm_class, NoticeKind kind = NoticeKind::raised) {
    Notice made;
    made.kind = kind;
    made.at = at;
    made.alarm.id = AlarmId{static_cast<std::uint64_t>(at.time_since_epoch().count())};
    made.alarm.alarm_class = alarm_class;
    made.alarm.rule = "device_fault";
    made.alarm.subject.device = "d";
    made.alarm.subject.place = zone("z");
    return made;
  }
  bool admits(Instant at, AlarmClass alarm_class = AlarmClass::fault) {
    return guard.admit(notice(at, alarm_class), batch);
  }
  // Eleven announcements, one a second: a flood.
  void flood() {
    for (int i = 0; i < 11; ++i) admits(kStart + i * 1s);
  }
  Batch after(Instant at) {
    Batch into;
    guard.advance(at, into);
    return into;
  }

  FloodGuard guard{"jinxiu"};
  Batch batch;
};

TEST_F(Flood, TenInTenMinutesAreNone) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(admits(kStart + i * 1s));
  EXPECT_FALSE(guard.in_flood());
  EXPECT_TRUE(batch.journal.empty());
  EXPECT_TRUE(admits(kStart + 10min)) << "the first has left the window";
}

TEST_F(Flood, TheEleventhStartsOneAndIsHeld) {
  for (int i = 0; i < 10; ++i) admits(kStart + i * 1s);
  EXPECT_FALSE(admits(kStart + 10s));
  EXPECT_TRUE(guard.in_flood());
  ASSERT_EQ(batch.journal.size(), 1u);
  EXPECT_EQ(batch.journal[0].kind, "flood_started");
  EXPECT_EQ(batch.journal[0].subject, "estate:jinxiu");
  EXPECT_EQ(batch.journal[0].why, "11 announcements within 10 min");
  EXPECT_TRUE(batch.urgent);
}

TEST_F(Flood, WhatThreatensLifeAndWhatComesBeforeItIsNeverHeld) {
  flood();
  for (const AlarmClass alarm_class : {AlarmClass::fire_alarm, AlarmClass::gas_alarm, AlarmClass::one_key_alarm,
                                       AlarmClass::pre_alarm, AlarmClass::electrical_fire}) {
    EXPECT_TRUE(admits(kStart + 20s, alarm_class)) << label(alarm_class);
  }
  for (const AlarmClass alarm_class : {AlarmClass::supervisory, AlarmClass::water_supply, AlarmClass::fault}) {
    EXPECT_FALSE(admits(kStart + 21s, alarm_class)) << label(alarm_class);
  }
}

TEST_F(Flood, OnlyAnnouncementsAreCountedAndHeld) {
  flood();
  for (const NoticeKind kind : {NoticeKind::returned, NoticeKind::acknowledged, NoticeKind::ended}) {
    EXPECT_TRUE(guard.admit(notice(kStart + 12s, AlarmClass::fault, kind), batch)) << label(kind);
  }
  EXPECT_FALSE(guard.admit(notice(kStart + 12s, AlarmClass::fault, NoticeKind::announced_again), batch));
  EXPECT_EQ(guard.holding(), 2u);
}

TEST_F(Flood, WhatNamesACauseIsNotHeld) {
  flood();
  Notice cause = notice(kStart + 12s, AlarmClass::fault);
  cause.alarm.consequences = 40;
  EXPECT_TRUE(guard.admit(cause, batch));
}

TEST_F(Flood, HeldOnesAreToldAsOneOfEachClassAfterAMinuteWithTheirCount) {
  flood();
  for (int i = 1; i <= 6; ++i) admits(kStart + 10s + i * 1s, i == 3 ? AlarmClass::supervisory : AlarmClass::fault);
  EXPECT_TRUE(after(kStart + 10s + 1min - 1ms).empty());
  const Batch told = after(kStart + 10s + 1min);
  ASSERT_EQ(told.notices.size(), 2u);
  EXPECT_EQ(told.notices[0].kind, NoticeKind::collected);
  EXPECT_EQ(told.notices[0].count, 1u);
  EXPECT_EQ(told.notices[1].count, 6u);
  EXPECT_EQ(told.notices[0].at, kStart + 70s);
  EXPECT_EQ(told.notices[0].alarm.alarm_class, AlarmClass::supervisory) << "the most urgent class first";
  EXPECT_TRUE(told.urgent);
  EXPECT_TRUE(after(kStart + 10min).notices.empty()) << "once";
}

TEST_F(Flood, TheFirstOfAClassStandsForThem) {
  flood();
  admits(kStart + 20s);
  const Batch told = after(kStart + 2min);
  EXPECT_EQ(told.notices.at(0).alarm.id, notice(kStart + 10s, AlarmClass::fault).alarm.id);
}

TEST_F(Flood, EndsBelowFiveInTenMinutes) {
  flood();
  EXPECT_TRUE(after(kStart + 10min + 5s).journal.empty()) << "five are left";
  const Batch over = after(kStart + 10min + 6s);
  ASSERT_EQ(over.journal.size(), 1u);
  EXPECT_EQ(over.journal[0].kind, "flood_ended");
  EXPECT_FALSE(guard.in_flood());
  EXPECT_TRUE(admits(kStart + 10min + 7s));
}

TEST_F(Flood, WhatIsHeldWhenItEndsIsToldAtOnce) {
  flood();
  const Batch over = after(kStart + 30min);
  EXPECT_EQ(over.notices.size(), 1u);
  EXPECT_EQ(guard.holding(), 0u);
}

TEST_F(Flood, FlushTellsAllAtAStop) {
  flood();
  Batch last;
  guard.flush(kStart + 11s, last);
  EXPECT_EQ(last.notices.size(), 1u);
  guard.flush(kStart + 11s, last);
  EXPECT_EQ(last.notices.size(), 1u);
}

TEST_F(Flood, OneLineThatFailsInSeveralBuildingsIsOneAnnouncement) {
  Notice down = notice(kStart, AlarmClass::fault);
  down.alarm.rule = kLineDown;
  down.alarm.line = "main/native";
  EXPECT_TRUE(guard.admit(down, batch));
  down.at = kStart + 59s;
  EXPECT_FALSE(guard.admit(down, batch));
  Notice other = down;
  other.alarm.line = "main/shelly";
  EXPECT_TRUE(guard.admit(other, batch));
  down.at = kStart + 60s;
  EXPECT_TRUE(guard.admit(down, batch));
  EXPECT_EQ(after(kStart + 2min).notices.at(0).count, 1u);
}

TEST_F(Flood, MovesAlongWithTheClock) {
  flood();
  guard.clock_stepped(-1h);
  EXPECT_TRUE(after(kStart + 69s - 1h).empty());
  EXPECT_EQ(after(kStart + 70s - 1h).notices.size(), 1u);
  EXPECT_FALSE(admits(kStart + 71s - 1h));
}

}  // namespace
}  // namespace firegate::alarms
