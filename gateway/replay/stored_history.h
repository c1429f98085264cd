// What two sets of rules make of the readings that the record keeps of a time whose messages are no longer there:
// numbers only where they changed by more than their deadband, nothing where a device said the same again. So rules
// that judge silence take no part, a window sees fewer values than it did live, and a pulse looks like a state until
// the next value.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/archive.h"
#include "replay/trial.h"

namespace firegate::replay {

struct StoredJudgement {
  std::vector<Episode> today, candidate;
  std::optional<Instant> first;  // arrival of the first reading; none: nothing was stored
  bool too_many = false;         // ended: Trial::too_many
};

// Readings that arrived within [from, to). `go_on` is told how far it has come; false ends it. One thread.
Result<StoredJudgement> judge_stored(Archive& archive, const World& world, const rules::RuleSet& today,
                                     const rules::RuleSet& candidate, Instant from, Instant to,
                                     const std::function<bool(Instant at)>& go_on);

}  // namespace firegate::replay
