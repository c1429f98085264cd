#include "rules/evaluate.h"

#include <gtest/gtest.h>

#include <random>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;

constexpr auto kTemperature = Point::port_temperature_c;

// One row of a table of (time, value) → judgement.
struct Step {
  Millis after;
  const char* value;  // "-": nothing is said, only the time has come
  Answer answer;
  Quality quality = Quality::good;
};

void run(TestSubject& subject, Point point, std::initializer_list<Step> steps) {
  for (const Step& step : steps) {
    const bool silent = std::string_view(step.value) == "-";
    const Judgement judgement =
        silent ? subject.judge(step.after) : subject.say(step.after, point, step.value, step.quality);
    EXPECT_EQ(label(judgement.answer), label(step.answer)) << step.after.count() << " ms: " << step.value;
  }
}

TEST(Match, RaisesOnceAndClearsOnce) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  run(subject, Point::smoke,
      {{0s, "false", Answer::unchanged},
       {1s, "true", Answer::active},
       {2s, "true", Answer::unchanged},
       {3s, "false", Answer::cleared},
       {4s, "false", Answer::unchanged},
       {5s, "true", Answer::active}});
}

TEST(Match, UnknownRaisesAndClearsNothing) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  run(subject, Point::smoke,
      {{0s, "?", Answer::unknown},
       {1s, "true", Answer::active},
       {2s, "?", Answer::unknown},
       {3s, "true", Answer::unchanged}});
  EXPECT_TRUE(subject.state.active());
}

TEST(Match, PointNeverSaidIsUnknown) {
  TestSubject subject(rule_when("{point: smoke, is: true}"));
  EXPECT_EQ(subject.judge(0s).answer, Answer::unknown);
}

TEST(Match, AnyOfSeveralValues) {
  TestSubject subject(rule_when("{point: stop_reason, is: [smoke, fire_system]}"));
  run(subject, Point::stop_reason,
      {{0s, "full", Answer::unchanged},
       {1s, "smoke", Answer::active},
       {2s, "fire_system", Answer::unchanged},
       {3s, "user", Answer::cleared}});
}

TEST(Match, GivesTheValueAsEvidence) {
  TestSubject subject(rule_when("{point: smoke, is: true}"));
  const Judgement judgement = subject.say(5s, Point::smoke, "true");
  ASSERT_EQ(judgement.evidence.size(), 1u);
  EXPECT_EQ(judgement.evidence[0].point, Point::smoke);
  EXPECT_EQ(judgement.evidence[0].value, Value{true});
  EXPECT_EQ(judgement.evidence[0].at, kStart + 5s);
  EXPECT_FALSE(judgement.evidence[0].limit);
}

TEST(Threshold, AtLeastIsTrueExactlyAtItsLimit) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}"));
  run(subject, kTemperature,
      {{0s, "64.9", Answer::unchanged}, {1s, "65", Answer::active}, {2s, "64.9", Answer::cleared}});
}

TEST(Threshold, AboveIsFalseExactlyAtItsLimit) {
  TestSubject subject(rule_when("{point: port_temperature_c, above: 65}"));
  run(subject, kTemperature,
      {{0s, "65", Answer::unchanged}, {1s, "65.1", Answer::active}, {2s, "65", Answer::cleared}});
}

TEST(Threshold, AtMostIsTrueExactlyAtItsLimit) {
  TestSubject subject(rule_when("{point: battery_pct, at_most: 20}"));
  run(subject, Point::battery_pct,
      {{0s, "20.1", Answer::unchanged}, {1s, "20", Answer::active}, {2s, "20.1", Answer::cleared}});
}

TEST(Threshold, BelowIsFalseExactlyAtItsLimit) {
  TestSubject subject(rule_when("{point: battery_pct, below: 20}"));
  run(subject, Point::battery_pct,
      {{0s, "20", Answer::unchanged}, {1s, "19.9", Answer::active}, {2s, "20", Answer::cleared}});
}

