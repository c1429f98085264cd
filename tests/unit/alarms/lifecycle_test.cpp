// The table of alarms/lifecycle against tests/lifecycle/*.tsv, pair by pair, and random walks over it.
#include "alarms/lifecycle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace firegate::alarms {
namespace {

using Cells = std::vector<std::string>;

enum { kState, kOverlays, kVerdict, kPolicy, kEvent, kNextState, kNextOverlays, kNextVerdict, kEffects, kCellCount };

struct Row {
  std::string where;  // file:line
  Cells cells;
};

struct Case {
  Standing from;
  AlarmPolicy policy{};
  AlarmEvent event{};
};

Cells split(const std::string& text, char by) {
  Cells parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) parts.push_back(part);
  return parts;
}

std::vector<Row> read_rows(const std::string& file) {
  std::vector<Row> rows;
  std::ifstream in(std::string(FIREGATE_SOURCE_DIR) + "/tests/lifecycle/" + file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#' || line.starts_with("state\t")) continue;
    rows.push_back({fmt::format("{}:{}", file, number), split(line, '\t')});
  }
  return rows;
}

std::vector<Row> all_rows() {
  std::vector<Row> rows = read_rows("states.tsv");
  for (const char* file : {"overlays.tsv", "steps.tsv"}) {
    for (Row& row : read_rows(file)) rows.push_back(std::move(row));
  }
  return rows;
}

OverlaySet overlays_of(unsigned bits) {
  OverlaySet overlays;
  for (unsigned i = 0; i < label_count<Overlay>(); ++i) {
    if (bits & (1u << i)) overlays.set(static_cast<Overlay>(i));
  }
  return overlays;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (std::size_t state = 0; state < label_count<AlarmState>(); ++state) {
    for (unsigned overlays = 0; overlays < 8; ++overlays) {
      for (const bool verdict : {false, true}) {
        for (std::size_t policy = 0; policy < label_count<AlarmPolicy>(); ++policy) {
          for (std::size_t event = 0; event < label_count<AlarmEvent>(); ++event) {
            cases.push_back({{static_cast<AlarmState>(state), overlays_of(overlays), verdict},
                             static_cast<AlarmPolicy>(policy),
                             static_cast<AlarmEvent>(event)});
          }
        }
      }
    }
  }
  return cases;
}

std::string text_of(const Case& at) {
  std::string overlays;
  for (unsigned i = 0; i < label_count<Overlay>(); ++i) {
    if (at.from.overlays.has(static_cast<Overlay>(i))) overlays += std::string(label(static_cast<Overlay>(i))) + " ";
  }
  return fmt::format("{} [{}] verdict {} {} {}", label(at.from.state), overlays, at.from.has_verdict, label(at.policy),
                     label(at.event));
}

bool lists(const std::string& cell, std::string_view word) {
  const Cells words = split(cell, '|');
  return cell == "*" || std::find(words.begin(), words.end(), word) != words.end();
}

Overlay overlay_named(std::string_view name) {
  const auto overlay = from_label<Overlay>(name);
  if (!overlay) throw std::runtime_error("no such overlay: " + std::string(name));
  return *overlay;
}

bool is_held(OverlaySet overlays) {
  return overlays.has(Overlay::shelved) || overlays.has(Overlay::suppressed_by_design);
}

bool matches_overlays(const std::string& cell, OverlaySet overlays) {
  if (cell == "held") return is_held(overlays) && !overlays.has(Overlay::out_of_service);
  if (cell == "*") return true;
  if (cell == "none") return !overlays.any();
  if (cell == "any") return overlays.any();
  const Cells parts = split(cell, ':');
  const Overlay overlay = overlay_named(parts.at(1));
  OverlaySet others = overlays;
  others.clear(overlay);
  if (parts[0] == "lacks") return !overlays.has(overlay);
  if (parts[0] == "has") return overlays.has(overlay);
  if (parts[0] == "only") return overlays.has(overlay) && !others.any();
  if (parts[0] == "more") return overlays.has(overlay) && others.any();
  throw std::runtime_error("unreadable overlays: " + cell);
}

