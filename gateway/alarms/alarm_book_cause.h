// What the two halves of AlarmBook share (alarm_book.cpp, alarm_book_lines.cpp). Not for others.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "alarms/alarm_book.h"

namespace firegate::alarms {

struct AlarmBook::Cause {
  Instant at{};
  std::string_view why{};
  std::string_view who = "system";
  std::string_view post{};
  const Act* act = nullptr;              // a person's
  std::optional<AlarmClass> to_class{};  // of a step
  bool out_of_test = false;              // a step that makes it real: it is news

  std::string name() const { return act ? act->by : std::string(); }
  std::string address() const { return act ? act->address : std::string(); }
};

// Puts the alarm as it is now into the batch: in the place of an earlier state of it, if that is the last.
inline void record(const Alarm& alarm, Batch& batch) {
  batch.urgent = true;
  if (!batch.alarms.empty() && batch.alarms.back().id == alarm.id) {
    batch.alarms.back() = alarm;
  } else {
    batch.alarms.push_back(alarm);
  }
}

}  // namespace firegate::alarms