TEST(Threshold, HoldsInsideItsBandAndClearsBeyondIt) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65, clears_below: 60}"));
  run(subject, kTemperature,
      {{0s, "62", Answer::unchanged},  // in the band, never was true
       {1s, "65", Answer::active},
       {2s, "62", Answer::unchanged},  // in the band, was true
       {3s, "60", Answer::unchanged},  // at the clear limit
       {4s, "59.9", Answer::cleared},
       {5s, "62", Answer::unchanged}});  // in the band, was false
  EXPECT_FALSE(subject.state.active());
}

TEST(Threshold, HoldsInsideTheBandOfALowerLimit) {
  TestSubject subject(rule_when("{point: water_pressure_kpa, below: 100, clears_above: 110}"));
  run(subject, Point::water_pressure_kpa,
      {{0s, "105", Answer::unchanged},
       {1s, "99", Answer::active},
       {2s, "110", Answer::unchanged},
       {3s, "110.5", Answer::cleared}});
}

TEST(Threshold, BandOutlivesAGap) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65, clears_below: 60}"));
  run(subject, kTemperature,
      {{0s, "70", Answer::active},
       {1s, "?", Answer::unknown},
       {2s, "62", Answer::unchanged},
       {3s, "59", Answer::cleared}});
}

TEST(Threshold, GivesItsLimitAsEvidence) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}"));
  EXPECT_EQ(subject.say(0s, kTemperature, "70").evidence.at(0).limit, 65.0);
}

TEST(OnDelay, FiresAtItsDeadline) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  EXPECT_EQ(subject.say(0s, kTemperature, "70").recheck_at, kStart + 10s);
  run(subject, kTemperature, {{9999ms, "-", Answer::unchanged}, {10s, "-", Answer::active}});
}

TEST(OnDelay, StartsAnewAfterAFalse) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged}, {9s, "60", Answer::unchanged}, {11s, "70", Answer::unchanged}});
  EXPECT_EQ(subject.judge(12s).recheck_at, kStart + 21s);
}

TEST(OnDelay, RunsOnWhileTheConditionIsRepeated) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged}, {5s, "71", Answer::unchanged}, {10s, "72", Answer::active}});
}

TEST(OnDelay, RunsOnInsideTheBand) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65, clears_below: 60}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged}, {5s, "62", Answer::unchanged}, {10s, "-", Answer::active}});
}

TEST(OnDelay, DoesNotFireInAGapAndFiresAfterItWhenStillTrue) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged},
       {5s, "?", Answer::unknown},
       {10s, "-", Answer::unknown},
       {30s, "70", Answer::active}});
}

TEST(OnDelay, IsStoppedByAFalseAfterAGap) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged}, {5s, "?", Answer::unknown}, {30s, "20", Answer::unchanged}});
  EXPECT_EQ(subject.state, RuleState{});
}

TEST(OffDelay, ClearsAtItsDeadline) {
  TestSubject subject(rule_when("{point: fault, is: true}", "off_delay: 10s"));
  run(subject, Point::fault, {{0s, "true", Answer::active}, {1s, "false", Answer::unchanged}});
  EXPECT_EQ(subject.judge(2s).recheck_at, kStart + 11s);
  run(subject, Point::fault, {{11s, "-", Answer::cleared}});
}

TEST(OffDelay, IsStoppedByATrue) {
  TestSubject subject(rule_when("{point: fault, is: true}", "off_delay: 10s"));
  run(subject, Point::fault,
      {{0s, "true", Answer::active},
       {1s, "false", Answer::unchanged},
       {5s, "true", Answer::unchanged},
       {11s, "-", Answer::unchanged}});
  EXPECT_TRUE(subject.state.active());
}

TEST(ClockStep, BackNeverLengthensADelay) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  subject.say(3600s, kTemperature, "70");
  EXPECT_EQ(subject.judge(5s).recheck_at, kStart + 15s);
  EXPECT_EQ(subject.judge(15s).answer, Answer::active);
}

