// Groups: the live alarms as people act on them, by zone, or by building where an alarm has no zone. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/alarm.h"

namespace firegate::duty {

// "estate/building/floor/zone", or "estate/building" for what belongs to no zone. The same for alarms of one group.
std::string group_of(const Alarm& alarm);

struct AlarmGroup {
  std::string id;
  PlacePtr place;                  // of its first alarm: names of the levels
  std::size_t count = 0;           // alarms that are not normal and not under an overlay
  std::size_t unacknowledged = 0;  // of those
  std::size_t held = 0;            // alarms under an overlay
  AlarmId first{};                 // the earliest raised of all
  Instant first_raised_at{};
  AlarmClass worst{};  // the most urgent class of those that count; without such of all
  AlarmId worst_alarm{};
  Confirmation confirmation{};  // the strongest of those that count
};

// Most urgent first; of one urgency the longest standing.
class AlarmGroups {
 public:
  void add(const Alarm& alarm);
  std::vector<AlarmGroup> list() const;

 private:
  std::map<std::string, AlarmGroup> groups_;
};

}  // namespace firegate::duty