bool matches(const Row& row, const Case& at) {
  return lists(row.cells[kState], label(at.from.state)) && matches_overlays(row.cells[kOverlays], at.from.overlays) &&
         lists(row.cells[kVerdict], at.from.has_verdict ? "yes" : "no") &&
         lists(row.cells[kPolicy], label(at.policy)) && lists(row.cells[kEvent], label(at.event));
}

template <typename Enum>
Enum named(const std::string& word) {
  const auto value = from_label<Enum>(word);
  if (!value) throw std::runtime_error("no such word: " + word);
  return *value;
}

Transition expected(const Row& row, const Case& at) {
  Transition transition{at.from, {}};
  if (row.cells[kNextState] != "same") transition.next.state = named<AlarmState>(row.cells[kNextState]);
  const std::string& overlay = row.cells[kNextOverlays];
  if (overlay[0] == '+') transition.next.overlays.set(overlay_named(overlay.substr(1)));
  if (overlay == "-held") {
    transition.next.overlays.clear(Overlay::shelved);
    transition.next.overlays.clear(Overlay::suppressed_by_design);
  } else if (overlay[0] == '-') {
    transition.next.overlays.clear(overlay_named(overlay.substr(1)));
  }
  if (row.cells[kNextVerdict] != "same") transition.next.has_verdict = row.cells[kNextVerdict] == "yes";
  const std::string& effects = row.cells[kEffects];
  if (effects.starts_with("refuse:")) {
    transition.refusal = named<Refusal>(effects.substr(7));
  } else if (effects != "-") {
    for (const std::string& effect : split(effects, ',')) {
      transition.effects = transition.effects.with(named<Effect>(effect));
    }
  }
  return transition;
}

TEST(LifecycleTable, EveryRowHasEveryCell) {
  const std::vector<Row> rows = all_rows();
  EXPECT_GT(rows.size(), 60u);
  for (const Row& row : rows) EXPECT_EQ(row.cells.size(), std::size_t{kCellCount}) << row.where;
}

TEST(LifecycleTable, EveryCaseStandsInExactlyOneRow) {
  const std::vector<Row> rows = all_rows();
  for (const Case& at : all_cases()) {
    std::string found;
    int count = 0;
    for (const Row& row : rows) {
      if (!matches(row, at)) continue;
      ++count;
      found += row.where + " ";
    }
    ASSERT_EQ(count, 1) << text_of(at) << ": listed in " << found;
  }
}

TEST(LifecycleTable, EveryCaseGoesWhereItsRowSays) {
  const std::vector<Row> rows = all_rows();
  std::size_t checked = 0;
  for (const Case& at : all_cases()) {
    for (const Row& row : rows) {
      if (!matches(row, at)) continue;
      EXPECT_EQ(step(at.from, at.policy, at.event), expected(row, at)) << text_of(at) << ": " << row.where;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 6u * 8u * 2u * 3u * 16u);
}

TEST(LifecycleTable, EveryRowIsUsed) {
  const std::vector<Case> cases = all_cases();
  for (const Row& row : all_rows()) {
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&row](const Case& at) { return matches(row, at); }))
        << row.where;
  }
}

TEST(LifecyclePolicy, FollowsTheClass) {
  EXPECT_EQ(policy_of(AlarmClass::fire_alarm), AlarmPolicy::fire);
  for (const AlarmClass latching :
       {AlarmClass::gas_alarm, AlarmClass::co_alarm, AlarmClass::lift_entrapment, AlarmClass::one_key_alarm}) {
    EXPECT_EQ(policy_of(latching), AlarmPolicy::latching) << label(latching);
  }
  for (const AlarmClass returning : {AlarmClass::pre_alarm, AlarmClass::charging_hazard, AlarmClass::fault}) {
    EXPECT_EQ(policy_of(returning), AlarmPolicy::returning) << label(returning);
  }
}

TEST(LifecycleRefusal, IsExplainedInWords) {
  EXPECT_EQ(explain(Refusal::none), "accepted");
  for (std::size_t i = 1; i < label_count<Refusal>(); ++i) {
    EXPECT_GT(explain(static_cast<Refusal>(i)).size(), 10u) << label(static_cast<Refusal>(i));
  }
}