TEST(ClockStep, ForwardFiresEarlyAndNotTwice) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  run(subject, kTemperature,
      {{0s, "70", Answer::unchanged}, {3600s, "-", Answer::active}, {3601s, "-", Answer::unchanged}});
}

TEST(ClockStep, ShiftMovesADelayWithTheClock) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  subject.say(0s, kTemperature, "70");
  subject.state.shift(1h);
  run(subject, kTemperature, {{1h + 9s, "-", Answer::unchanged}, {1h + 10s, "-", Answer::active}});
  RuleState idle;
  idle.shift(1h);
  EXPECT_EQ(idle, RuleState{});
}

TEST(RuleQuality, LateRaisesMarkedLateAndClears) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  const Judgement judgement = subject.say(0s, Point::smoke, "true", Quality::late);
  EXPECT_EQ(judgement.answer, Answer::active);
  EXPECT_EQ(judgement.quality, Quality::late);
  EXPECT_EQ(subject.say(1s, Point::smoke, "false", Quality::late).answer, Answer::cleared);
}

TEST(RuleQuality, OthersRaiseAndClearNothing) {
  for (const Quality quality :
       {Quality::retained, Quality::restored, Quality::stale, Quality::bad, Quality::historical, Quality::simulated}) {
    TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
    run(subject, Point::smoke,
        {{0s, "true", Answer::unknown, quality},
         {1s, "true", Answer::active},
         {2s, "false", Answer::unknown, quality}});
    EXPECT_TRUE(subject.state.active()) << label(quality);
  }
}

TEST(RuleQuality, RetainedFireIsToldWithItsEvidence) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  const Judgement judgement = subject.say(0s, Point::smoke, "true", Quality::retained);
  EXPECT_EQ(judgement.answer, Answer::unknown);
  EXPECT_TRUE(judgement.would_raise);
  EXPECT_EQ(judgement.quality, Quality::retained);
  ASSERT_EQ(judgement.evidence.size(), 1u);
  EXPECT_FALSE(subject.say(1s, Point::smoke, "false", Quality::retained).would_raise);
}

TEST(RuleQuality, UnprovenFireIsClearedByAGoodFalse) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  subject.say(0s, Point::smoke, "true", Quality::retained);
  accept_unproven(subject.state);
  EXPECT_FALSE(subject.judge(1s).would_raise) << "once is enough";
  EXPECT_EQ(subject.say(2s, Point::smoke, "false").answer, Answer::cleared);
  EXPECT_EQ(subject.state, RuleState{});
}

TEST(RuleQuality, UnprovenFireIsRaisedOnceMoreByAGoodTrue) {
  TestSubject subject(rule_when("{point: smoke, is: true}", "", "fire_alarm"));
  subject.say(0s, Point::smoke, "true", Quality::retained);
  accept_unproven(subject.state);
  const Judgement judgement = subject.say(2s, Point::smoke, "true");
  EXPECT_EQ(judgement.answer, Answer::active);
  EXPECT_EQ(judgement.evidence.size(), 1u);
  EXPECT_EQ(subject.judge(3s).answer, Answer::unchanged);
}

TEST(Stale, ValuesOfAnOverdueDeviceRaiseAndClearNothing) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}", "on_delay: 10s"));
  subject.overdue_at = kStart + 8s;
  subject.say(0s, kTemperature, "70");
  const Judgement judgement = subject.judge(10s);
  EXPECT_EQ(judgement.answer, Answer::unknown);
  EXPECT_EQ(judgement.quality, Quality::stale);
  subject.overdue_at = kNever;  // it is heard again
  EXPECT_EQ(subject.judge(60s).answer, Answer::active);
}

