// The alarm lifecycle as a table (architecture, section 5; ISA-18.2 with the letters of its figure, EN 54-2).
// Two axes: the state, and the overlays above it. Pure, constexpr; tests/lifecycle/*.tsv lists every pair.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/alarm.h"

namespace firegate::alarms {

enum class AlarmEvent : std::uint8_t {
  raise,        // the condition became present (again)
  zone_raise,   // another device of the zone raised, or the evidence became stronger
  clear,        // the condition is gone
  acknowledge,  // by a person, as the next four
  unacknowledge,
  reset,
  verdict,
  shelve,          // also: a new end of a shelving
  unshelve,        // by a person
  shelve_timeout,  // its end has come
  suppress,        // by a rule's design
  unsuppress,
  disable,    // a disablement of the device or its zone began
  enable,     // and ended
  step_up,    // its class becomes more urgent, or another of the same urgency
  step_down,  // and less urgent
};

// What a class of alarm demands.
enum class AlarmPolicy : std::uint8_t {
  returning,  // ends by itself once acknowledged and gone; may be shelved and suppressed
  latching,   // holds until reset; neither shelved nor suppressed
  fire,       // latching, and reset only after a verdict
};
constexpr AlarmPolicy policy_of(AlarmClass alarm_class) noexcept {
  const ClassInfo what = info(alarm_class);
  if (what.priority == Priority::fire) return AlarmPolicy::fire;
  return what.latching ? AlarmPolicy::latching : AlarmPolicy::returning;
}

enum class Effect : std::uint8_t {
  announce,          // tell people: new
  announce_again,    // tell people once more
  count_occurrence,  // one more raise
  returned,          // tell people: the condition is gone
  forget_verdict,    // a new occurrence after it had gone needs a verdict of its own
  ended,             // the alarm leaves the list of live alarms
  journal,           // something changed: a row in the journal
  stepped_down,      // tell people: less urgent than it was
};
class EffectSet {
 public:
  constexpr bool has(Effect effect) const noexcept { return bits_ & bit(effect); }
  constexpr bool any() const noexcept { return bits_ != 0; }
  constexpr EffectSet with(Effect effect) const noexcept { return EffectSet(bits_ | bit(effect)); }
  constexpr EffectSet without(Effect effect) const noexcept { return EffectSet(bits_ & ~bit(effect)); }
  constexpr EffectSet() = default;
  friend constexpr bool operator==(EffectSet, EffectSet) = default;

 private:
  constexpr explicit EffectSet(unsigned bits) noexcept : bits_(static_cast<std::uint8_t>(bits)) {}
  static constexpr unsigned bit(Effect effect) noexcept { return 1u << static_cast<unsigned>(effect); }
  std::uint8_t bits_ = 0;
};

// Why an event was not accepted. Events of devices and timers that change nothing are accepted without effects.
enum class Refusal : std::uint8_t {
  none,
  not_active,         // there is nothing to acknowledge, judge or reset
  condition_present,  // reset while the condition is there
  not_latched,        // reset of what does not hold
  not_acknowledged,   // reset before acknowledging
  verdict_missing,    // reset of a fire nobody has judged
  never_shelved,      // the class refuses shelving
  not_shelved,        // unshelve of what is not shelved
  never_suppressed,   // the class refuses suppression by design
  never_down,         // the class holds: it becomes no less urgent
};

// What the table looks at.
struct Standing {
  AlarmState state = AlarmState::normal;
  OverlaySet overlays;
  bool has_verdict = false;
  friend constexpr bool operator==(const Standing&, const Standing&) = default;
};

struct Transition {
  Standing next;
  EffectSet effects;
  Refusal refusal = Refusal::none;
  friend constexpr bool operator==(const Transition&, const Transition&) = default;
};

// `policy`: of the alarm's class; for a step the stricter of those of both classes.
Transition step(const Standing& from, AlarmPolicy policy, AlarmEvent event) noexcept;

std::string_view explain(Refusal refusal) noexcept;  // for people: "the condition is still present"

}  // namespace firegate::alarms

namespace firegate {
template <>
struct Labels<alarms::AlarmEvent> {
  static constexpr std::array<std::string_view, 16> list{
      "raise",    "zone_raise",     "clear",    "acknowledge", "unacknowledge", "reset",  "verdict", "shelve",
      "unshelve", "shelve_timeout", "suppress", "unsuppress",  "disable",       "enable", "step_up", "step_down"};
};
template <>
struct Labels<alarms::AlarmPolicy> {
  static constexpr std::array<std::string_view, 3> list{"returning", "latching", "fire"};
};
template <>
struct Labels<alarms::Effect> {
  static constexpr std::array<std::string_view, 8> list{"announce", "announce_again", "count_occurrence",
                                                        "returned", "forget_verdict", "ended",
                                                        "journal",  "stepped_down"};
};
template <>
struct Labels<alarms::Refusal> {
  static constexpr std::array<std::string_view, 10> list{
      "none",          "not_active",  "condition_present", "not_latched", "not_acknowledged", "verdict_missing",
      "never_shelved", "not_shelved", "never_suppressed",  "never_down"};
};
}  // namespace firegate
