// Lines: which losses of a building have one cause. A line is what devices speak through (their source and format):
// when it, its gateway or its power fails, many are lost and one thing is wrong. Knows the alarms by id, decides
// nothing about their states: AlarmBook suppresses the consequences under the cause. Pure; the owner's thread.
//
// The cause is the alarm of a hub (gateway, transmission unit, panel) on the line; without one, kLineLosses devices
// lost within kLineWindow are taken for one fault of the line. What is lost while there is a cause joins it. A line
// that speaks again has kLineSettles for all its devices to be heard; what is still lost then is a fault of its own.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"

namespace firegate::alarms {

// Our choices: devices of one interval are found lost within it, and most of the mains kinds have 2 or 10 minutes.
constexpr Millis kLineWindow = std::chrono::minutes{10};
constexpr Millis kLineSettles = std::chrono::minutes{10};
constexpr std::size_t kLineLosses = 5;

constexpr std::string_view kLineDown = "line_down";  // the rule of a fault that many losses make

// What others speak through.
constexpr bool is_hub(DeviceKind kind) noexcept {
  return kind == DeviceKind::gateway || kind == DeviceKind::user_transmission_unit || kind == DeviceKind::fire_panel;
}

struct Line {
  std::set<AlarmId> losses;     // live alarms of lost devices
  std::set<AlarmId> hubs;       // live alarms of hubs on it
  AlarmId cause{};              // zero: none
  Instant settles_at = kNever;  // when what is still lost is announced
};

class Lines {
 public:
  using Key = std::string;
  static Key key_of(const Alarm& alarm);  // building and line; empty: not on a line

  Line& at(const Key& key) { return lines_[key]; }
  Line* find(const Key& key);
  void add(const Alarm& alarm);
  void remove(const Alarm& alarm);
  void has_cause(const Key& key, AlarmId cause);
  void settle(const Key& key, Instant at);  // keeps an earlier time
  void unsettle(const Key& key);
  void forget_cause(const Key& key);
  void clock_stepped(Millis step);

  Instant next_deadline() const noexcept;
  std::optional<Key> due(Instant now) const;  // the line that settles first, when it is time
  std::size_t size() const noexcept { return lines_.size(); }

 private:
  void tidy(const Key& key);

  std::map<Key, Line> lines_;
  std::set<std::pair<Instant, Key>> settling_;
};

}  // namespace firegate::alarms