TEST(Any, OneTrueIsEnough) {
  TestSubject subject(rule_when("{any: [{point: battery_low, is: true}, {point: battery_pct, at_most: 20}]}"));
  EXPECT_EQ(subject.say(0s, Point::battery_pct, "15").answer, Answer::active);
  EXPECT_EQ(subject.say(1s, Point::battery_low, "true").answer, Answer::unchanged);
  EXPECT_EQ(subject.say(2s, Point::battery_pct, "90").answer, Answer::unchanged);
  EXPECT_EQ(subject.say(3s, Point::battery_low, "false").answer, Answer::cleared);
}

TEST(Any, PointNeverSaidTakesNoPart) {
  TestSubject subject(rule_when("{any: [{point: battery_low, is: true}, {point: battery_pct, at_most: 20}]}"));
  EXPECT_EQ(subject.say(0s, Point::battery_pct, "15").answer, Answer::active);
  EXPECT_EQ(subject.say(1s, Point::battery_pct, "90").answer, Answer::cleared);
}

TEST(Any, PointThatBecameUnknownKeepsItActive) {
  TestSubject subject(rule_when("{any: [{point: battery_low, is: true}, {point: battery_pct, at_most: 20}]}"));
  subject.say(0s, Point::battery_low, "true");
  subject.say(1s, Point::battery_pct, "90");
  EXPECT_EQ(subject.say(2s, Point::battery_low, "?").answer, Answer::unknown);
  EXPECT_TRUE(subject.state.active());
}

TEST(All, NeedsEveryTest) {
  TestSubject subject(rule_when("{all: [{point: port_state, is: idle}, {point: power_w, at_least: 50}]}"));
  EXPECT_EQ(subject.say(0s, Point::power_w, "80").answer, Answer::unknown);
  EXPECT_EQ(subject.say(1s, Point::port_state, "charging").answer, Answer::unchanged);
  const Judgement judgement = subject.say(2s, Point::port_state, "idle");
  EXPECT_EQ(judgement.answer, Answer::active);
  EXPECT_EQ(judgement.evidence.size(), 2u);
  EXPECT_EQ(subject.say(3s, Point::power_w, "?").answer, Answer::unknown);
  EXPECT_EQ(subject.say(4s, Point::port_state, "charging").answer, Answer::cleared);
}

TEST(Ports, PortIsJudgedByItsOwnValuesFirst) {
  TestSubject subject(rule_when("{point: port_temperature_c, at_least: 65}"), 3);
  subject.hear(0s, kTemperature, "90", Quality::good, 2);
  subject.hear(0s, kTemperature, "90", Quality::good, kNoPort);
  EXPECT_EQ(subject.say(1s, kTemperature, "20").answer, Answer::unchanged);
  EXPECT_EQ(subject.say(2s, kTemperature, "70").evidence.at(0).port, 3);
}

TEST(Ports, PortSeesWhatTheDeviceSays) {
  TestSubject subject(rule_when("{point: water_ingress, is: true}"), 3);
  subject.hear(0s, Point::water_ingress, "true");
  EXPECT_EQ(subject.judge(0s).answer, Answer::active);
}

TEST(Ports, PerPortRuleIgnoresTheDeviceAsAWhole) {
  TestSubject whole(rule_when("{point: power_w, above: 800}", "per_port: true"));
  EXPECT_EQ(whole.say(0s, Point::power_w, "5000").answer, Answer::unchanged);
  TestSubject port(rule_when("{point: power_w, above: 800}", "per_port: true"), 1);
  EXPECT_EQ(port.say(0s, Point::power_w, "5000").answer, Answer::active);
}

