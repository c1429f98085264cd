#include "readings/liveness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace firegate::readings {
namespace {

using namespace std::chrono_literals;

const Instant kStart = *instant_from_text("2026-11-22T03:00:00Z");
constexpr LivenessPolicy kEachHour{1h, 3min, std::nullopt};
constexpr LivenessPolicy kMains{2min, 0ms, 30s};

Liveness armed() {
  Liveness liveness;
  liveness.arm(kStart);
  return liveness;
}

TEST(Liveness, IsLostTwoAndAHalfIntervalsAndJitterAfterItsLastWord) {
  Liveness liveness = armed();
  liveness.heard(kStart + 10min);
  const Instant lost = kStart + 10min + 150min + 3min;
  EXPECT_EQ(liveness.overdue_at(kEachHour), lost);
  EXPECT_EQ(liveness.lost_at(kEachHour), lost);
  EXPECT_EQ(liveness.presence(kEachHour, lost - 1ms), Presence::online);
  EXPECT_EQ(liveness.presence(kEachHour, lost), Presence::lost);
}

TEST(Liveness, DeviceThatNeverSpokeIsLostOneIntervalAfterItWasArmed) {
  const Liveness liveness = armed();
  EXPECT_EQ(liveness.lost_at(kEachHour), kStart + 63min);
  EXPECT_EQ(liveness.presence(kEachHour, kStart), Presence::never_heard);
  EXPECT_EQ(liveness.presence(kEachHour, kStart + 24h), Presence::never_heard);
  EXPECT_FALSE(liveness.last_heard());
}

TEST(Liveness, RestartGivesOneIntervalOfGraceButCallsNobodyOnline) {
  Liveness liveness;
  liveness.restore(kStart - 24h);
  liveness.arm(kStart);
  EXPECT_EQ(liveness.overdue_at(kEachHour), kStart - 24h + 153min);
  EXPECT_EQ(liveness.lost_at(kEachHour), kStart + 63min);
  EXPECT_EQ(liveness.presence(kEachHour, kStart), Presence::lost);
}

TEST(Liveness, GraceShortensNoDeadline) {
  Liveness liveness;
  liveness.restore(kStart - 1min);
  liveness.arm(kStart);
  EXPECT_EQ(liveness.lost_at(kEachHour), kStart - 1min + 153min);
}

TEST(Liveness, OfflineCountsAfterItsDelay) {
  Liveness liveness = armed();
  liveness.heard(kStart + 1s);
  liveness.said_offline(kStart + 5s);
  EXPECT_EQ(liveness.lost_at(kMains), kStart + 35s);
  EXPECT_EQ(liveness.overdue_at(kMains), kStart + 35s);
}

TEST(Liveness, OfflineSaidAgainDoesNotStartItsDelayAgain) {
  Liveness liveness = armed();
  liveness.heard(kStart);
  liveness.said_offline(kStart + 5s);
  liveness.said_offline(kStart + 20s);
  EXPECT_EQ(liveness.lost_at(kMains), kStart + 35s);
}

TEST(Liveness, OfflineOfASleepingDeviceDoesNotCount) {
  Liveness liveness = armed();
  liveness.heard(kStart);
  liveness.said_offline(kStart + 5s);
  EXPECT_EQ(liveness.lost_at(kEachHour), kStart + 153min);
}

TEST(Liveness, SpeakingEndsOffline) {
  Liveness liveness = armed();
  liveness.heard(kStart);
  liveness.said_offline(kStart + 5s);
  liveness.heard(kStart + 10s);
  EXPECT_EQ(liveness.lost_at(kMains), kStart + 10s + 5min);
}

TEST(Liveness, OnlineSaidLiveIsASignOfLifeRetainedIsNot) {
  Liveness live = armed(), retained = armed();
  live.said_online(kStart + 1min, false);
  retained.said_online(kStart + 1min, true);
  EXPECT_EQ(live.last_heard(), kStart + 1min);
  EXPECT_FALSE(retained.last_heard());
}

TEST(Liveness, ClockStepLosesNobody) {
  Liveness liveness = armed();
  liveness.heard(kStart);
  liveness.said_offline(kStart + 5s);
  const Instant before = liveness.lost_at(kMains);
  liveness.shift(1h);
  EXPECT_EQ(liveness.lost_at(kMains), before + 1h);
  Liveness silent = armed();
  silent.shift(-1h);
  EXPECT_EQ(silent.lost_at(kEachHour), kStart + 63min - 1h);
  EXPECT_FALSE(silent.last_heard());
}

TEST(Liveness, IsSmall) { EXPECT_LE(sizeof(Liveness), 24u); }

TEST(LivenessJitter, SpreadsDevicesWithinATenthOfAnInterval) {
  std::size_t upper_half = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Millis jitter = jitter_of("device-" + std::to_string(i), 24h);
    ASSERT_GE(jitter, 0ms);
    ASSERT_LE(jitter, 144min);
    if (jitter > 72min) ++upper_half;
  }
  EXPECT_GT(upper_half, 400u);
  EXPECT_LT(upper_half, 600u);
  EXPECT_EQ(jitter_of("a", 24h), jitter_of("a", 24h));
  EXPECT_EQ(jitter_of("a", 0ms), 0ms);
}

// Against a plain model: the last words, judged from scratch each time.
TEST(LivenessWalk, AgreesWithTheModel) {
  std::mt19937 random(7);
  for (int run = 0; run < 200; ++run) {
    Liveness liveness = armed();
    Instant now = kStart, armed_at = kStart;
    Instant heard = kNever, offline = kNever;
    for (int i = 0; i < 50; ++i) {
      now += Millis{random() % 120'000};
      switch (random() % 5) {
        case 0:
          liveness.arm(now);
          armed_at = now;
          break;
        case 1:
          liveness.said_offline(now);
          offline = std::min(offline, now);
          break;
        default:
          liveness.heard(now);
          heard = now;
          offline = kNever;
      }
      const Instant probe = now + Millis{random() % 400'000};
      const bool silent = heard == kNever || probe >= heard + 5min;
      const bool grace = probe < armed_at + 2min;
      const bool gone = offline != kNever && probe >= offline + 30s;
      ASSERT_EQ(probe >= liveness.lost_at(kMains), (silent && !grace) || gone);
      ASSERT_EQ(liveness.presence(kMains, probe) == Presence::online, !silent && !gone);
      ASSERT_LE(liveness.overdue_at(kMains), liveness.lost_at(kMains));
    }
  }
}

}  // namespace
}  // namespace firegate::readings
