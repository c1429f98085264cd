// The leaves with a memory: tables of (time, value) → judgement, at the limit, in gaps, over clock steps and restarts.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;

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

TestSubject rising() { return TestSubject(rule_when("{point: temperature_c, rises_by: 8, within: 60s}")); }

TEST(Rise, IsTrueExactlyAtItsLimitAndFalseWhenTheWindowIsFull) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c,
      {{0s, "20", Answer::unknown},
       {20s, "24", Answer::unknown},
       {40s, "27.9", Answer::unknown},
       {60s, "27.9", Answer::unchanged},  // the whole minute is seen: no
       {61s, "28.2", Answer::active},     // 20.2 on the line a minute before, 8 above it
       {80s, "28.2", Answer::cleared}});
}

TEST(Rise, OfAllThatWasSeenNeedsNoFullWindow) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c, {{0s, "20", Answer::unknown}, {10s, "28", Answer::active}});
}

TEST(Rise, LooksFromTheLeastNotFromTheFirst) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c,
      {{0s, "25", Answer::unknown},
       {10s, "20", Answer::unknown},
       {20s, "27", Answer::unknown},
       {30s, "28", Answer::active}});
}

TEST(Rise, SlowRiseIsNone) {
  TestSubject subject = rising();
  subject.say(0s, Point::temperature_c, "20");
  for (int i = 1; i < 60; ++i) {
    const Judgement judgement = subject.say(i * 60s, Point::temperature_c, fmt::format("{}", 20 + 7.9 * i));
    EXPECT_EQ(judgement.answer, Answer::unchanged) << i;
  }
}

TEST(Rise, JumpAfterAStandstillOfHoursCountsForItsShareOfTheWindow) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c, {{0s, "20", Answer::unknown}, {1h, "30", Answer::unchanged}});
}

TEST(Rise, FallsTheSameWay) {
  TestSubject subject(rule_when("{point: water_pressure_kpa, falls_by: 100, within: 30s}"));
  run(subject, Point::water_pressure_kpa,
      {{0s, "600", Answer::unknown}, {10s, "550", Answer::unknown}, {20s, "500", Answer::active}});
}

TEST(Rise, AGapBeginsTheWindowAnew) {
  TestSubject subject = rising();
  subject.gap = 25s;
  run(subject, Point::temperature_c,
      {{0s, "20", Answer::unknown},
       {25s, "20", Answer::unknown},  // as long as may be
       {51s, "40", Answer::unknown},  // a gap: what rose before it is not known
       {60s, "40", Answer::unknown},
       {70s, "48", Answer::active},
       {96s, "48", Answer::unknown},  // a gap again: it stays active, nothing is cleared
       {120s, "48", Answer::unknown},
       {145s, "48", Answer::unknown},
       {156s, "48", Answer::cleared}});
}

TEST(Rise, WhatMayNotRaiseIsNoSample) {
  for (const Quality quality : {Quality::retained, Quality::restored, Quality::bad, Quality::simulated}) {
    TestSubject subject = rising();
    run(subject, Point::temperature_c,
        {{0s, "0", Answer::unknown, quality}, {10s, "28", Answer::unknown}, {20s, "30", Answer::unknown}});
  }
}

TEST(Rise, ABacklogWithoutTimesOfItsOwnIsNoRise) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c,
      {{0s, "20", Answer::unknown, Quality::late},
       {1s, "28", Answer::unknown, Quality::late},
       {2s, "36", Answer::unknown, Quality::late},
       {12s, "44", Answer::active}});
}

TEST(Rise, AClockThatWentBackBeginsTheWindowAnew) {
  TestSubject subject = rising();
  run(subject, Point::temperature_c,
      {{1h, "20", Answer::unknown}, {30min, "40", Answer::unknown}, {30min + 10s, "47", Answer::unknown}});
}

