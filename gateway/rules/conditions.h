// Walk: asks the conditions of one rule about one subject. Feeds the windows on its way, which changes nothing when it
// is done again with the same values, so a rule may be asked as often as one likes.
//
// Three-valued: missing, unknown, bad, restored, retained and stale values (of a device that is overdue) are unknown.
// A window answers `yes` from what it has seen; `no` only when it has seen its whole time without a gap; else unknown.
#pragma once

#include <vector>

#include "rules/rule_state.h"
#include "rules/subject.h"

namespace firegate::rules {

// What one condition answers.
struct Finding {
  Truth truth = Truth::unknown;   // as far as the quality of the values allows
  Truth raw = Truth::unknown;     // whatever their quality
  bool said = true;               // false: the device has never said any of its points
  Quality worst = Quality::good;  // among the values that were said
  Instant changes_at = kNever;    // the answer may change then by time alone
};

// The values that speak for an answer.
struct Spoken {
  std::vector<Evidence> evidence;
  Quality worst = Quality::good;
};

class Walk {
 public:
  // Feeds what `state` remembers.
  Walk(const SubjectView& view, RuleState& state, const Rule& rule, Instant now) noexcept
      : view_(view), state_(state), feeds_(&state), windows_(rule.windows), now_(now) {}
  // Only reads it.
  Walk(const SubjectView& view, const RuleState& state, Instant now) noexcept : view_(view), state_(state), now_(now) {}

  Finding find(const Condition& condition);
  // What speaks for `wanted` as the answer of the condition; `which` is Finding::truth or Finding::raw.
  void collect(const Condition& condition, Truth Finding::*which, Truth wanted, Spoken& spoken);

  // A pulse of what is counted came.
  void count(const Count& leaf) { window_to_feed(leaf.window).feed_pulse(leaf, now_); }

  // Whether the windows or the bands of the state were changed.
  bool changed() const noexcept { return changed_; }

 private:
  Finding find_leaf(const Group& leaf);
  Finding find_leaf(const Not& leaf);
  Finding find_leaf(const Is& leaf);
  Finding find_leaf(const Limit& leaf);
  Finding find_leaf(const Rise& leaf);
  Finding find_leaf(const Deviation& leaf);
  Finding find_leaf(const Count& leaf);
  Finding find_leaf(const Chatter& leaf);
  Finding find_leaf(const Stuck& leaf);
  Finding find_leaf(const Absence& leaf);
  Finding find_leaf(const Schedule& leaf);
  Finding find_leaf(const InZone& leaf);
  Finding find_leaf(const Nearby& leaf);
  Finding find_leaf(const Expression& leaf);
  Finding find_leaf(const FirePattern& leaf);

  bool stale() const noexcept { return now_ >= view_.overdue_at; }
  Quality quality_of(const Current& current) const noexcept;
  Finding judged(const Current* current, Truth raw) const noexcept;
  Window& window_to_feed(std::size_t no);
  template <typename Leaf>
  const Window* fed(const Leaf& leaf, const Current* current);
  void feed_pattern();
  void collect_leaf(const Condition& condition, Spoken& spoken) const;
  void collect_pattern(Spoken& spoken) const;
  void collect_point(Point point, std::optional<double> limit, Spoken& spoken) const;

  const SubjectView& view_;
  const RuleState& state_;
  RuleState* feeds_ = nullptr;  // null: read only
  std::uint8_t windows_ = 0;
  Instant now_;
  bool changed_ = false;
};

// What a device contributes to a look of others (partition/neighbours.h).
enum class Part : std::uint8_t { absent, no, unknown, yes };  // rising: of several ports the greatest counts
struct Contribution {
  Part part = Part::absent;
  Instant changes_at = kNever;
};
// `state`: of the look's rule on this device and port; a default one where the rule is of other kinds.
Contribution contribution_to(const Condition& condition, const SubjectView& view, const RuleState& state, Instant now);

}  // namespace firegate::rules
