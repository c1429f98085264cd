// Verdicts: what people said of the alarms of a time, found by the episodes of a replay. Read once from the archive;
// then plain values, one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/archive.h"
#include "replay/episodes.h"

namespace firegate::replay {

class Verdicts {
 public:
  // Of every estate. Without a bound: from the first, to the last.
  Result<void> load(Archive& archive, std::optional<Instant> from, std::optional<Instant> to);
  // Of the alarm of this rule and subject that was there when the episode began.
  std::optional<Verdict> of(const Episode& episode) const;

 private:
  struct Said {
    Instant from{}, to{};
    std::optional<Verdict> verdict;
  };
  std::map<std::pair<std::string, std::string>, std::vector<Said>> by_origin_;  // (rule, subject)
};

}  // namespace firegate::replay