TEST(Rise, RingIsBoundedHoweverFastTheDeviceSpeaks) {
  TestSubject subject = rising();
  for (int i = 0; i < 5000; ++i) subject.say(i * 50ms, Point::temperature_c, "20");
  EXPECT_EQ(subject.judge(250s).answer, Answer::unchanged);
  EXPECT_LE(subject.state.bytes(), sizeof(RuleState) + 200 + Window::kMaxSamples * 16);
  EXPECT_EQ(subject.say(251s, Point::temperature_c, "28").answer, Answer::active);
}

TEST(Rise, AskedAgainWithTheSameValuesChangesNothing) {
  TestSubject subject = rising();
  subject.say(0s, Point::temperature_c, "20");
  const RuleState before = subject.state;
  EXPECT_FALSE(subject.judge(30s).changed);
  EXPECT_EQ(subject.state, before);
}

TestSubject deviating(std::string_view side = "deviates_by") {
  return TestSubject(rule_when(fmt::format("{{point: temperature_c, {}: 5, baseline: 1h}}", side)));
}

void teach(TestSubject& subject, const char* value = "20") {
  for (int i = 0; i <= 60; ++i) subject.say(i * 1min, Point::temperature_c, value);
}

TEST(Deviation, IsUnknownUntilItsBaselineIsLearned) {
  TestSubject subject = deviating();
  run(subject, Point::temperature_c, {{0s, "20", Answer::unknown}, {59min, "60", Answer::unknown}});
}

TEST(Deviation, IsTrueExactlyAtItsLimit) {
  TestSubject subject = deviating();
  teach(subject);
  run(subject, Point::temperature_c,
      {{61min, "24.9", Answer::unchanged}, {62min, "20", Answer::unchanged}, {63min, "26", Answer::active}});
  TestSubject below = deviating();
  teach(below);
  run(below, Point::temperature_c, {{61min, "15", Answer::active}, {62min, "20", Answer::cleared}});
}

TEST(Deviation, LooksToTheSideThatIsNamed) {
  TestSubject above = deviating("above_baseline_by"), below = deviating("below_baseline_by");
  teach(above);
  teach(below);
  run(above, Point::temperature_c, {{61min, "10", Answer::unchanged}, {62min, "26", Answer::active}});
  run(below, Point::temperature_c, {{61min, "30", Answer::unchanged}, {62min, "14", Answer::active}});
}

TEST(Deviation, AFireDoesNotTeachItsBaselineQuickly) {
  TestSubject subject = deviating();
  teach(subject);
  EXPECT_EQ(subject.say(61min, Point::temperature_c, "60").answer, Answer::active);
  for (int i = 62; i < 180; ++i) EXPECT_EQ(subject.say(i * 1min, Point::temperature_c, "60").answer, Answer::unchanged);
}

TEST(Deviation, FollowsASlowDrift) {
  TestSubject subject = deviating();
  teach(subject);
  for (int i = 61; i < 1000; ++i) {
    const double value = 20 + 0.05 * (i - 60);
    EXPECT_EQ(subject.say(i * 1min, Point::temperature_c, fmt::format("{}", value)).answer, Answer::unchanged) << i;
  }
}

TEST(Deviation, AGapMakesItLearnAnew) {
  TestSubject subject = deviating();
  subject.gap = 5min;
  teach(subject);
  run(subject, Point::temperature_c, {{66min, "60", Answer::unknown}, {67min, "60", Answer::unknown}});
}

TestSubject counting() {
  return TestSubject(rule_when("{count: {of: {point: door_open, is: true}, at_least: 3, within: 10min}}"));
}

TEST(Count, CountsRisingEdgesWithinItsTime) {
  TestSubject subject = counting();
  run(subject, Point::door_open,
      {{0s, "false", Answer::unknown},
       {1min, "true", Answer::unknown},
       {2min, "true", Answer::unknown},
       {3min, "false", Answer::unknown},
       {4min, "true", Answer::unknown},
       {5min, "false", Answer::unknown},
       {6min, "true", Answer::active},
       {7min, "false", Answer::unchanged},
       {11min - 1ms, "-", Answer::unchanged},
       {11min, "-", Answer::cleared}});  // the first of three is ten minutes old
}

