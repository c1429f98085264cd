#include "rules/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;

// "2026-11-22 21:59" by the clock of Shanghai.
Instant local(std::string text) {
  text[10] = 'T';
  return *instant_from_text(text + ":00+08:00");
}

const Schedule& schedule_of(const Rule& rule) { return *rule.steps[0].when.as<Schedule>(); }

Schedule during(std::string_view how, CalendarPtr calendar = nullptr) {
  const Rule rule = rule_when(fmt::format("{{during: {}}}", how));
  Schedule made = schedule_of(rule);
  made.calendar = std::move(calendar);
  return made;
}

CalendarPtr calendar_of(std::string_view yaml, Problems& problems) {
  const auto node = settings::parse_yaml(yaml, "calendar.yaml", problems);
  return node ? parse_calendar(*node, problems) : nullptr;
}

TEST(Schedule, HoursBeginAndEndToTheMinute) {
  const Schedule work = during("{from: \"08:30\", to: \"17:00\"}");
  EXPECT_FALSE(work.holds(local("2026-11-23 08:30") - 1ms));
  EXPECT_TRUE(work.holds(local("2026-11-23 08:30")));
  EXPECT_TRUE(work.holds(local("2026-11-23 17:00") - 1ms));
  EXPECT_FALSE(work.holds(local("2026-11-23 17:00")));
}

TEST(Schedule, HoursOverMidnightBelongToTheDayTheyBegan) {
  const Schedule night = during("{days: [fri], from: \"22:00\", to: \"06:00\"}");
  EXPECT_TRUE(night.holds(local("2026-11-27 22:00")));  // Friday
  EXPECT_TRUE(night.holds(local("2026-11-28 05:59")));  // Saturday's early hours
  EXPECT_FALSE(night.holds(local("2026-11-28 06:00")));
  EXPECT_FALSE(night.holds(local("2026-11-27 05:59")));  // of Thursday's night
  EXPECT_FALSE(night.holds(local("2026-11-28 22:00")));
}

TEST(Schedule, WholeDaysAreThoseOfShanghai) {
  const Schedule sunday = during("{days: [sun]}");
  EXPECT_TRUE(sunday.holds(*instant_from_text("2026-11-21T16:00:00Z")));
  EXPECT_FALSE(sunday.holds(*instant_from_text("2026-11-21T15:59:59Z")));
  EXPECT_FALSE(sunday.holds(*instant_from_text("2026-11-22T16:00:00Z")));
}

TEST(Schedule, WorkingAndFreeDaysFollowTheCalendar) {
  Problems problems;
  const auto calendar = calendar_of("{holidays: [2026-10-01], working_days: [2026-10-10]}", problems);
  ASSERT_TRUE(problems.empty());
  const Schedule working = during("{days: working}", calendar), free = during("{days: free}", calendar);
  EXPECT_FALSE(working.holds(local("2026-10-01 12:00")));  // a Thursday
  EXPECT_TRUE(free.holds(local("2026-10-01 12:00")));
  EXPECT_TRUE(working.holds(local("2026-10-10 12:00")));  // a Saturday
  EXPECT_FALSE(free.holds(local("2026-10-10 12:00")));
  EXPECT_TRUE(during("{days: working}").holds(local("2026-10-01 12:00"))) << "no calendar: Monday to Friday";
  EXPECT_TRUE(during("{days: free}").holds(local("2026-10-11 12:00")));
}

TEST(Schedule, HolidaysMayBeLeftOutOrCountAlone) {
  Problems problems;
  const auto calendar = calendar_of("{holidays: [2026-10-01]}", problems);
  EXPECT_FALSE(during("{days: [thu], holidays: left_out}", calendar).holds(local("2026-10-01 12:00")));
  EXPECT_TRUE(during("{days: [thu], holidays: left_out}", calendar).holds(local("2026-10-08 12:00")));
  EXPECT_TRUE(during("{holidays: only}", calendar).holds(local("2026-10-01 12:00")));
  EXPECT_FALSE(during("{holidays: only}", calendar).holds(local("2026-10-02 12:00")));
  EXPECT_TRUE(during("{days: [thu]}", calendar).holds(local("2026-10-01 12:00")));
}

TEST(Schedule, NeverChangesBetweenTheTimesItNames) {
  Problems problems;
  const auto calendar = calendar_of("{holidays: [2026-11-24]}", problems);
  for (const char* how : {"{from: \"22:00\", to: \"06:00\"}", "{days: [mon, wed]}", "{days: working, to: \"12:00\"}",
                          "{days: [tue], from: \"23:30\", to: \"00:30\", holidays: left_out}"}) {
    const Schedule schedule = during(how, calendar);
    for (Instant now = local("2026-11-20 00:00"); now < local("2026-11-30 00:00"); now += 7min) {
      const Instant next = schedule.next_change(now);
      ASSERT_GT(next, now);
      ASSERT_LE(next, now + 24h);
      ASSERT_EQ(schedule.holds(now), schedule.holds(next - 1ms)) << how << " " << to_text(now);
    }
  }
}

TEST(ScheduledRule, IsJudgedAgainWhenItsHoursBegin) {
  TestSubject subject(rule_when("{all: [{point: door_open, is: true}, {during: {from: \"22:00\", to: \"06:00\"}}]}"));
  const Judgement day = subject.say(0s, Point::door_open, "true");  // 11:00 in Shanghai
  EXPECT_EQ(day.answer, Answer::unchanged);
  EXPECT_EQ(day.recheck_at, kStart + 11h);
  EXPECT_EQ(subject.judge(11h).answer, Answer::active);
  EXPECT_EQ(subject.judge(19h).answer, Answer::cleared);
}

TEST(ScheduledRule, AsksForNoTimeWhileSomethingElseDecides) {
  TestSubject subject(rule_when("{all: [{point: door_open, is: true}, {during: {from: \"22:00\", to: \"06:00\"}}]}"));
  EXPECT_EQ(subject.say(11h, Point::door_open, "false").recheck_at, kNever);
}

TEST(CalendarFile, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"{holidays: [2026-02-30]}", "expected a date"},
      {"{holidays: [2026-2-3]}", "expected a date"},
      {"{holidays: 2026-01-01}", "expected a list"},
      {"{hollidays: []}", "did you mean \"holidays\""},
      {"{holidays: [2026-01-01], working_days: [2026-01-01]}", "found 2026-01-01, which is a holiday as well"}};
  for (const auto& [yaml, says] : rows) {
    Problems problems;
    calendar_of(yaml, problems);
    ASSERT_EQ(problems.list().size(), 1u) << yaml;
    EXPECT_THAT(to_text(problems.list()[0]), testing::HasSubstr(says));
  }
}

TEST(CalendarFile, TheDeliveredOneIsSound) {
  Problems problems;
  const auto node =
      settings::load_yaml(std::string(FIREGATE_SOURCE_DIR) + "/config/calendar.yaml", "calendar.yaml", problems);
  ASSERT_TRUE(node);
  const auto calendar = parse_calendar(*node, problems);
  ASSERT_TRUE(problems.empty());
  EXPECT_TRUE(calendar->is_holiday(std::chrono::sys_days{std::chrono::year{2026} / 10 / 1}));
  EXPECT_TRUE(calendar->is_working(std::chrono::sys_days{std::chrono::year{2026} / 10 / 10}));
}

}  // namespace
}  // namespace firegate::rules
