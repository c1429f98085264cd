// FloodGuard: what an estate's posts are told while more comes than a person can take in. In a flood the announcements
// of supervisory and fault classes are held and told as one notice a class and minute, with their count, so that it
// goes where they would have gone; every alarm stays on the board, in the list and in the journal. Fire, life threats
// and pre-alarms are never held, nor is what names a cause. Also one line that fails in several buildings is one
// announcement.
//
// What is held when the program is killed is on the board all the same; only its collected notice is not sent.
// Pure; one for each estate; the owner's lock.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/alarm_load.h"
#include "core/batch.h"

namespace firegate::alarms {

// One notice a minute: our choice. When a flood starts and ends: core/alarm_load.h.
constexpr Millis kCollectFor = std::chrono::minutes{1};

class FloodGuard {
 public:
  explicit FloodGuard(std::string estate) : estate_(std::move(estate)) {}

  // False: held. `batch` takes the journal's line when a flood starts.
  bool admit(const Notice& notice, Batch& batch);
  // Tells what was held long enough, and ends a flood. Call it each second or so.
  void advance(Instant now, Batch& batch);
  // Tells all that is held.
  void flush(Instant now, Batch& batch);
  void clock_stepped(Millis step);

  bool in_flood() const noexcept { return in_flood_; }
  std::size_t holding() const noexcept;

 private:
  void count(Instant at, Batch& batch);
  void forget_before(Instant now);
  bool is_held(const Alarm& alarm, Instant at);
  bool repeats_a_line(const Alarm& alarm, Instant at);
  void hold(const Notice& notice);
  void write_row(std::string_view kind, Instant at, std::string why, Batch& batch) const;

  std::string estate_;
  std::deque<Instant> announced_;         // within the window
  std::map<std::string, Instant> lines_;  // when a line was last announced
  std::map<AlarmClass, Notice> held_;     // the first that is held of a class, with their count
  Instant held_since_{};
  bool in_flood_ = false;
};

}  // namespace firegate::alarms