TEST(Count, AsksToBeJudgedWhenTheFirstWillBeTooOld) {
  TestSubject subject = counting();
  for (int i = 0; i < 6; ++i) subject.say(i * 1min, Point::door_open, i % 2 == 0 ? "false" : "true");
  EXPECT_EQ(subject.judge(5min).recheck_at, kStart + 11min);
}

TEST(Count, AChangeFromUnknownIsNoEdge) {
  TestSubject subject = counting();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(subject.say(i * 10s, Point::door_open, i % 2 == 0 ? "?" : "true").answer, Answer::unknown) << i;
  }
}

TEST(Count, ADeviceThatFellSilentClearsNothing) {
  TestSubject subject = counting();
  for (int i = 0; i < 6; ++i) subject.say(i * 1min, Point::door_open, i % 2 == 0 ? "false" : "true");
  ASSERT_TRUE(subject.state.active());
  subject.overdue_at = kStart + 8min;
  EXPECT_EQ(subject.judge(11min).answer, Answer::unknown);
  EXPECT_TRUE(subject.state.active());
}

TEST(Count, CountsPulses) {
  TestSubject subject(rule_when("{count: {of: {point: sos, is: true}, at_least: 2, within: 1min}}"));
  const auto pulse = [&subject](Millis after) {
    const Current current{Point::sos, kNoPort, Quality::good, true, kStart + after, kStart + after, kStart + after};
    SubjectView view = subject.view();
    view.pulse = &current;
    EXPECT_TRUE(count_pulse(subject.rule, view, subject.state, kStart + after));
    return subject.judge(after);
  };
  EXPECT_EQ(pulse(0s).answer, Answer::unchanged);
  EXPECT_EQ(pulse(61s).answer, Answer::unchanged);
  EXPECT_EQ(pulse(120s).answer, Answer::active);
  EXPECT_EQ(subject.judge(121s).answer, Answer::cleared);
}

TEST(Count, OfALimitUsesItsBand) {
  TestSubject subject(
      rule_when("{count: {of: {point: power_w, at_least: 50, clears_below: 30}, at_least: 2, within: 1h}}"));
  run(subject, Point::power_w,
      {{0s, "0", Answer::unknown},
       {1min, "50", Answer::unknown},
       {2min, "40", Answer::unknown},
       {3min, "50", Answer::unknown},
       {4min, "29", Answer::unknown},
       {5min, "50", Answer::active}});
}

TEST(Chattering, CountsChangesOfTheValue) {
  TestSubject subject(rule_when("{point: online, changes: 4, within: 10min}"));
  run(subject, Point::online,
      {{0s, "true", Answer::unknown},
       {1min, "false", Answer::unknown},
       {2min, "false", Answer::unknown},
       {3min, "true", Answer::unknown},
       {4min, "false", Answer::unknown},
       {5min, "true", Answer::active},
       {11min - 1ms, "-", Answer::unchanged},
       {11min, "-", Answer::cleared}});
}

TEST(Stuck, IsTrueWhenTheValueStoodAllTheTime) {
  TestSubject subject(rule_when("{point: temperature_c, unchanged_for: 1h}"));
  subject.gap = 25min;
  run(subject, Point::temperature_c,
      {{0s, "20", Answer::unknown},
       {10min, "21", Answer::unchanged},
       {30min, "21", Answer::unchanged},
       {50min, "21", Answer::unchanged},
       {70min - 1ms, "-", Answer::unchanged},
       {70min, "-", Answer::active},
       {75min, "21", Answer::unchanged},
       {80min, "21.1", Answer::cleared}});
}

TEST(Stuck, AsksToBeJudgedWhenTheTimeIsOver) {
  TestSubject subject(rule_when("{point: temperature_c, unchanged_for: 1h}"));
  EXPECT_EQ(subject.say(0s, Point::temperature_c, "20").recheck_at, kStart + 1h);
}

