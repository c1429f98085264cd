#include "replay/episodes.h"

#include <algorithm>
#include <tuple>

namespace firegate::replay {

void Episodes::add(const Batch& batch) {
  for (const Alarm& alarm : batch.alarms) known_.insert_or_assign(alarm.id, alarm);
  for (const JournalEntry& entry : batch.journal) {
    const auto alarm = known_.find(entry.alarm);
    if (alarm == known_.end()) continue;
    if (entry.kind == "raise") {
      ++open(alarm->second, entry.at).raises;
    } else if (entry.kind == "clear") {
      open(alarm->second, entry.at).cleared_at = entry.at;
    }
    Episode& episode = all_[last_.at({alarm->second.rule, alarm->second.subject.text()})];
    episode.alarm_class = std::min(episode.alarm_class, alarm->second.alarm_class,
                                   [](AlarmClass a, AlarmClass b) { return info(a).priority < info(b).priority; });
  }
  for (const Alarm& alarm : batch.alarms) {
    if (!is_live(alarm)) known_.erase(alarm.id);
  }
}

// The episode that goes on at `at`, or a new one.
Episode& Episodes::open(const Alarm& alarm, Instant at) {
  const auto [last, is_new] = last_.try_emplace({alarm.rule, alarm.subject.text()}, all_.size());
  if (!is_new) {
    Episode& before = all_[last->second];
    if (!before.cleared_at || at - *before.cleared_at < kSameEpisode) {
      before.cleared_at.reset();
      return before;
    }
    last->second = all_.size();
  }
  return all_.emplace_back(Episode{alarm.rule, alarm.subject.text(), alarm.alarm_class, at, std::nullopt, 0});
}

std::vector<Episode> Episodes::take() {
  auto taken = all();
  *this = {};
  return taken;
}

std::vector<Episode> Episodes::all() const {
  auto sorted = all_;
  std::ranges::sort(sorted, {}, [](const Episode& e) { return std::tie(e.raised_at, e.subject, e.rule); });
  return sorted;
}

}  // namespace firegate::replay
