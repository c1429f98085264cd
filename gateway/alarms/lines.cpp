#include "alarms/lines.h"

#include <fmt/format.h>

namespace firegate::alarms {

Lines::Key Lines::key_of(const Alarm& alarm) {
  if (alarm.line.empty()) return {};
  return fmt::format("{}\n{}", building_key(*alarm.subject.place), alarm.line);
}

Line* Lines::find(const Key& key) {
  const auto found = lines_.find(key);
  return found == lines_.end() ? nullptr : &found->second;
}

void Lines::add(const Alarm& alarm) {
  const Key key = key_of(alarm);
  if (key.empty() || alarm.rule == kLineDown) return;
  Line& line = lines_[key];
  (is_hub(alarm.subject.kind) ? line.hubs : line.losses).insert(alarm.id);
}

void Lines::remove(const Alarm& alarm) {
  const Key key = key_of(alarm);
  Line* line = find(key);
  if (!line) return;
  line->hubs.erase(alarm.id);
  line->losses.erase(alarm.id);
  tidy(key);
}

void Lines::has_cause(const Key& key, AlarmId cause) { lines_[key].cause = cause; }

void Lines::settle(const Key& key, Instant at) {
  Line& line = lines_[key];
  if (line.settles_at <= at) return;
  settling_.erase({line.settles_at, key});
  line.settles_at = at;
  settling_.emplace(at, key);
}

void Lines::unsettle(const Key& key) {
  Line& line = lines_[key];
  settling_.erase({line.settles_at, key});
  line.settles_at = kNever;
}

void Lines::forget_cause(const Key& key) {
  unsettle(key);
  lines_[key].cause = AlarmId{};
  tidy(key);
}

void Lines::clock_stepped(Millis step) {
  settling_.clear();
  for (auto& [key, line] : lines_) {
    if (line.settles_at == kNever) continue;
    line.settles_at += step;
    settling_.emplace(line.settles_at, key);
  }
}

Instant Lines::next_deadline() const noexcept { return settling_.empty() ? kNever : settling_.begin()->first; }

std::optional<Lines::Key> Lines::due(Instant now) const {
  if (next_deadline() > now) return std::nullopt;
  return settling_.begin()->second;
}

void Lines::tidy(const Key& key) {
  const auto found = lines_.find(key);
  const Line& line = found->second;
  if (line.losses.empty() && line.hubs.empty() && line.cause == AlarmId{}) lines_.erase(found);
}

}  // namespace firegate::alarms