TEST(Stuck, IsUnknownOverAGapAndOfASilentDevice) {
  TestSubject subject(rule_when("{point: temperature_c, unchanged_for: 1h}"));
  subject.gap = 25min;
  run(subject, Point::temperature_c,
      {{0s, "20", Answer::unknown},
       {20min, "20", Answer::unknown},
       {50min, "20", Answer::unknown},
       {70min, "20", Answer::unknown},
       {90min, "20", Answer::unknown}});
  subject.overdue_at = kStart + 100min;
  EXPECT_EQ(subject.judge(110min).answer, Answer::unknown);
  subject.overdue_at = kNever;
  EXPECT_EQ(subject.judge(110min).answer, Answer::active);
}

// ---- steps ----

Rule stepped(std::string_view steps) {
  Problems problems;
  const RuleSetPtr set = parse_text(
      fmt::format("rules:\n- {{id: r, kinds: any, text: {{zh: 试, en: try}}, source: our choice, steps: {}}}\n", steps),
      problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return set ? (*set)[0] : Rule{};
}

constexpr std::string_view kNotLatching =
    "[{class: supervisory, when: {point: temperature_c, at_least: 40, clears_below: 35}}, "
    "{class: pre_alarm, when: {point: temperature_c, at_least: 60, clears_below: 50}, on_delay: 10s, off_delay: 20s}]";

TEST(Steps, MoveTheClassUpAndDownEachWithItsDelays) {
  TestSubject subject(stepped(kNotLatching));
  const Judgement first = subject.say(0s, Point::temperature_c, "40");
  EXPECT_EQ(first.answer, Answer::active);
  EXPECT_EQ(first.alarm_class, AlarmClass::supervisory);
  EXPECT_EQ(subject.say(1s, Point::temperature_c, "60").recheck_at, kStart + 11s);
  const Judgement second = subject.judge(11s);
  EXPECT_EQ(second.answer, Answer::active);
  EXPECT_EQ(second.alarm_class, AlarmClass::pre_alarm);
  EXPECT_EQ(second.evidence.at(0).limit, 60.0);
  EXPECT_EQ(subject.say(12s, Point::temperature_c, "45").answer, Answer::unchanged);
  const Judgement down = subject.judge(32s);
  EXPECT_EQ(down.answer, Answer::active);
  EXPECT_EQ(down.alarm_class, AlarmClass::supervisory);
  EXPECT_EQ(subject.say(33s, Point::temperature_c, "30").answer, Answer::cleared);
  EXPECT_EQ(subject.state, RuleState{});
}

TEST(Steps, ALatchingClassStaysUntilAllIsOver) {
  TestSubject subject(
      stepped("[{class: pre_alarm, when: {point: gas_lel_pct, at_least: 25}}, {class: gas_alarm, when: {point: "
              "gas_lel_pct, at_least: 50}}]"));
  EXPECT_EQ(subject.say(0s, Point::gas_lel_pct, "60").alarm_class, AlarmClass::gas_alarm);
  EXPECT_EQ(subject.say(1s, Point::gas_lel_pct, "30").answer, Answer::unchanged);
  EXPECT_EQ(subject.state.level(), 2);
  EXPECT_EQ(subject.say(2s, Point::gas_lel_pct, "60").answer, Answer::unchanged);
  EXPECT_EQ(subject.say(3s, Point::gas_lel_pct, "10").answer, Answer::cleared);
  EXPECT_EQ(subject.say(4s, Point::gas_lel_pct, "30").alarm_class, AlarmClass::pre_alarm);
}

TEST(Steps, UnknownOfOneLeavesItsPartAsItWas) {
  TestSubject subject(stepped(
      "[{class: supervisory, when: {point: fault, is: true}}, {class: pre_alarm, when: {point: tamper, is: true}}]"));
  subject.say(0s, Point::fault, "true");
  EXPECT_EQ(subject.say(1s, Point::tamper, "true").alarm_class, AlarmClass::pre_alarm);
  EXPECT_EQ(subject.say(2s, Point::tamper, "?").answer, Answer::unchanged);
  EXPECT_EQ(subject.say(3s, Point::fault, "?").answer, Answer::unknown);
  EXPECT_EQ(subject.state.level(), 2);
}

// ---- trees ----

TEST(Not, TurnsTheAnswerAndKeepsTheUnknown) {
  TestSubject subject(rule_when("{not: {point: pump_running, is: true}}"));
  run(subject, Point::pump_running,
      {{0s, "-", Answer::unknown},
       {0s, "?", Answer::unknown},
       {1s, "false", Answer::active},
       {2s, "true", Answer::cleared}});
  EXPECT_EQ(subject.say(3s, Point::pump_running, "false").evidence.at(0).value, Value{false});
}

// A random condition over three true-or-false points and a number, as YAML.
std::string random_condition(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 9 : 5)) {
    case 0: return "{point: fault, is: true}";
    case 1: return "{point: tamper, is: false}";
    case 2: return "{point: battery_pct, at_most: 20, clears_above: 30}";
    case 3: return "{point: battery_pct, falls_by: 20, within: 60s}";
    case 4: return "{count: {of: {point: fault, is: true}, at_least: 2, within: 2min}}";
    case 5: return "{not: " + random_condition(random, depth - 1) + "}";
    case 6: return "{expression: \"battery_pct < 50 and not tamper\"}";
    default: {
      const char* how = random() % 2 ? "any" : "all";
      return fmt::format("{{{}: [{}, {}]}}", how, random_condition(random, depth - 1),
                         random_condition(random, depth - 1));
    }
  }
}