TEST(Absence, RaisesAtItsDeadlineAndClearsWithTheNextWord) {
  TestSubject subject(rule_when("{not_heard: {}}"));
  subject.overdue_at = subject.lost_at = kStart + 150min;
  const Judgement waiting = subject.judge(0s);
  EXPECT_EQ(waiting.answer, Answer::unchanged);
  EXPECT_EQ(waiting.recheck_at, kStart + 150min);
  EXPECT_EQ(subject.judge(150min - 1ms).answer, Answer::unchanged);
  const Judgement lost = subject.judge(150min);
  EXPECT_EQ(lost.answer, Answer::active);
  ASSERT_EQ(lost.evidence.size(), 1u);
  EXPECT_EQ(lost.evidence[0].point, Point::online);
  EXPECT_EQ(lost.evidence[0].value, Value{false});
  subject.overdue_at = subject.lost_at = kStart + 400min;
  const Judgement back = subject.judge(200min);
  EXPECT_EQ(back.answer, Answer::cleared);
  EXPECT_EQ(back.recheck_at, kStart + 400min);
}

TEST(Absence, IsUnknownDuringTheGraceAfterARestart) {
  TestSubject subject(rule_when("{not_heard: {}}"));
  subject.overdue_at = kStart - 1h;
  subject.lost_at = kStart + 1h;
  const Judgement judgement = subject.judge(0s);
  EXPECT_EQ(judgement.answer, Answer::unknown);
  EXPECT_EQ(judgement.recheck_at, kStart + 1h);
  EXPECT_EQ(subject.judge(1h).answer, Answer::active);
}

TEST(Absence, LostBeforeARestartStaysLostDuringTheGrace) {
  TestSubject subject(rule_when("{not_heard: {}}"));
  subject.state = *RuleState::from_text("a");
  subject.overdue_at = kStart - 1h;
  subject.lost_at = kStart + 1h;
  EXPECT_EQ(subject.judge(0s).answer, Answer::unknown);
  EXPECT_EQ(subject.judge(1h).answer, Answer::unchanged);
  EXPECT_TRUE(subject.state.active());
}

TEST(Absence, OfADeviceWithoutDeadlineIsNeverRaised) {
  TestSubject subject(rule_when("{not_heard: {}}"));
  EXPECT_EQ(subject.judge(24h * 365).answer, Answer::unchanged);
}

Current pulse(Point point, std::string_view text, Quality quality = Quality::good, Port port = kNoPort) {
  return {point, port, quality, value_of(point, text), kStart, kStart, kStart};
}

Judgement evaluate_pulse(const Rule& rule, const Current& pulse) {
  const CurrentValues nothing;
  SubjectView view{nothing, pulse.port};
  view.pulse = &pulse;
  return rules::evaluate_pulse(rule, view, RuleState{}, kStart);
}

TEST(PulseRule, RaisesAndLeavesNoState) {
  const Rule rule = rule_when("{point: sos, is: true}", "", "one_key_alarm");
  const Judgement judgement = evaluate_pulse(rule, pulse(Point::sos, "true", Quality::late, 2));
  EXPECT_EQ(judgement.answer, Answer::active);
  EXPECT_EQ(judgement.quality, Quality::late);
  ASSERT_EQ(judgement.evidence.size(), 1u);
  EXPECT_EQ(judgement.evidence[0].port, 2);
}

TEST(PulseRule, FalseUnknownAndOtherPointsSayNothing) {
  const Rule rule = rule_when("{point: sos, is: true}", "", "one_key_alarm");
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::sos, "false")).answer, Answer::unchanged);
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::sos, "?")).answer, Answer::unchanged);
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::smoke, "true")).answer, Answer::unchanged);
}

TEST(PulseRule, QualityThatMayNotRaiseDoesNot) {
  const Rule rule = rule_when("{point: sos, is: true}", "", "one_key_alarm");
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::sos, "true", Quality::retained)).answer, Answer::unchanged);
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::sos, "true", Quality::historical)).answer, Answer::unchanged);
}

TEST(PulseRule, DoesNotLast) {
  const Rule rule = rule_when("{point: door_held, is: true}", "on_delay: 3min");
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::door_held, "true")).answer, Answer::unchanged);
}

