// evaluate: the pure judgement of one rule on one subject (a device or one port of it). Time is a parameter; the same
// values, state and time give the same answer. Call it when a point that the rule looks at changed, and at `recheck_at`
// with `now` = that deadline (timers due fire before a message of the same or a later time).
//
// Three-valued: missing, unknown, bad, restored, retained and stale values (of a device that is overdue) are unknown.
//   unknown starts no delay and clears nothing. It does not stop a delay that runs either: while unknown the delay does
//   not fire; the next known answer decides: the same one fires at once when the time has passed, the opposite one
//   stops it. exactly at the limit is true; between limit and clear limit a test stays what it was, false when it never
//   was true. a clock that went back never lengthens a delay: what is left is at most the delay. Forward, a delay fires
//   early. When our own clock is re-anchored, call `shift` instead: nothing fires early or late.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "core/current_values.h"
#include "rules/rule.h"

namespace firegate::rules {

// What a rule may see of its subject.
struct SubjectView {
  const CurrentValues& values;
  Port port = kNoPort;  // of the subject; a point that the port has not is looked for on the device as a whole
  // readings::Liveness; kNever both: the device's silence says nothing.
  Instant overdue_at = kNever;  // from then on all values are stale
  Instant lost_at = kNever;     // from then on the device is lost
  std::optional<Instant> last_heard;

  const Current* find(Point point) const noexcept;
};

// What a rule remembers of one subject; saved with the batch. A default one is what a new subject has: keep only
// others.
class RuleState {
 public:
  bool active() const noexcept { return active_; }
  // Raised from a retained value: see accept_unproven.
  bool unproven() const noexcept { return unproven_; }
  Instant due() const noexcept { return due_; }  // end of the delay that runs; kNever: none
  void shift(Millis step) noexcept;

  // "" for a default state. Reading back is exact; none when the text is not ours.
  std::string to_text() const;
  static std::optional<RuleState> from_text(std::string_view text) noexcept;

  friend bool operator==(const RuleState&, const RuleState&) = default;

 private:
  friend class Evaluation;
  friend void accept_unproven(RuleState& state) noexcept;

  Instant due_ = kNever;
  std::uint8_t held_ = 0;  // a bit per test with hysteresis: it was true when last known
  bool active_ = false;
  bool unproven_ = false;
};

enum class Answer : std::uint8_t {
  unchanged,  // known, and as before (or a delay runs)
  active,     // raise now
  cleared,    // clear now
  unknown,    // raise nothing, clear nothing
};

struct Judgement {
  Answer answer = Answer::unchanged;
  // The worst quality of the values behind the answer. active: good or late (mark the alarm late).
  // unknown: why; with `would_raise` and `retained` it is a fire that rose while we were away.
  Quality quality = Quality::good;
  bool would_raise = false;          // unknown only because of quality: with good values it were true
  std::vector<Evidence> evidence{};  // active and would_raise: the values that speak for it
  Instant recheck_at = kNever;       // evaluate again then, whatever happens before
};

Judgement evaluate(const Rule& rule, const SubjectView& view, RuleState& state, Instant now);

// The partition raised an unverified alarm from a retained value (would_raise). The rule then counts as active, so that
// a good `false` clears it; a good `true` answers `active` once more, which makes the alarm a proven one.
void accept_unproven(RuleState& state) noexcept;

// A pulse (readings::is_pulse): something happened. Active when one of the rule's tests holds for it; `unchanged`
// otherwise, for rules with an on-delay (a pulse does not last), for `all` of several tests, and for qualities that may
// not raise. The rule's state stays as it is. The alarm is raised and, unless state.active(), cleared at once.
Judgement evaluate_pulse(const Rule& rule, const Current& pulse);

}  // namespace firegate::rules

namespace firegate {
template <>
struct Labels<rules::Answer> {
  static constexpr std::array<std::string_view, 4> list{"unchanged", "active", "cleared", "unknown"};
};
}  // namespace firegate
