#include "duty/alarm_figures.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::duty {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const Instant kFrom = *instant_from_text("2026-11-22T00:00:00Z");
const Instant kTo = kFrom + 24h;

AlarmEvent raised(Instant at, std::uint64_t alarm = 1, std::string subject = "d1",
                  AlarmClass alarm_class = AlarmClass::fault) {
  return {AlarmEvent::Kind::raised, at, AlarmId{alarm}, "lost", std::move(subject), alarm_class};
}
AlarmEvent acknowledged(Instant at, std::uint64_t alarm = 1) {
  return {AlarmEvent::Kind::acknowledged, at, AlarmId{alarm}, "lost", "d1", AlarmClass::fault};
}
AlarmFigures of(std::vector<AlarmEvent> events) { return figures_of(std::move(events), {}, kFrom, kTo); }

TEST(AlarmFigures, OfNothingAreZero) {
  const AlarmFigures figures = of({});
  EXPECT_EQ(figures.raises, 0u);
  EXPECT_EQ(figures.per_day, 0);
  EXPECT_EQ(figures.in_flood_pct, 0);
  EXPECT_EQ(figures.bad_actors_pct, 0);
  EXPECT_FALSE(figures.acknowledge_median);
}

TEST(AlarmFigures, RatesAreOverTheWholeTime) {
  std::vector<AlarmEvent> events;
  for (int i = 0; i < 144; ++i) events.push_back(raised(kFrom + i * 10min));
  const AlarmFigures figures = of(events);
  EXPECT_DOUBLE_EQ(figures.per_day, 144);
  EXPECT_DOUBLE_EQ(figures.per_hour, 6);
  EXPECT_DOUBLE_EQ(figures.per_10_min, 1);
  EXPECT_EQ(figures.most_in_10_min, 1u) << "a window holds its first moment and not its last";
}

TEST(AlarmFigures, CountByPriority) {
  const AlarmFigures figures = of({raised(kFrom), raised(kFrom, 2, "d2", AlarmClass::fire_alarm), raised(kFrom + 1s)});
  EXPECT_EQ(figures.by_priority.at(Priority::fault), 2u);
  EXPECT_EQ(figures.by_priority.at(Priority::fire), 1u);
  EXPECT_EQ(figures.by_priority.size(), 2u);
}

TEST(AlarmFigures, TenInTenMinutesAreNoFlood) {
  std::vector<AlarmEvent> events;
  for (int i = 0; i < 10; ++i) events.push_back(raised(kFrom + i * 1s));
  EXPECT_EQ(of(events).in_flood_pct, 0);
  EXPECT_EQ(of(events).most_in_10_min, 10u);
}

// Eleven at once after an hour: in flood until fewer than five are left, that is when they leave the window.
TEST(AlarmFigures, AFloodLastsUntilFewerThanFiveAreLeft) {
  std::vector<AlarmEvent> events;
  for (int i = 0; i < 11; ++i) events.push_back(raised(kFrom + 1h + i * 1min / 2));
  const AlarmFigures figures = of(events);
  // From the eleventh (5 min) to when the seventh leaves (3 min + 10 min): 8 of 1,440 minutes.
  EXPECT_NEAR(figures.in_flood_pct, 100.0 * 8 / 1440, 1e-9);
  EXPECT_FALSE(figures.in_flood);
  EXPECT_EQ(figures.most_in_10_min, 11u);
}

TEST(AlarmFigures, AFloodMayStillGoOn) {
  std::vector<AlarmEvent> events;
  for (int i = 0; i < 11; ++i) events.push_back(raised(kTo - 1min));
  const AlarmFigures figures = of(events);
  EXPECT_TRUE(figures.in_flood);
  EXPECT_NEAR(figures.in_flood_pct, 100.0 / 1440, 1e-9);
}

TEST(AlarmFigures, BadActorsAreTheTenThatRaiseMost) {
  std::vector<AlarmEvent> events;
  for (int device = 1; device <= 12; ++device) {
    for (int i = 0; i < device; ++i) events.push_back(raised(kFrom + i * 1h, 1, fmt::format("d{:02}", device)));
  }
  const AlarmFigures figures = of(events);
  ASSERT_EQ(figures.bad_actors.size(), 10u);
  EXPECT_EQ(figures.bad_actors.front().subject, "d12");
  EXPECT_EQ(figures.bad_actors.front().raises, 12u);
  EXPECT_EQ(figures.bad_actors.back().subject, "d03");
  EXPECT_NEAR(figures.bad_actors_pct, 100.0 * 75 / 78, 1e-9);
}

TEST(AlarmFigures, EquallyBadOnesStandInTheOrderOfTheirNames) {
  const AlarmFigures figures = of({raised(kFrom, 1, "b"), raised(kFrom, 2, "a")});
  EXPECT_EQ(figures.bad_actors.at(0).subject, "a");
}

TEST(AlarmFigures, TimeToAcknowledgeRunsFromTheFirstRaise) {
  const AlarmFigures figures =
      of({raised(kFrom), raised(kFrom + 20s), acknowledged(kFrom + 30s), acknowledged(kFrom + 40s)});
  EXPECT_EQ(figures.acknowledged, 1u) << "the second acknowledges nothing new";
  EXPECT_EQ(figures.acknowledge_median, 30s);
}

TEST(AlarmFigures, MedianAndNinetyFifthAreNearestRanks) {
  std::vector<AlarmEvent> events;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    events.push_back(acknowledged(kFrom + id * 1s, id));
    events.push_back(raised(kFrom, id));
  }
  const AlarmFigures figures = of(events);
  EXPECT_EQ(figures.acknowledged, 20u);
  EXPECT_EQ(figures.acknowledge_median, 10s);
  EXPECT_EQ(figures.acknowledge_p95, 19s);
}

TEST(AlarmFigures, AnAcknowledgementWithoutARaiseInTheTimeIsNotCounted) {
  EXPECT_EQ(of({acknowledged(kFrom + 1s)}).acknowledged, 0u);
}

TEST(AlarmFigures, LookAtWhatIsLive) {
  Alarm old, fresh, shelved, gone;
  old.id = AlarmId{1};
  old.state = AlarmState::acknowledged;
  old.last_raised_at = kTo - 24h - 1ms;
  fresh.id = AlarmId{2};
  fresh.state = AlarmState::unacknowledged;
  fresh.last_raised_at = kTo - 24h;
  fresh.chattering = true;
  shelved.id = AlarmId{3};
  shelved.state = AlarmState::unacknowledged;
  shelved.last_raised_at = kTo - 72h;
  for (const Overlay overlay : {Overlay::shelved, Overlay::suppressed_by_design, Overlay::out_of_service}) {
    shelved.overlays.set(overlay);
  }
  gone.id = AlarmId{4};
  gone.state = AlarmState::latched_unacknowledged;
  gone.last_raised_at = kTo - 72h;
  const AlarmFigures figures = figures_of({}, {old, fresh, shelved, gone}, kFrom, kTo);
  EXPECT_EQ(figures.standing, 3u);
  EXPECT_EQ(figures.unacknowledged, 2u);
  EXPECT_THAT(figures.stale, ElementsAre(AlarmId{3}, AlarmId{1}));
  EXPECT_THAT(figures.chattering, ElementsAre(AlarmId{2}));
  EXPECT_EQ(figures.shelved, 1u);
  EXPECT_EQ(figures.suppressed, 1u);
  EXPECT_EQ(figures.out_of_service, 1u);
}

}  // namespace
}  // namespace firegate::duty
