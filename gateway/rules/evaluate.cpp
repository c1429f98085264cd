#include "rules/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace firegate::rules {
namespace {

enum class Truth : std::uint8_t { no, yes, unknown };

constexpr Truth truth_of(bool yes) noexcept { return yes ? Truth::yes : Truth::no; }

// `held`: what the test was when it was last known; decides inside the hysteresis band.
Truth compare(const Test& test, const Value& value, bool held) noexcept {
  if (is_unknown(value)) return Truth::unknown;
  if (const Is* is = std::get_if<Is>(&test.how)) {
    return truth_of(std::find(is->any_of.begin(), is->any_of.end(), value) != is->any_of.end());
  }
  const double* number = as_number(value);
  if (!number) return Truth::unknown;
  if (const Above* above = std::get_if<Above>(&test.how)) {
    const bool beyond = above->inclusive ? *number >= above->limit : *number > above->limit;
    return truth_of(beyond || (held && *number >= above->clear));
  }
  const Below& below = std::get<Below>(test.how);
  const bool beyond = below.inclusive ? *number <= below.limit : *number < below.limit;
  return truth_of(beyond || (held && *number <= below.clear));
}

std::optional<double> limit_of(const Test& test) noexcept {
  if (const Above* above = std::get_if<Above>(&test.how)) return above->limit;
  if (const Below* below = std::get_if<Below>(&test.how)) return below->limit;
  return std::nullopt;
}

bool has_band(const Test& test) noexcept {
  if (const Above* above = std::get_if<Above>(&test.how)) return above->clear < above->limit;
  const Below* below = std::get_if<Below>(&test.how);
  return below && below->clear > below->limit;
}

bool allowed(Truth truth, Quality quality) noexcept {
  if (truth == Truth::yes) return may_raise(quality);
  return truth == Truth::no && may_clear(quality, true);  // readings::store keeps the newest only
}

// One test on the subject's value.
struct Tested {
  const Test* test = nullptr;
  const Current* current = nullptr;  // null: the device has never said the point
  Quality quality = Quality::good;
  Truth raw = Truth::unknown;    // of the value, whatever its quality
  Truth truth = Truth::unknown;  // of the value, as far as its quality allows
};

Tested try_test(const Test& test, const SubjectView& view, bool held, Instant now) noexcept {
  Tested tested;
  tested.test = &test;
  tested.current = view.find(test.point);
  if (!tested.current) return tested;
  const bool stale = now >= view.overdue_at && may_raise(tested.current->quality);
  tested.quality = stale ? Quality::stale : tested.current->quality;
  tested.raw = compare(test, tested.current->value, held);
  if (allowed(tested.raw, tested.quality)) tested.truth = tested.raw;
  return tested;
}

Evidence evidence_of(const Tested& tested) {
  const Current& current = *tested.current;
  return {current.point, current.port, current.value, limit_of(*tested.test), current.measured_at};
}

// All tests of a condition, tried once.
class Tests {
 public:
  Tests(const Condition& condition, const SubjectView& view, std::uint8_t held, Instant now)
      : combine_(condition.combine) {
    for (const Test& test : condition.tests) {
      tested_[count_] = try_test(test, view, held & (1u << count_), now);
      ++count_;
    }
  }

  Truth truth() const noexcept { return combined(&Tested::truth); }
  Truth raw() const noexcept { return combined(&Tested::raw); }

  // The hysteresis bits after these tests; only tests with a band have one, unknown ones stay as they were.
  std::uint8_t held(std::uint8_t before) const noexcept {
    unsigned bits = before;
    for (std::size_t i = 0; i < count_; ++i) {
      if (tested_[i].truth == Truth::yes && has_band(*tested_[i].test)) bits |= 1u << i;
      if (tested_[i].truth == Truth::no) bits &= ~(1u << i);
    }
    return static_cast<std::uint8_t>(bits);
  }

  void give_evidence(Judgement& judgement, Truth Tested::*which) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (tested_[i].*which == Truth::yes) judgement.evidence.push_back(evidence_of(tested_[i]));
    }
  }

  // The worst quality among the tests that are `yes`; among all that were said when there are none.
  Quality worst_quality(Truth Tested::*which) const noexcept {
    Quality worst_yes = Quality::good, worst_said = Quality::good;
    bool any_yes = false;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!tested_[i].current) continue;
      worst_said = std::max(worst_said, tested_[i].quality);
      if (tested_[i].*which != Truth::yes) continue;
      worst_yes = std::max(worst_yes, tested_[i].quality);
      any_yes = true;
    }
    return any_yes ? worst_yes : worst_said;
  }

 private:
  Truth combined(Truth Tested::*which) const noexcept {
    const Truth decides = combine_ == Combine::any ? Truth::yes : Truth::no;
    bool undecided = false, said = false;
    for (std::size_t i = 0; i < count_; ++i) {
      if (tested_[i].*which == decides) return decides;
      if (combine_ == Combine::any && !tested_[i].current) continue;
      said = true;
      undecided = undecided || tested_[i].*which == Truth::unknown;
    }
    if (undecided || !said) return Truth::unknown;
    return decides == Truth::yes ? Truth::no : Truth::yes;
  }

  Combine combine_;
  std::size_t count_ = 0;
  std::array<Tested, kMaxTests> tested_{};
};

}  // namespace