struct Word {
  Millis after;
  Point point;
  std::string value;
};

std::vector<Word> random_words(std::mt19937& random, int count) {
  std::vector<Word> words;
  Millis now{0};
  for (int i = 0; i < count; ++i) {
    now += Millis{random() % 20'000};
    const Point points[] = {Point::fault, Point::tamper, Point::battery_pct};
    const Point point = points[random() % 3];
    const bool unknown = random() % 8 == 0;
    words.push_back({now, point,
                     unknown                       ? "?"
                     : point == Point::battery_pct ? std::to_string(random() % 100)
                     : random() % 2                ? "true"
                                                   : "false"});
  }
  return words;
}

std::string in_text(const Judgement& judgement) {
  return fmt::format("{} {} {} {}", label(judgement.answer), judgement.level, judgement.evidence.size(),
                     judgement.recheck_at.time_since_epoch().count());
}

// A rule that is written to text and read back after every word, and asked twice each time, answers as one that is not.
TEST(RandomTrees, SerialisedAtAnyCutTheyAnswerTheSame) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    const std::string when = random_condition(random, 3);
    const Rule rule = rule_when(when, random() % 2 ? "on_delay: 15s, off_delay: 10s" : "");
    TestSubject straight(rule), cut(rule);
    straight.gap = cut.gap = 60s;
    for (const Word& word : random_words(random, 60)) {
      const Judgement expected = straight.say(word.after, word.point, word.value);
      if (random() % 3 == 0) {
        const auto read = RuleState::from_text(cut.state.to_text());
        ASSERT_TRUE(read) << cut.state.to_text();
        cut.state = *read;
      }
      ASSERT_EQ(in_text(cut.say(word.after, word.point, word.value)), in_text(expected))
          << "seed " << seed << " " << when;
      const RuleState before = cut.state;
      ASSERT_FALSE(cut.judge(word.after).changed) << "seed " << seed << " " << when;
      ASSERT_EQ(cut.state, before) << "seed " << seed << " " << when;
      ASSERT_EQ(straight.state, cut.state) << "seed " << seed << " " << when;
    }
  }
}

