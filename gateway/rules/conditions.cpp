#include "rules/conditions.h"

#include <algorithm>
#include <cmath>

namespace firegate::rules {
namespace {

bool allowed(Truth truth, Quality quality) noexcept {
  if (truth == Truth::yes) return may_raise(quality);
  return truth == Truth::no && may_clear(quality, true);  // readings::store keeps the newest only
}

Truth as_allowed(Truth raw, Quality quality) noexcept { return allowed(raw, quality) ? raw : Truth::unknown; }

Truth compare(const Limit& leaf, double number, bool held) noexcept {
  const double sign = leaf.upper ? 1 : -1;
  const double over = sign * (number - leaf.limit);
  const bool beyond = leaf.inclusive ? over >= 0 : over > 0;
  return truth_of(beyond || (held && sign * (number - leaf.clear) >= 0));
}

std::uint8_t in_percent(double share) noexcept {
  return static_cast<std::uint8_t>(std::clamp(std::lround(share * 100), 0L, 255L));
}

// The share of its limit that the decision gives to a point.
std::optional<std::size_t> share_index(Point point) noexcept {
  switch (point) {
    case Point::temperature_c: return 0;
    case Point::smoke_od_m:
    case Point::smoke_obscuration_db_m:
    case Point::smoke_pct: return 1;
    case Point::co_ppm: return 2;
    default: return std::nullopt;
  }
}

}  // namespace

Finding Walk::find(const Condition& condition) {
  return std::visit([this](const auto& leaf) { return find_leaf(leaf); }, condition.what);
}

Quality Walk::quality_of(const Current& current) const noexcept {
  return stale() && may_raise(current.quality) ? Quality::stale : current.quality;
}

// What a value answers, as far as its quality allows.
Finding Walk::judged(const Current* current, Truth raw) const noexcept {
  if (!current) return {.said = false};
  const Quality quality = quality_of(*current);
  return {.truth = as_allowed(raw, quality), .raw = raw, .worst = quality};
}

// ---- groups ----

// A group is decided by one part alone (any: a true one, all: a false one): it stays as it is for as long as one of
// those does. Undecided, it may change with the first part that does.
Finding Walk::find_leaf(const Group& leaf) {
  const Truth decides = leaf.combine == Combine::any ? Truth::yes : Truth::no;
  Finding whole{.truth = opposite(decides), .raw = opposite(decides), .said = false};
  Instant decided_until{}, first_change = kNever;
  for (const Condition& part : leaf.of) {
    const Finding found = find(part);
    whole.said = whole.said || found.said;
    whole.worst = std::max(whole.worst, found.worst);
    first_change = std::min(first_change, found.changes_at);
    if (found.truth == decides) decided_until = std::max(decided_until, found.changes_at);
    if (leaf.combine == Combine::any && !found.said) continue;
    for (const auto which : {&Finding::truth, &Finding::raw}) {
      if (found.*which == decides) whole.*which = decides;
      if (found.*which == Truth::unknown && whole.*which != decides) whole.*which = Truth::unknown;
    }
  }
  if (!whole.said && leaf.combine == Combine::any) whole.truth = whole.raw = Truth::unknown;
  whole.changes_at = whole.truth == decides ? decided_until : first_change;
  return whole;
}

Finding Walk::find_leaf(const Not& leaf) {
  Finding found = find(leaf.of.front());
  found.truth = opposite(found.truth);
  found.raw = opposite(found.raw);
  return found;
}

// ---- values ----

Finding Walk::find_leaf(const Is& leaf) {
  const Current* current = view_.find(leaf.point);
  if (!current || is_unknown(current->value)) return judged(current, Truth::unknown);
  const bool one_of = std::find(leaf.any_of.begin(), leaf.any_of.end(), current->value) != leaf.any_of.end();
  return judged(current, truth_of(one_of));
}

Finding Walk::find_leaf(const Limit& leaf) {
  const Current* current = view_.find(leaf.point);
  const double* number = current ? as_number(current->value) : nullptr;
  const std::uint32_t bit = 1u << leaf.bit;
  const Finding found = judged(current, number ? compare(leaf, *number, state_.held_ & bit) : Truth::unknown);
  if (!feeds_ || view_.pulse || !leaf.has_band() || found.truth == Truth::unknown) return found;
  const std::uint32_t held = found.truth == Truth::yes ? state_.held_ | bit : state_.held_ & ~bit;
  changed_ = changed_ || held != state_.held_;
  feeds_->held_ = held;
  return found;
}

Finding Walk::find_leaf(const Expression& leaf) {
  Finding found{.said = false};
  const Truth raw = leaf.evaluate([this, &found](Point point) -> Operand {
    const Current* current = view_.find(point);
    if (!current) return {};
    found.said = true;
    found.worst = std::max(found.worst, quality_of(*current));
    if (const bool* yes = as_bool(current->value)) return {*yes ? 1.0 : 0.0, true};
    const double* number = as_number(current->value);
    return number ? Operand{*number, true} : Operand{};
  });
  found.raw = raw;
  found.truth = as_allowed(raw, found.worst);
  return found;
}

// ---- the past ----

Window& Walk::window_to_feed(std::size_t no) {
  auto& windows = feeds_->memory_.make().windows;
  if (windows.size() < windows_) windows.resize(windows_);
  return windows[no];
}

// The leaf's window, after it has taken up the current value; null: nothing is known of it.
template <typename Leaf>
const Window* Walk::fed(const Leaf& leaf, const Current* current) {
  if (feeds_ && current && !view_.pulse && may_raise(current->quality)) {
    changed_ = window_to_feed(leaf.window).feed(leaf, *current, view_.gap) || changed_;
  }
  return state_.window(leaf.window);
}

Finding Walk::find_leaf(const Rise& leaf) {
  const Current* current = view_.find(leaf.point);
  const Window* window = fed(leaf, current);
  return judged(current, window ? window->answer(leaf) : Truth::unknown);
}

Finding Walk::find_leaf(const Deviation& leaf) {
  const Current* current = view_.find(leaf.point);
  const Window* window = fed(leaf, current);
  return judged(current, window ? window->answer(leaf) : Truth::unknown);
}

Finding Walk::find_leaf(const Stuck& leaf) {
  const Current* current = view_.find(leaf.point);
  const Window* window = fed(leaf, current);
  if (!window || stale()) return judged(current, Truth::unknown);
  Finding found = judged(current, window->answer(leaf, now_));
  found.changes_at = window->changes_at(leaf, now_);
  return found;
}

Finding Walk::find_leaf(const Chatter& leaf) {
  const Current* current = view_.find(leaf.point);
  const Window* window = fed(leaf, current);
  if (!window) return judged(current, Truth::unknown);
  Finding found = judged(current, window->answer(leaf, now_));
  found.changes_at = window->changes_at(leaf, now_);
  return found;
}

// What was counted counts, whatever became of the device since.
Finding Walk::find_leaf(const Count& leaf) {
  const Finding test = find(leaf.of.front());
  const Current* current = nullptr;
  for_each_point(leaf.of.front(), [this, &current](Point point) { current = view_.find(point); });
  if (feeds_ && current && !view_.pulse && may_raise(current->quality)) {
    changed_ = window_to_feed(leaf.window).feed(leaf, *current, view_.gap, test.truth) || changed_;
  }
  const Window* window = state_.window(leaf.window);
  if (!window) return {.said = test.said};
  const Truth answer = window->answer(leaf, now_, test.said);
  const bool unsure = answer == Truth::no && test.said && test.truth == Truth::unknown;
  return {.truth = unsure ? Truth::unknown : answer,
          .raw = answer,
          .worst = test.worst == Quality::late ? Quality::late : Quality::good,
          .changes_at = window->changes_at(leaf, now_)};
}

// ---- time and silence ----

Finding Walk::find_leaf(const Absence&) {
  Truth truth = Truth::unknown;
  if (now_ >= view_.lost_at) truth = Truth::yes;
  if (now_ < view_.overdue_at) truth = Truth::no;
  return {.truth = truth, .raw = truth, .changes_at = truth == Truth::yes ? kNever : view_.lost_at};
}

Finding Walk::find_leaf(const Schedule& leaf) {
  const Truth truth = truth_of(leaf.holds(now_));
  return {.truth = truth, .raw = truth, .changes_at = leaf.next_change(now_)};
}

// ---- neighbours ----

Finding Walk::find_leaf(const InZone& leaf) {
  Finding found = find(leaf.of.front());
  if (found.raw != Truth::yes) return found;
  const Tally others = view_.around ? view_.around->tally(leaf.look) : Tally{};
  const std::size_t enough = std::min<std::size_t>(leaf.at_least, others.available + 1);
  const Truth truth = others.yes + 1 >= enough                    ? Truth::yes
                      : others.yes + others.unknown + 1 >= enough ? Truth::unknown
                                                                  : Truth::no;
  found.raw = truth;
  if (found.truth == Truth::yes || truth == Truth::no) found.truth = truth;
  return found;
}

Finding Walk::find_leaf(const Nearby& leaf) {
  const Tally others = view_.around ? view_.around->tally(leaf.look) : Tally{};
  const Truth truth = others.yes > 0 ? Truth::yes : others.unknown > 0 ? Truth::unknown : Truth::no;
  return {.truth = truth, .raw = truth};
}

// ---- the fire pattern ----

// Gives what the last message said to the pattern, once. A backlog without times of its own says nothing of a rise.
void Walk::feed_pattern() {
  Instant newest{};
  for (const Point point : kPatternPoints) {
    if (const Current* current = view_.find(point)) newest = std::max(newest, current->updated_at);
  }
  detection::Sample sample;
  for (const Point point : kPatternPoints) {
    const Current* current = view_.find(point);
    const double* number = current ? as_number(current->value) : nullptr;
    if (!number || current->updated_at != newest || !may_raise(current->quality)) continue;
    const bool late = current->quality == Quality::late;
    if (late && current->measured_at == current->updated_at) continue;
    if (detection::put(sample, point, *number)) sample.at = late ? current->measured_at : current->updated_at;
  }
  if (sample.empty()) return;
  PatternState& pattern = feeds_->pattern_.make();
  if (pattern.state.at() >= sample.at) return;
  const auto settings = view_.kitchen ? detection::Settings::kitchen() : detection::Settings::room();
  const detection::Decision decision = detection::judge(settings, pattern.state, sample);
  if (pattern.state.at() != sample.at) return;  // it said nothing that can be
  pattern.share_pct = {in_percent(decision.shares.heat), in_percent(decision.shares.smoke),
                       in_percent(decision.shares.co)};
  changed_ = true;
}

Finding Walk::find_leaf(const FirePattern& leaf) {
  if (feeds_ && !view_.pulse) feed_pattern();
  const PatternState* pattern = state_.pattern_.get();
  if (!pattern) return {.said = false};
  const detection::Level level = pattern->state.level();
  const bool yes = leaf.asks == FirePattern::Asks::suspects ? pattern->state.suspects()
                   : leaf.asks == FirePattern::Asks::alarm  ? level == detection::Level::alarm
                                                            : level != detection::Level::none;
  Finding found{.raw = truth_of(yes), .worst = stale() ? Quality::stale : Quality::good};
  for (const Point point : kPatternPoints) {
    const Current* current = view_.find(point);
    if (current && current->quality == Quality::late && !stale()) found.worst = Quality::late;
  }
  found.truth = as_allowed(found.raw, found.worst);
  return found;
}

// ---- evidence ----

void Walk::collect(const Condition& condition, Truth Finding::*which, Truth wanted, Spoken& spoken) {
  const Finding found = find(condition);
  if (found.*which != wanted) return;
  if (const Not* negated = condition.as<Not>()) return collect(negated->of.front(), which, opposite(wanted), spoken);
  if (const Group* group = condition.as<Group>()) {
    for (const Condition& part : group->of) collect(part, which, wanted, spoken);
    return;
  }
  if (const InZone* zone = condition.as<InZone>()) {
    collect(zone->of.front(), which, wanted, spoken);
    if (view_.around && wanted == Truth::yes) view_.around->evidence(zone->look, spoken.evidence);
    return;
  }
  if (found.said) spoken.worst = std::max(spoken.worst, found.worst);
  collect_leaf(condition, spoken);
}

void Walk::collect_point(Point point, std::optional<double> limit, Spoken& spoken) const {
  const Current* current = view_.find(point);
  if (!current) return;
  const auto same = [current](const Evidence& known) {
    return known.device.empty() && known.point == current->point && known.port == current->port;
  };
  if (std::any_of(spoken.evidence.begin(), spoken.evidence.end(), same)) return;
  spoken.evidence.push_back({current->point, current->port, current->value, limit, current->measured_at});
}

void Walk::collect_pattern(Spoken& spoken) const {
  const PatternState* pattern = state_.pattern_.get();
  for (const Point point : kPatternPoints) {
    const auto index = share_index(point);
    if (!index || !pattern) continue;
    const std::size_t before = spoken.evidence.size();
    collect_point(point, std::nullopt, spoken);
    const std::uint8_t share = pattern->share_pct[*index];
    if (spoken.evidence.size() > before && share > 0) spoken.evidence.back().share_pct = share;
  }
}

void Walk::collect_leaf(const Condition& condition, Spoken& spoken) const {
  if (const Limit* limit = condition.as<Limit>()) return collect_point(limit->point, limit->limit, spoken);
  if (condition.as<FirePattern>()) return collect_pattern(spoken);
  if (condition.as<Count>() && view_.pulse) return;  // what is counted is judged apart: see count_pulse
  if (condition.as<Absence>()) {
    spoken.evidence.push_back({Point::online, kNoPort, false, std::nullopt, view_.last_heard.value_or(view_.lost_at)});
    return;
  }
  if (const Nearby* nearby = condition.as<Nearby>()) {
    if (view_.around) view_.around->evidence(nearby->look, spoken.evidence);
    return;
  }
  for_each_point(condition, [this, &spoken](Point point) { collect_point(point, std::nullopt, spoken); });
}

Contribution contribution_to(const Condition& condition, const SubjectView& view, const RuleState& state, Instant now) {
  const Finding found = Walk(view, state, now).find(condition);
  if (!found.said) return {};
  const Part part = found.truth == Truth::yes ? Part::yes : found.truth == Truth::no ? Part::no : Part::unknown;
  return {part, found.changes_at};
}

}  // namespace firegate::rules