// Moves one RuleState by one answer.
class Evaluation {
 public:
  Evaluation(const Rule& rule, const SubjectView& view, RuleState& state, Instant now)
      : rule_(rule), view_(view), state_(state), now_(now) {}

  Judgement run() { return rule_.absence() ? judge_absence() : judge_condition(*rule_.condition()); }

 private:
  Judgement judge_condition(const Condition& condition) {
    const Tests tests(condition, view_, state_.held_, now_);
    state_.held_ = tests.held(state_.held_);
    Judgement judgement = move(tests.truth());
    if (judgement.answer == Answer::active) {
      judgement.quality = tests.worst_quality(&Tested::truth);
      tests.give_evidence(judgement, &Tested::truth);
    } else if (judgement.answer == Answer::unknown) {
      judgement.quality = tests.worst_quality(&Tested::raw);
      judgement.would_raise = !state_.active_ && tests.raw() == Truth::yes;
      if (judgement.would_raise) tests.give_evidence(judgement, &Tested::raw);
    }
    return judgement;
  }

  Judgement judge_absence() {
    Truth truth = Truth::unknown;
    if (now_ >= view_.lost_at) truth = Truth::yes;
    if (now_ < view_.overdue_at) truth = Truth::no;
    Judgement judgement = move(truth);
    if (truth != Truth::yes) judgement.recheck_at = std::min(judgement.recheck_at, view_.lost_at);
    if (judgement.answer == Answer::active) {
      judgement.evidence.push_back(
          {Point::online, kNoPort, false, std::nullopt, view_.last_heard.value_or(view_.lost_at)});
    }
    return judgement;
  }

  Judgement move(Truth truth) {
    if (truth == Truth::unknown) return {.answer = Answer::unknown};
    const bool yes = truth == Truth::yes;
    if (yes == state_.active_) {
      state_.due_ = kNever;
      return {.answer = yes && proves() ? Answer::active : Answer::unchanged};
    }
    if (const Instant due = run_delay(yes ? rule_.on_delay : rule_.off_delay); now_ < due) return {.recheck_at = due};
    state_.due_ = kNever;
    state_.active_ = yes;
    state_.unproven_ = false;
    return {.answer = yes ? Answer::active : Answer::cleared};
  }

  // A good `true` after an alarm from a retained value: the alarm is raised once more, now as a proven one.
  bool proves() noexcept { return std::exchange(state_.unproven_, false); }

  // Starts the delay or lets it run on; its end. A clock that went back does not lengthen it.
  Instant run_delay(Millis delay) noexcept { return state_.due_ = std::min(state_.due_, now_ + delay); }

  const Rule& rule_;
  const SubjectView& view_;
  RuleState& state_;
  const Instant now_;
};

const Current* SubjectView::find(Point point) const noexcept {
  const Current* of_port = values.find(point, port);
  return of_port || port == kNoPort ? of_port : values.find(point);
}

Judgement evaluate(const Rule& rule, const SubjectView& view, RuleState& state, Instant now) {
  if (rule.per_port && view.port == kNoPort) return {};
  return Evaluation(rule, view, state, now).run();
}

void accept_unproven(RuleState& state) noexcept {
  state.active_ = true;
  state.unproven_ = true;
  state.due_ = kNever;
}

Judgement evaluate_pulse(const Rule& rule, const Current& pulse) {
  const Condition* condition = rule.condition();
  if (!condition || rule.on_delay > Millis{0} || !may_raise(pulse.quality)) return {};
  if (rule.per_port && pulse.port == kNoPort) return {};
  if (condition->combine == Combine::all && condition->tests.size() > 1) return {};
  for (const Test& test : condition->tests) {
    if (test.point != pulse.point || compare(test, pulse.value, false) != Truth::yes) continue;
    Judgement judgement{.answer = Answer::active, .quality = pulse.quality};
    judgement.evidence.push_back({pulse.point, pulse.port, pulse.value, limit_of(test), pulse.measured_at});
    return judgement;
  }
  return {};
}

void RuleState::shift(Millis step) noexcept {
  if (due_ != kNever) due_ += step;
}

// "a" active, "u" unproven, "h<bits>" held, "d<milliseconds since 1970>" the delay's end.
std::string RuleState::to_text() const {
  std::string text;
  if (active_) text += 'a';
  if (unproven_) text += 'u';
  if (held_ != 0) text += fmt::format("h{}", held_);
  if (due_ != kNever) text += fmt::format("d{}", due_.time_since_epoch().count());
  return text;
}

namespace {

// Cuts a number off the front of `text`.
template <typename T>
bool take_number(std::string_view& text, T& number) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, char letter) noexcept {
  if (text.empty() || text.front() != letter) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<RuleState> RuleState::from_text(std::string_view text) noexcept {
  RuleState state;
  state.active_ = take(text, 'a');
  state.unproven_ = take(text, 'u');
  if (take(text, 'h') && !take_number(text, state.held_)) return std::nullopt;
  if (take(text, 'd')) {
    Millis::rep due = 0;
    if (!take_number(text, due)) return std::nullopt;
    state.due_ = Instant{Millis{due}};
  }
  return text.empty() ? std::optional(state) : std::nullopt;
}

}  // namespace firegate::rules