// Random walks: what must hold whatever comes in whatever order.
class LifecycleWalk : public testing::TestWithParam<AlarmPolicy> {
 protected:
  // What an outside observer remembers of the walk since the alarm was last normal.
  struct Seen {
    bool acknowledged = false, judged = false, reset = false;
  };

  void walk(unsigned seed) {
    std::mt19937 random(seed);
    Standing at;
    Seen seen;
    for (int i = 0; i < 20'000; ++i) {
      const auto event = static_cast<AlarmEvent>(random() % label_count<AlarmEvent>());
      const Transition transition = step(at, GetParam(), event);
      check(at, event, transition);
      observe(event, transition, seen);
      if (at.state != AlarmState::normal && transition.next.state == AlarmState::normal) {
        check_end(seen);
        ++ends_;
      }
      if (transition.next.state == AlarmState::normal) seen = {};
      at = transition.next;
    }
  }

  void check(const Standing& from, AlarmEvent event, const Transition& transition) {
    const EffectSet effects = transition.effects;
    const bool tells = effects.has(Effect::announce) || effects.has(Effect::announce_again);
    ASSERT_FALSE(tells && transition.next.overlays.any()) << "announced while overlaid by " << label(event);
    ASSERT_FALSE(tells && !needs_acknowledgement(transition.next.state)) << "announced by " << label(event);
    ASSERT_EQ(transition.next != from || effects.any(), effects.has(Effect::journal)) << label(event);
    if (transition.refusal != Refusal::none) {
      ASSERT_EQ(transition.next, from);
    }
    if (GetParam() != AlarmPolicy::returning) {
      ASSERT_FALSE(transition.next.overlays.has(Overlay::shelved));
      ASSERT_FALSE(transition.next.overlays.has(Overlay::suppressed_by_design));
    } else {
      ASSERT_NE(transition.next.state, AlarmState::latched_acknowledged);
      ASSERT_NE(transition.next.state, AlarmState::latched_unacknowledged);
    }
    const bool needed = needs_acknowledgement(from.state), needs = needs_acknowledgement(transition.next.state);
    const bool newly_open = needs && (!needed || (from.overlays.any() && !transition.next.overlays.any()));
    if (newly_open && !transition.next.overlays.any()) {
      ASSERT_TRUE(tells) << "silent " << label(event);
    }
  }

  static void observe(AlarmEvent event, const Transition& transition, Seen& seen) {
    if (transition.refusal != Refusal::none) return;
    if (event == AlarmEvent::acknowledge) seen.acknowledged = true;
    if (needs_acknowledgement(transition.next.state)) seen.acknowledged = false;
    if (event == AlarmEvent::verdict) seen.judged = true;
    if (transition.effects.has(Effect::forget_verdict)) seen.judged = false;
    if (event == AlarmEvent::reset) seen.reset = true;
  }

  // No alarm goes away before somebody acknowledged it; a latching one not before a reset, a fire not before a verdict.
  void check_end(const Seen& seen) {
    ASSERT_TRUE(seen.acknowledged);
    if (GetParam() != AlarmPolicy::returning) {
      ASSERT_TRUE(seen.reset);
    }
    if (GetParam() == AlarmPolicy::fire) {
      ASSERT_TRUE(seen.judged);
    }
  }

  int ends_ = 0;
};

TEST_P(LifecycleWalk, KeepsTheInvariants) {
  const unsigned walks = std::getenv("FIREGATE_LONG") ? 170 : 20;  // 10 million steps over the three policies
  for (unsigned seed = 1; seed <= walks && !HasFatalFailure(); ++seed) walk(seed);
  EXPECT_GT(ends_, 1000) << "the walks hardly ever end an alarm and prove little";
}

INSTANTIATE_TEST_SUITE_P(Policies, LifecycleWalk,
                         testing::Values(AlarmPolicy::returning, AlarmPolicy::latching, AlarmPolicy::fire),
                         [](const auto& policy) { return std::string(label(policy.param)); });

}  // namespace
}  // namespace firegate::alarms