// When our clock is re-anchored, everything moves along: the same answers, later by the step.
TEST(RandomTrees, ShiftedWithTheClockTheyAnswerTheSame) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    const std::string when = random_condition(random, 3);
    const Rule rule = rule_when(when, "on_delay: 15s");
    TestSubject plain(rule), stepped_one(rule);
    const auto words = random_words(random, 40);
    Millis step{0};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i == words.size() / 2) {
        step = 3h;
        stepped_one.state.shift(step);
        stepped_one.shift_values(step);
      }
      const Judgement expected = plain.say(words[i].after, words[i].point, words[i].value);
      const Judgement shifted = stepped_one.say(words[i].after + step, words[i].point, words[i].value);
      ASSERT_EQ(label(shifted.answer), label(expected.answer)) << "seed " << seed << " word " << i << " " << when;
    }
  }
}

// What a tree of leaves without memory must answer, worked out anew from the last words alone.
struct Model {
  std::map<Point, std::string> said;

  Truth leaf(Point point, const std::string& wanted) const {
    const auto found = said.find(point);
    if (found == said.end() || found->second == "?") return Truth::unknown;
    return truth_of(found->second == wanted);
  }
};

struct Tree {
  enum class Kind { leaf, negated, any, all } kind = Kind::leaf;
  Point point{};
  std::string wanted;
  std::vector<Tree> of;

  std::string yaml() const {
    if (kind == Kind::leaf) return fmt::format("{{point: {}, is: {}}}", name(point), wanted);
    if (kind == Kind::negated) return fmt::format("{{not: {}}}", of[0].yaml());
    return fmt::format("{{{}: [{}, {}]}}", kind == Kind::any ? "any" : "all", of[0].yaml(), of[1].yaml());
  }
  bool is_said(const Model& model) const {
    if (kind == Kind::leaf) return model.said.contains(point);
    return std::any_of(of.begin(), of.end(), [&model](const Tree& part) { return part.is_said(model); });
  }
  Truth answer(const Model& model) const {
    if (kind == Kind::leaf) return model.leaf(point, wanted);
    if (kind == Kind::negated) return opposite(of[0].answer(model));
    int yes = 0, no = 0, asked = 0;
    for (const Tree& part : of) {
      if (kind == Kind::any && !part.is_said(model)) continue;
      ++asked;
      yes += part.answer(model) == Truth::yes;
      no += part.answer(model) == Truth::no;
    }
    if (kind == Kind::any) return yes > 0 ? Truth::yes : asked > 0 && no == asked ? Truth::no : Truth::unknown;
    return no > 0 ? Truth::no : yes == asked ? Truth::yes : Truth::unknown;
  }
};

Tree random_tree(std::mt19937& random, int depth) {
  const Point points[] = {Point::fault, Point::tamper, Point::motion};
  Tree tree;
  if (depth == 0 || random() % 4 == 0) {
    tree.point = points[random() % 3];
    tree.wanted = random() % 2 ? "true" : "false";
    return tree;
  }
  tree.kind = static_cast<Tree::Kind>(1 + random() % 3);
  for (int i = 0; i < (tree.kind == Tree::Kind::negated ? 1 : 2); ++i)
    tree.of.push_back(random_tree(random, depth - 1));
  return tree;
}

TEST(RandomTrees, AnswerWhatTheLastWordsSay) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const Tree tree = random_tree(random, 4);
    TestSubject subject(rule_when(tree.yaml()));
    Model model;
    bool active = false;
    for (int i = 0; i < 40; ++i) {
      const Point points[] = {Point::fault, Point::tamper, Point::motion};
      const Point point = points[random() % 3];
      model.said[point] = random() % 4 == 0 ? "?" : random() % 2 ? "true" : "false";
      const Judgement judgement = subject.say(i * 1s, point, model.said[point]);
      const Truth truth = tree.answer(model);
      Answer expected = truth == Truth::unknown ? Answer::unknown : Answer::unchanged;
      if (truth != Truth::unknown && (truth == Truth::yes) != active) {
        active = !active;
        expected = active ? Answer::active : Answer::cleared;
      }
      ASSERT_EQ(label(judgement.answer), label(expected)) << "seed " << seed << " word " << i << " " << tree.yaml();
    }
  }
}

}  // namespace
}  // namespace firegate::rules
