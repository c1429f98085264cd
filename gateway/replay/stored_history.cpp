#include "replay/stored_history.h"

#include <algorithm>
#include <string>
#include <utility>

namespace firegate::replay {
namespace {

rules::RuleSetPtr without_silence(const rules::RuleSet& all) {
  std::vector<rules::Rule> kept;
  std::ranges::copy_if(all.all(), std::back_inserter(kept), [](const rules::Rule& rule) { return !rule.absence; });
  std::vector<rules::Override> overrides;
  std::ranges::copy_if(all.overrides(), std::back_inserter(overrides), [&kept](const rules::Override& one) {
    return std::ranges::find(kept, one.rule, &rules::Rule::id) != kept.end();
  });
  return std::make_shared<const rules::RuleSet>(std::move(kept), std::move(overrides));
}

}  // namespace

Result<StoredJudgement> judge_stored(Archive& archive, const World& world, const rules::RuleSet& today,
                                     const rules::RuleSet& candidate, Instant from, Instant to,
                                     const std::function<bool(Instant at)>& go_on) {
  StoredJudgement judged;
  std::optional<Trial> trial;
  auto read = archive.each_reading(from, to, [&](const ReadingRow& row) {
    const Instant at = row.current.updated_at;
    if (!trial) {
      trial.emplace(world, without_silence(today), without_silence(candidate), at);
      judged.first = at;
    }
    trial->take(row);
    judged.too_many = trial->too_many();
    return !judged.too_many && go_on(at);
  });
  if (!read) return tl::unexpected(read.error());
  if (!trial) return judged;
  trial->advance(to);
  judged.today = trial->today().all();
  judged.candidate = trial->candidate().all();
  return judged;
}

}  // namespace firegate::replay
