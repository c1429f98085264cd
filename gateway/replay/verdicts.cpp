#include "replay/verdicts.h"

#include <algorithm>

namespace firegate::replay {

Result<void> Verdicts::load(Archive& archive, std::optional<Instant> from, std::optional<Instant> to) {
  AlarmQuery query;
  query.scope.every = true;
  query.from = from;
  query.to = to;
  query.limit = 500;
  do {
    const auto page = archive.alarms(query);
    if (!page) return tl::unexpected(page.error());
    for (const Alarm& alarm : page->alarms) {
      by_origin_[{alarm.rule, alarm.subject.text()}].push_back(
          {alarm.first_raised_at, alarm.changed_at, alarm.verdict});
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  return {};
}

std::optional<Verdict> Verdicts::of(const Episode& episode) const {
  const auto alarms = by_origin_.find({episode.rule, episode.subject});
  if (alarms == by_origin_.end()) return std::nullopt;
  const auto found = std::ranges::find_if(alarms->second, [&episode](const Said& said) {
    return said.from <= episode.raised_at && episode.raised_at <= said.to;
  });
  return found == alarms->second.end() ? std::nullopt : found->verdict;
}

}  // namespace firegate::replay
