#include "replay/backtest.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace firegate::replay {
namespace {

Instant end_of(const Episode& episode) noexcept { return episode.cleared_at.value_or(kNever); }

bool same_event(const Episode& a, const Episode& b) noexcept {
  const auto reaches = [](const Episode& first, const Episode& second) {
    return end_of(first) == kNever || second.raised_at <= end_of(first) + kSameEvent;
  };
  return a.raised_at <= b.raised_at ? reaches(a, b) : reaches(b, a);
}

Outcome outcome_of(const Episode& today, const Episode& candidate) noexcept {
  if (candidate.raised_at < today.raised_at) return Outcome::earlier;
  return candidate.raised_at > today.raised_at ? Outcome::later : Outcome::caught;
}

// The episodes of one subject and class that no episode of today's has taken yet, in order of time.
class Untaken {
 public:
  explicit Untaken(const std::vector<Episode>& episodes) {
    for (const Episode& episode : episodes) by_subject_[key_of(episode)].push_back(&episode);
  }
  const Episode* take_match(const Episode& wanted) {
    auto& waiting = by_subject_[key_of(wanted)];
    const auto found = std::ranges::find_if(waiting, [&](const Episode* one) { return same_event(*one, wanted); });
    if (found == waiting.end()) return nullptr;
    const Episode* taken = *found;
    waiting.erase(found);
    return taken;
  }
  std::vector<const Episode*> rest() const {
    std::vector<const Episode*> all;
    for (const auto& [key, waiting] : by_subject_) all.insert(all.end(), waiting.begin(), waiting.end());
    return all;
  }

 private:
  using Key = std::pair<std::string, AlarmClass>;
  static Key key_of(const Episode& episode) { return {episode.subject, episode.alarm_class}; }
  std::map<Key, std::vector<const Episode*>> by_subject_;
};

}  // namespace

std::vector<Comparison> compare(const std::vector<Episode>& today, const std::vector<Episode>& candidate,
                                const VerdictOf& verdict_of) {
  std::vector<Comparison> all;
  Untaken untaken(candidate);
  for (const Episode& episode : today) {
    const Episode* match = untaken.take_match(episode);
    all.push_back({match ? outcome_of(episode, *match) : Outcome::missed, episode,
                   match ? std::optional(*match) : std::nullopt, verdict_of(episode)});
  }
  for (const Episode* episode : untaken.rest()) all.push_back({Outcome::extra, std::nullopt, *episode, std::nullopt});
  std::ranges::stable_sort(all, {}, [](const Comparison& one) { return one.either().raised_at; });
  return all;
}

Summary summarise(const std::vector<Comparison>& comparisons) noexcept {
  Summary summary;
  for (const Comparison& one : comparisons) {
    ++summary.outcomes[static_cast<std::size_t>(one.outcome)];
    if (one.outcome != Outcome::missed || !one.verdict || one.verdict == Verdict::unknown) continue;
    ++(one.verdict == Verdict::real ? summary.real_missed : summary.false_missed);
  }
  return summary;
}

}  // namespace firegate::replay
