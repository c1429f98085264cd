// Backtest: what other rules would have made of the same messages: which alarms of today they keep, lose, give earlier
// or later, and which they add, against what people said the alarms of that time were. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "replay/episodes.h"

namespace firegate::replay {

// Two episodes of one subject and class are of the same event when they overlap or lie no further apart than this (our
// choice: as far as a flapping condition may be gone and still be one).
constexpr Millis kSameEvent = kSameEpisode;

enum class Outcome : std::uint8_t {
  caught,   // by both, at the same time
  earlier,  // by both, by the candidate rules before today's
  later,
  missed,  // by today's rules only
  extra,   // by the candidate rules only
};
}  // namespace firegate::replay

namespace firegate {
template <>
struct Labels<replay::Outcome> {
  static constexpr std::array<std::string_view, 5> list{"caught", "earlier", "later", "missed", "extra"};
};
}  // namespace firegate

namespace firegate::replay {

struct Comparison {
  Outcome outcome{};
  std::optional<Episode> today, candidate;  // at least one
  std::optional<Verdict> verdict;           // what people said of today's

  const Episode& either() const noexcept { return today ? *today : *candidate; }
};

// What people said of the alarm behind an episode of today's rules; none: nothing.
using VerdictOf = std::function<std::optional<Verdict>(const Episode&)>;

// In order of time. `today` and `candidate` as Episodes::take gives them.
std::vector<Comparison> compare(const std::vector<Episode>& today, const std::vector<Episode>& candidate,
                                const VerdictOf& verdict_of);

struct Summary {
  std::array<std::size_t, label_count<Outcome>()> outcomes{};
  std::size_t real_missed = 0;   // a person had said: real
  std::size_t false_missed = 0;  // cooking, steam or dust, test, a fault of the device: what a better rule leaves out
};
Summary summarise(const std::vector<Comparison>& comparisons) noexcept;

}  // namespace firegate::replay
