#include "alarms/lifecycle.h"

namespace firegate::alarms {
namespace {

// One cell of the table: where to, with which effects; or why not.
struct Cell {
  AlarmState next;
  EffectSet effects;
  Refusal refusal = Refusal::none;
};

constexpr auto A = AlarmState::normal;
constexpr auto B = AlarmState::unacknowledged;
constexpr auto C = AlarmState::acknowledged;
constexpr auto D = AlarmState::returned_unacknowledged;
constexpr auto E = AlarmState::latched_unacknowledged;
constexpr auto F = AlarmState::latched_acknowledged;

constexpr EffectSet kJournal = EffectSet{}.with(Effect::journal);
constexpr EffectSet kCount = kJournal.with(Effect::count_occurrence);
constexpr EffectSet kNew = kCount.with(Effect::announce).with(Effect::forget_verdict);
constexpr EffectSet kAnew = kCount.with(Effect::announce_again).with(Effect::forget_verdict);
constexpr EffectSet kCallAgain = kJournal.with(Effect::announce_again);
constexpr EffectSet kReturn = kJournal.with(Effect::returned);

constexpr Cell to(AlarmState next, EffectSet effects) { return {next, effects}; }
constexpr Cell stay(AlarmState state) { return {state, EffectSet{}}; }
constexpr Cell no(AlarmState state, Refusal why) { return {state, EffectSet{}, why}; }

enum Column : std::uint8_t { raise, zone_raise, clear, clear_latching, acknowledge, unacknowledge, reset, kColumns };

// clang-format off
constexpr std::array<std::array<Cell, kColumns>, label_count<AlarmState>()> kTable{{
    //   raise         zone_raise         clear           clear_latching  acknowledge                   unacknowledge                 reset
    {{to(B, kNew),  stay(A),           stay(A),        stay(A),        no(A, Refusal::not_active),   no(A, Refusal::not_active),   no(A, Refusal::not_active)}},
    {{to(B, kCount), stay(B),          to(D, kReturn), to(E, kReturn), to(C, kJournal),              stay(B),                      no(B, Refusal::condition_present)}},
    {{to(C, kCount), to(B, kCallAgain), to(A, kReturn), to(F, kReturn), stay(C),                     to(B, kCallAgain),            no(C, Refusal::condition_present)}},
    {{to(B, kAnew), stay(D),           stay(D),        stay(D),        to(A, kJournal),              stay(D),                      no(D, Refusal::not_latched)}},
    {{to(B, kAnew), stay(E),           stay(E),        stay(E),        to(F, kJournal),              stay(E),                      no(E, Refusal::not_acknowledged)}},
    {{to(B, kAnew), to(E, kCallAgain), stay(F),        stay(F),        stay(F),                      to(E, kCallAgain),            to(A, kJournal)}},
}};
// clang-format on

Cell cell(AlarmState state, Column column) noexcept { return kTable[static_cast<std::size_t>(state)][column]; }

// The state axis; verdicts stand beside the table because they change no state.
Cell step_state(const Standing& from, AlarmPolicy policy, AlarmEvent event) noexcept {
  const bool latches = policy != AlarmPolicy::returning;
  switch (event) {
    case AlarmEvent::raise: return cell(from.state, raise);
    case AlarmEvent::zone_raise: return cell(from.state, zone_raise);
    case AlarmEvent::clear: return cell(from.state, latches ? clear_latching : clear);
    case AlarmEvent::acknowledge: return cell(from.state, acknowledge);
    case AlarmEvent::unacknowledge: return cell(from.state, unacknowledge);
    case AlarmEvent::verdict: return from.state == A ? no(A, Refusal::not_active) : to(from.state, kJournal);
    case AlarmEvent::reset: {
      const bool unjudged = policy == AlarmPolicy::fire && !from.has_verdict;
      return from.state == F && unjudged ? no(F, Refusal::verdict_missing) : cell(from.state, reset);
    }
    default: return stay(from.state);
  }
}

Transition move_state(const Standing& from, AlarmPolicy policy, AlarmEvent event) noexcept {
  const Cell found = step_state(from, policy, event);
  Transition transition{from, found.effects, found.refusal};
  transition.next.state = found.next;
  if (found.refusal == Refusal::none && event == AlarmEvent::verdict) transition.next.has_verdict = true;
  if (found.effects.has(Effect::forget_verdict)) transition.next.has_verdict = false;
  return transition;
}

Transition refuse(const Standing& from, Refusal why) noexcept { return {from, EffectSet{}, why}; }

Transition set_overlay(const Standing& from, Overlay overlay) noexcept {
  if (from.overlays.has(overlay) && overlay != Overlay::shelved) return {from, EffectSet{}};
  Transition transition{from, kJournal};
  transition.next.overlays.set(overlay);
  return transition;
}

// `keeps_acknowledgement`: false for the end of time of a shelving, which nobody has looked at.
Transition end_overlay(const Standing& from, Overlay overlay, bool keeps_acknowledgement) noexcept {
  if (!from.overlays.has(overlay)) return {from, EffectSet{}};
  Transition transition{from, kJournal};
  transition.next.overlays.clear(overlay);
  AlarmState& state = transition.next.state;
  if (!keeps_acknowledgement && state == C) state = B;
  if (!keeps_acknowledgement && state == F) state = E;
  if (needs_acknowledgement(state)) transition.effects = kCallAgain;
  return transition;
}

bool is_live(const Standing& standing) noexcept {
  return standing.state != AlarmState::normal || standing.overlays.any();
}

// The condition is there and more urgent: as new, and nothing that was said of it before holds. What has gone is only
// held by the other class: the raise that comes with it says the rest.
Transition step_up(const Standing& from, AlarmPolicy policy) noexcept {
  if (!is_live(from)) return {from, EffectSet{}};
  Transition transition{from, kJournal};
  Standing& next = transition.next;
  const bool latches = policy != AlarmPolicy::returning;
  if (latches) {
    next.overlays.clear(Overlay::shelved);
    next.overlays.clear(Overlay::suppressed_by_design);
  }
  const bool present = condition_present(from.state);
  if (present) {
    next.state = B;
    next.has_verdict = false;
    transition.effects = kCallAgain.with(Effect::forget_verdict);
  } else if (needs_acknowledgement(from.state) && next.overlays != from.overlays) {
    transition.effects = kCallAgain;
  }
  if (latches && from.state == D) next.state = E;
  return transition;
}

Transition step_down(const Standing& from, AlarmPolicy policy) noexcept {
  if (policy != AlarmPolicy::returning) return refuse(from, Refusal::never_down);
  if (!is_live(from)) return {from, EffectSet{}};
  return {from, condition_present(from.state) ? kJournal.with(Effect::stepped_down) : kJournal};
}

Transition move(const Standing& from, AlarmPolicy policy, AlarmEvent event) noexcept {
  const bool latches = policy != AlarmPolicy::returning;
  switch (event) {
    case AlarmEvent::shelve:
      return latches ? refuse(from, Refusal::never_shelved) : set_overlay(from, Overlay::shelved);
    case AlarmEvent::unshelve:
      return from.overlays.has(Overlay::shelved) ? end_overlay(from, Overlay::shelved, true)
                                                 : refuse(from, Refusal::not_shelved);
    case AlarmEvent::shelve_timeout: return end_overlay(from, Overlay::shelved, false);
    case AlarmEvent::suppress:
      return latches ? refuse(from, Refusal::never_suppressed) : set_overlay(from, Overlay::suppressed_by_design);
    case AlarmEvent::unsuppress: return end_overlay(from, Overlay::suppressed_by_design, true);
    case AlarmEvent::disable: return set_overlay(from, Overlay::out_of_service);
    case AlarmEvent::enable: return end_overlay(from, Overlay::out_of_service, true);
    case AlarmEvent::step_up: return step_up(from, policy);
    case AlarmEvent::step_down: return step_down(from, policy);
    default: return move_state(from, policy, event);
  }
}

}  // namespace

Transition step(const Standing& from, AlarmPolicy policy, AlarmEvent event) noexcept {
  Transition transition = move(from, policy, event);
  if (transition.next.overlays.any()) {  // while any overlay is set nobody is told
    transition.effects = transition.effects.without(Effect::announce).without(Effect::announce_again);
    transition.effects = transition.effects.without(Effect::returned).without(Effect::stepped_down);
  }
  if (is_live(from) && !is_live(transition.next)) transition.effects = transition.effects.with(Effect::ended);
  return transition;
}

std::string_view explain(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::none: return "accepted";
    case Refusal::not_active: return "there is no alarm";
    case Refusal::condition_present: return "the condition is still present";
    case Refusal::not_latched: return "it is not latched, acknowledging ends it";
    case Refusal::not_acknowledged: return "it has not been acknowledged";
    case Refusal::verdict_missing: return "a fire is reset only after a verdict";
    case Refusal::never_shelved: return "alarms of this class are never shelved";
    case Refusal::not_shelved: return "it is not shelved";
    case Refusal::never_suppressed: return "alarms of this class are never suppressed";
    case Refusal::never_down: return "alarms of this class become no less urgent";
  }
  return "refused";
}

}  // namespace firegate::alarms