TEST(PulseRule, IsNoWholeOfSeveralTests) {
  const Rule rule = rule_when("{all: [{point: sos, is: true}, {point: motion, is: true}]}");
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::sos, "true")).answer, Answer::unchanged);
}

TEST(PulseRule, OfAWholeDeviceIsNothingToAPerPortRule) {
  const Rule rule = rule_when("{point: stop_reason, is: smoke}", "per_port: true");
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::stop_reason, "smoke")).answer, Answer::unchanged);
  EXPECT_EQ(evaluate_pulse(rule, pulse(Point::stop_reason, "smoke", Quality::good, 4)).answer, Answer::active);
}

TEST(State, IsSmallAndSaysNothingWhenItIsDefault) {
  EXPECT_LE(sizeof(RuleState), 32u);
  EXPECT_EQ(RuleState{}.to_text(), "");
  EXPECT_EQ(RuleState::from_text(""), RuleState{});
}

TEST(State, IsDefaultWhileNothingIsHeldOrPending) {
  TestSubject subject(rule_when("{all: [{point: port_state, is: idle}, {point: power_w, above: 50}]}"));
  subject.say(0s, Point::port_state, "idle");
  subject.say(1s, Point::power_w, "20");
  EXPECT_EQ(subject.state, RuleState{}) << "a test without a band needs no memory";
}

TEST(State, SurvivesItsText) {
  TestSubject subject(
      rule_when("{any: [{point: fault, is: true}, {point: battery_pct, at_most: 20, clears_above: 30}]}",
                "on_delay: 10s, off_delay: 10s"));
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    subject.say(i * 3s, random() % 2 ? Point::fault : Point::battery_pct, random() % 2 ? "25" : "10");
    if (random() % 40 == 0) accept_unproven(subject.state);
    EXPECT_EQ(RuleState::from_text(subject.state.to_text()), subject.state) << subject.state.to_text();
  }
}

TEST(State, AnAbsentPartIsADefaultOne) {
  Kept<int> absent, made, other;
  made.make();
  other.make() = 7;
  EXPECT_EQ(absent, made);
  EXPECT_NE(absent, other);
  const Kept<int> copy = other;
  other.make() = 8;
  EXPECT_EQ(*copy.get(), 7) << "a copy stands by itself";
  other.drop();
  EXPECT_EQ(other, absent);
}

TEST(State, RefusesForeignText) {
  for (const char* text :
       {"x", "ah", "d", "a1", "dx", "h99999999999", "ua", "s1", "s1l9", "e0:1", "w", "w[", "w[1,2,3,4]", "p1", "d1 "}) {
    EXPECT_FALSE(RuleState::from_text(text)) << text;
  }
}

// Against a plain model that looks at the whole history: raised when the condition held without a false for on_delay.
TEST(EvaluateWalk, AgreesWithTheModel) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    TestSubject subject(rule_when("{point: fault, is: true}", "on_delay: 10s, off_delay: 5s"));
    bool active = false;
    constexpr Millis kNotRunning{-1};
    Millis opposite_since = kNotRunning;
    Millis now{0};
    for (int i = 0; i < 300; ++i) {
      now += Millis{random() % 6'000};
      const auto said = random() % 5;
      const Judgement judgement = subject.say(now, Point::fault, said == 0 ? "?" : said < 3 ? "true" : "false");
      Answer expected = Answer::unchanged;
      if (said == 0) {
        expected = Answer::unknown;
      } else if ((said < 3) == active) {
        opposite_since = kNotRunning;
      } else {
        if (opposite_since == kNotRunning) opposite_since = now;
        if (now - opposite_since >= (active ? 5s : 10s)) {
          active = !active;
          opposite_since = kNotRunning;
          expected = active ? Answer::active : Answer::cleared;
        }
      }
      ASSERT_EQ(label(judgement.answer), label(expected)) << "seed " << seed << " step " << i;
      ASSERT_EQ(subject.state.active(), active);
    }
  }
}

}  // namespace
}  // namespace firegate::rules
