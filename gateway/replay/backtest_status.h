// BacktestStatus: how far a backtest has come and what it found. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rule_version.h"
#include "replay/backtest.h"

namespace firegate::replay {

enum class BacktestState : std::uint8_t {
  none,
  running,
  done,
  failed,
  ended
};  // ended: given up by a person, or at stop

struct BacktestStatus {
  BacktestState state{};
  std::string by;  // as the journal has it
  RuleChanges changes;
  std::optional<Instant> from, to, started_at, ended_at;
  std::optional<Instant> at;  // how far the messages were judged
  std::uint64_t messages = 0;
  std::string error;                     // of a failed one
  std::optional<Instant> first, last;    // of what there was
  std::optional<Instant> reduced_until;  // before this there were stored readings only (replay/stored_history.h)
  std::shared_ptr<const std::vector<Comparison>> comparisons;  // in order of time; of a done one, else null
};

}  // namespace firegate::replay

template <>
struct firegate::Labels<firegate::replay::BacktestState> {
  static constexpr std::array<std::string_view, 5> list{"none", "running", "done", "failed", "ended"};
};
