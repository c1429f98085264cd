// evaluate: the pure judgement of one rule on one subject (a device or one port of it). Time is a parameter; the same
// values, state and time give the same answer. Call it when a point that the rule looks at was said, when what it sees
// of others changed, and at `recheck_at` with `now` = that deadline (timers due fire before a message of the same or a
// later time). What the conditions answer, and when they do not know: conditions.h.
//
// Delays: unknown starts no delay and clears nothing. It does not stop a delay that runs either: while unknown the
// delay
//   does not fire; the next known answer decides: the same one fires at once when the time has passed, the opposite one
//   stops it. Exactly at the limit is true; between limit and clear limit a test stays what it was, false when it never
//   was true. A clock that went back never lengthens a delay: what is left is at most the delay. Forward, a delay fires
//   early. When our own clock is re-anchored, call `shift` instead: nothing fires early or late.
//
// Steps: each has its own condition and delays. The last one that is active gives the alarm its class: a change of it
//   answers `active` with the new class. A latching class does not give way to one that does not latch before the whole
//   rule has cleared.
#pragma once

#include <string_view>
#include <vector>

#include "rules/conditions.h"

namespace firegate::rules {

enum class Answer : std::uint8_t {
  unchanged,  // known, and as before (or a delay runs)
  active,     // raise now
  cleared,    // clear now
  unknown,    // raise nothing, clear nothing
};

struct Judgement {
  Answer answer = Answer::unchanged;
  // active, and unknown that would raise: the class of the alarm, and its step counted from 1.
  AlarmClass alarm_class{};
  std::uint8_t level = 0;
  // The worst quality of the values behind the answer. active: good or late (mark the alarm late).
  // unknown: why; with `would_raise` and `retained` it is a fire that rose while we were away.
  Quality quality = Quality::good;
  bool would_raise = false;          // unknown only because of quality: with good values it were true
  bool changed = false;              // the state is another now: save it
  std::vector<Evidence> evidence{};  // active and would_raise: the values that speak for it
  Instant recheck_at = kNever;       // evaluate again then, whatever happens before
};

Judgement evaluate(const Rule& rule, const SubjectView& view, RuleState& state, Instant now);

// The partition raised an unverified alarm from a retained value (would_raise). The rule then counts as active in that
// step, so that a good `false` clears it; a good `true` answers `active` once more, which makes the alarm a proven one.
void accept_unproven(RuleState& state, std::uint8_t level = 1) noexcept;

// A pulse (readings::is_pulse): something happened; `view.pulse` is it and stands for its point, the other points have
// their current values. Active when a step without an on-delay is true and the pulse speaks for it; `unchanged`
// otherwise, and for qualities that may not raise. The alarm is raised and, unless state.active(), cleared at once.
Judgement evaluate_pulse(const Rule& rule, const SubjectView& view, const RuleState& state, Instant now);

// Counts the pulse where the rule counts pulses of its kind. True when the state changed: evaluate the rule then.
bool count_pulse(const Rule& rule, const SubjectView& view, RuleState& state, Instant now);

}  // namespace firegate::rules

namespace firegate {
template <>
struct Labels<rules::Answer> {
  static constexpr std::array<std::string_view, 4> list{"unchanged", "active", "cleared", "unknown"};
};
}  // namespace firegate
