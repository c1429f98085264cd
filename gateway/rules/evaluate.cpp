#include "rules/evaluate.h"

#include <algorithm>
#include <utility>

namespace firegate::rules {

// Moves one RuleState by one answer.
class Evaluation {
 public:
  Evaluation(const Rule& rule, const SubjectView& view, RuleState& state, Instant now)
      : rule_(rule), view_(view), state_(state), now_(now), walk_(view, state, rule, now) {}

  Judgement run() {
    for (std::size_t step = 0; step < rule_.steps.size(); ++step) {
      found_[step] = walk_.find(rule_.steps[step].when);
      move(step, found_[step].truth);
      recheck(found_[step].changes_at);
    }
    take_level();
    if (judgement_.answer == Answer::active) give_evidence(judgement_.level, &Finding::truth);
    if (judgement_.answer == Answer::unchanged && all_unknown()) answer_unknown();
    judgement_.changed = changed_ || walk_.changed();
    return std::move(judgement_);
  }

 private:
  // Starts, stops or ends the delay of one step.
  void move(std::size_t no, Truth truth) {
    if (truth == Truth::unknown) return;
    const Step& step = rule_.steps[no];
    const bool yes = truth == Truth::yes;
    if (yes == state_.step_active(no)) return set_due(no, kNever);
    const Millis delay = yes ? step.on_delay : step.off_delay;
    // A clock that went back does not lengthen a delay that runs.
    if (const Instant due = std::min(state_.due_of(no), now_ + delay); now_ < due) {
      set_due(no, due);
      return recheck(due);
    }
    set_due(no, kNever);
    state_.active_ = static_cast<std::uint8_t>(yes ? state_.active_ | (1u << no) : state_.active_ & ~(1u << no));
    changed_ = true;
  }

  void set_due(std::size_t no, Instant due) {
    if (state_.due_of(no) == due) return;
    state_.set_due(no, due);
    changed_ = true;
  }

  void recheck(Instant at) noexcept { judgement_.recheck_at = std::min(judgement_.recheck_at, at); }

  // The step that the alarm has now, and whether that is news.
  void take_level() {
    std::uint8_t level = 0;
    for (std::size_t no = 0; no < rule_.steps.size(); ++no) {
      if (state_.step_active(no)) level = static_cast<std::uint8_t>(no + 1);
    }
    if (level == 0 && state_.level_ == 0) return;
    if (level == 0) {
      judgement_.answer = Answer::cleared;
    } else if (is_held(level)) {
      level = state_.level_;
    }
    const bool proven = level != 0 && state_.unproven_ && found_[level - 1].truth == Truth::yes;
    if (level != 0 && (level != state_.level_ || proven)) judgement_.answer = Answer::active;
    if (level == state_.level_ && !proven) return;
    state_.level_ = level;
    state_.unproven_ = state_.unproven_ && judgement_.answer == Answer::unchanged;
    changed_ = true;
    judgement_.level = level;
    if (level != 0) judgement_.alarm_class = rule_.steps[level - 1].alarm_class;
  }

  // A latched alarm does not give way to one that does not latch.
  bool is_held(std::uint8_t level) const noexcept {
    if (level >= state_.level_ || state_.level_ > rule_.steps.size()) return false;
    return info(rule_.steps[state_.level_ - 1].alarm_class).latching &&
           !info(rule_.steps[level - 1].alarm_class).latching;
  }

  bool all_unknown() const noexcept {
    return std::all_of(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(rule_.steps.size()),
                       [](const Finding& found) { return found.truth == Truth::unknown; });
  }

  void answer_unknown() {
    judgement_.answer = Answer::unknown;
    for (std::size_t no = 0; no < rule_.steps.size(); ++no) {
      judgement_.quality = std::max(judgement_.quality, found_[no].worst);
      if (found_[no].raw == Truth::yes) judgement_.level = static_cast<std::uint8_t>(no + 1);
    }
    if (judgement_.level == 0) return;
    judgement_.alarm_class = rule_.steps[judgement_.level - 1].alarm_class;
    judgement_.would_raise = !state_.active();
    give_evidence(judgement_.level, &Finding::raw);
    if (!judgement_.would_raise) judgement_.evidence.clear();
  }

  void give_evidence(std::uint8_t level, Truth Finding::*which) {
    Spoken spoken;
    walk_.collect(rule_.steps[level - 1].when, which, Truth::yes, spoken);
    judgement_.evidence = std::move(spoken.evidence);
    judgement_.quality = spoken.worst;
  }

  const Rule& rule_;
  const SubjectView& view_;
  RuleState& state_;
  const Instant now_;
  Walk walk_;
  std::array<Finding, kMaxSteps> found_{};
  Judgement judgement_;
  bool changed_ = false;
};

Judgement evaluate(const Rule& rule, const SubjectView& view, RuleState& state, Instant now) {
  if (rule.per_port && view.port == kNoPort) return {};
  return Evaluation(rule, view, state, now).run();
}

void accept_unproven(RuleState& state, std::uint8_t level) noexcept {
  state.active_ = static_cast<std::uint8_t>(state.active_ | (1u << (level - 1)));
  state.level_ = level;
  state.unproven_ = true;
  state.set_due(level - 1u, kNever);
}

Judgement evaluate_pulse(const Rule& rule, const SubjectView& view, const RuleState& state, Instant now) {
  const Current& pulse = *view.pulse;
  if (!may_raise(pulse.quality) || (rule.per_port && view.port == kNoPort)) return {};
  for (std::size_t no = rule.steps.size(); no-- > 0;) {
    const Step& step = rule.steps[no];
    if (step.on_delay > Millis{0}) continue;
    Spoken spoken;
    Walk(view, state, now).collect(step.when, &Finding::truth, Truth::yes, spoken);
    const bool speaks = std::any_of(spoken.evidence.begin(), spoken.evidence.end(), [&pulse](const Evidence& by) {
      return by.device.empty() && by.point == pulse.point && by.port == pulse.port;
    });
    if (!speaks) continue;
    return {.answer = Answer::active,
            .alarm_class = step.alarm_class,
            .level = static_cast<std::uint8_t>(no + 1),
            .quality = spoken.worst,
            .evidence = std::move(spoken.evidence)};
  }
  return {};
}

bool count_pulse(const Rule& rule, const SubjectView& view, RuleState& state, Instant now) {
  if (!may_raise(view.pulse->quality) || (rule.per_port && view.port == kNoPort)) return false;
  bool counted = false;
  for (const Step& step : rule.steps) {
    for_each_condition(step.when, [&](const Condition& condition) {
      const Count* count = condition.as<Count>();
      if (!count) return;
      bool is_its = false;
      for_each_point(count->of.front(), [&](Point point) { is_its = point == view.pulse->point; });
      const RuleState& known = state;
      if (is_its && Walk(view, known, now).find(count->of.front()).truth == Truth::yes) {
        Walk(view, state, rule, now).count(*count);
        counted = true;
      }
    });
  }
  return counted;
}

}  // namespace firegate::rules
