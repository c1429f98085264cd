#include "duty/alarm_groups.h"

#include <algorithm>
#include <tuple>

namespace firegate::duty {
namespace {

bool counts(const Alarm& alarm) noexcept { return alarm.state != AlarmState::normal && !alarm.overlays.any(); }

Priority urgency(AlarmClass alarm_class) noexcept { return info(alarm_class).priority; }

}  // namespace

std::string group_of(const Alarm& alarm) {
  const Place& place = *alarm.subject.place;
  const std::string building = place.estate.id + "/" + place.building.id;
  return place.zone.id.empty() ? building : building + "/" + place.floor.id + "/" + place.zone.id;
}

void AlarmGroups::add(const Alarm& alarm) {
  const std::string id = group_of(alarm);
  const auto [found, is_new] = groups_.try_emplace(id);
  AlarmGroup& group = found->second;
  if (is_new || std::tie(alarm.first_raised_at, alarm.id) < std::tie(group.first_raised_at, group.first)) {
    group.place = alarm.subject.place;
    group.first = alarm.id;
    group.first_raised_at = alarm.first_raised_at;
  }
  group.id = id;
  const bool takes_part = counts(alarm);
  const bool first_to_count = takes_part && group.count == 0;
  const bool comparable = takes_part || group.count == 0;
  if (is_new || first_to_count || (comparable && urgency(alarm.alarm_class) < urgency(group.worst))) {
    group.worst = alarm.alarm_class;
    group.worst_alarm = alarm.id;
  }
  group.held += alarm.overlays.any() ? 1 : 0;
  if (!takes_part) return;
  ++group.count;
  group.unacknowledged += needs_acknowledgement(alarm.state) ? 1 : 0;
  group.confirmation = std::max(group.confirmation, alarm.confirmation);
}

std::vector<AlarmGroup> AlarmGroups::list() const {
  std::vector<AlarmGroup> all;
  for (const auto& [id, group] : groups_) all.push_back(group);
  std::sort(all.begin(), all.end(), [](const AlarmGroup& a, const AlarmGroup& b) {
    const auto rank = [](const AlarmGroup& one) {
      return std::tuple(one.count == 0, urgency(one.worst), one.first_raised_at, one.id);
    };
    return rank(a) < rank(b);
  });
  return all;
}

}  // namespace firegate::duty
