#include "replay/backtest.h"

#include <gtest/gtest.h>

namespace firegate::replay {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

Episode episode(Millis from, std::optional<Millis> to, std::string subject = "d1", AlarmClass what = AlarmClass::fire_alarm) {
  return {"rule", std::move(subject), what, kNoon + from, to ? std::optional(kNoon + *to) : std::nullopt, 1};
}

std::vector<Comparison> against(std::vector<Episode> today, std::vector<Episode> candidate,
                                std::optional<Verdict> verdict = std::nullopt) {
  return compare(today, candidate, [verdict](const Episode&) { return verdict; });
}

std::vector<Outcome> outcomes(const std::vector<Comparison>& comparisons) {
  std::vector<Outcome> found;
  for (const Comparison& one : comparisons) found.push_back(one.outcome);
  return found;
}

TEST(Backtest, TellsCaughtEarlierLaterMissedAndExtraApart) {
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {episode(0s, 90s)})), (std::vector{Outcome::caught}));
  EXPECT_EQ(outcomes(against({episode(30s, 60s)}, {episode(0s, 60s)})), (std::vector{Outcome::earlier}));
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {episode(30s, 60s)})), (std::vector{Outcome::later}));
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {})), (std::vector{Outcome::missed}));
  EXPECT_EQ(outcomes(against({}, {episode(0s, 60s)})), (std::vector{Outcome::extra}));
}

TEST(Backtest, AnEventEndsTenMinutesAfterItsCondition) {
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {episode(11min, 12min)})), (std::vector{Outcome::later}));
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {episode(11min + 1ms, 12min)})),
            (std::vector{Outcome::missed, Outcome::extra}));
  EXPECT_EQ(outcomes(against({episode(0s, std::nullopt)}, {episode(24h, 25h)})), (std::vector{Outcome::later}));
}

TEST(Backtest, AnotherSubjectOrClassIsAnotherEvent) {
  EXPECT_EQ(outcomes(against({episode(0s, 60s, "d1")}, {episode(0s, 60s, "d2")})),
            (std::vector{Outcome::missed, Outcome::extra}));
  EXPECT_EQ(outcomes(against({episode(0s, 60s)}, {episode(0s, 60s, "d1", AlarmClass::pre_alarm)})),
            (std::vector{Outcome::missed, Outcome::extra}));
}

TEST(Backtest, EachEpisodeOfTheCandidateStandsForOneOfToday) {
  EXPECT_EQ(outcomes(against({episode(0s, 60s), episode(2min, 3min)}, {episode(0s, 60s)})),
            (std::vector{Outcome::caught, Outcome::missed}));
}

TEST(Backtest, CountsWhatPeopleHadSaidOfTheMissed) {
  const Summary real = summarise(against({episode(0s, 60s)}, {}, Verdict::real));
  EXPECT_EQ(std::pair(real.real_missed, real.false_missed), std::pair(std::size_t{1}, std::size_t{0}));
  const Summary cooking = summarise(against({episode(0s, 60s)}, {}, Verdict::cooking));
  EXPECT_EQ(std::pair(cooking.real_missed, cooking.false_missed), std::pair(std::size_t{0}, std::size_t{1}));
  const Summary nobody = summarise(against({episode(0s, 60s)}, {}, Verdict::unknown));
  EXPECT_EQ(nobody.real_missed + nobody.false_missed, 0u);
  EXPECT_EQ(nobody.outcomes[static_cast<std::size_t>(Outcome::missed)], 1u);
}

// --- episodes ---

Batch batch_of(std::string_view kind, Millis at, AlarmClass what = AlarmClass::co_alarm) {
  Alarm alarm;
  alarm.id = AlarmId{7};
  alarm.rule = "rule";
  alarm.alarm_class = what;
  alarm.subject.device = "d1";
  alarm.state = AlarmState::unacknowledged;
  Batch batch;
  batch.alarms.push_back(alarm);
  batch.journal.push_back({kNoon + at, std::string(kind), alarm.id, "d1", "", "", "system", "", ""});
  return batch;
}

TEST(Episodes, AConditionThatFlapsIsOneEpisode) {
  Episodes episodes;
  episodes.add(batch_of("raise", 0s));
  episodes.add(batch_of("clear", 60s));
  episodes.add(batch_of("raise", 10min + 59s));
  episodes.add(batch_of("clear", 12min));
  const auto all = episodes.take();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0], (Episode{"rule", "d1", AlarmClass::co_alarm, kNoon, kNoon + 12min, 2}));
}

TEST(Episodes, OneThatWasGoneForTenMinutesIsAnother) {
  Episodes episodes;
  episodes.add(batch_of("raise", 0s));
  episodes.add(batch_of("clear", 60s));
  episodes.add(batch_of("raise", 11min));
  const auto all = episodes.take();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].raised_at, kNoon + 11min);
  EXPECT_FALSE(all[1].cleared_at);
}

TEST(Episodes, BearTheMostUrgentClassTheyHad) {
  Episodes episodes;
  episodes.add(batch_of("raise", 0s, AlarmClass::pre_alarm));
  episodes.add(batch_of("step", 5s, AlarmClass::fire_alarm));
  episodes.add(batch_of("step", 9s, AlarmClass::pre_alarm));
  const auto all = episodes.take();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].alarm_class, AlarmClass::fire_alarm);
}

TEST(Episodes, WhatPeopleDoIsNoEpisode) {
  Episodes episodes;
  episodes.add(batch_of("raise", 0s));
  episodes.add(batch_of("acknowledge", 30s));
  EXPECT_EQ(episodes.take().size(), 1u);
}

}  // namespace
}  // namespace firegate::replay
