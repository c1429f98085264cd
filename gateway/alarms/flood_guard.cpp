#include "alarms/flood_guard.h"

#include <fmt/format.h>

#include "alarms/lines.h"

namespace firegate::alarms {

bool FloodGuard::admit(const Notice& notice, Batch& batch) {
  if (notice.kind != NoticeKind::raised && notice.kind != NoticeKind::announced_again) return true;
  count(notice.at, batch);
  if (!is_held(notice.alarm, notice.at)) return true;
  hold(notice);
  return false;
}

void FloodGuard::count(Instant at, Batch& batch) {
  forget_before(at);
  announced_.push_back(announced_.empty() ? at : std::max(at, announced_.back()));
  if (in_flood_ || announced_.size() <= kFloodStarts) return;
  in_flood_ = true;
  write_row("flood_started", at, fmt::format("{} announcements within 10 min", announced_.size()), batch);
}

void FloodGuard::forget_before(Instant now) {
  while (!announced_.empty() && announced_.front() <= now - kFloodWindow) announced_.pop_front();
}

bool FloodGuard::is_held(const Alarm& alarm, Instant at) {
  if (alarm.rule == kLineDown) return repeats_a_line(alarm, at);
  return in_flood_ && info(alarm.alarm_class).priority >= Priority::supervisory && alarm.consequences == 0;
}

bool FloodGuard::repeats_a_line(const Alarm& alarm, Instant at) {
  const auto [line, is_new] = lines_.emplace(alarm.line, at);
  const bool repeats = !is_new && at - line->second < kCollectFor;
  if (!repeats) line->second = at;
  return repeats;
}

void FloodGuard::hold(const Notice& notice) {
  if (held_.empty()) held_since_ = notice.at;
  const auto [held, is_first] = held_.try_emplace(notice.alarm.alarm_class, notice);
  if (!is_first) ++held->second.count;
}

void FloodGuard::advance(Instant now, Batch& batch) {
  forget_before(now);
  const bool over = in_flood_ && announced_.size() < kFloodEnds;
  if (!held_.empty() && (over || now - held_since_ >= kCollectFor)) flush(now, batch);
  if (!over) return;
  in_flood_ = false;
  write_row("flood_ended", now, fmt::format("{} announcements within 10 min", announced_.size()), batch);
}

std::size_t FloodGuard::holding() const noexcept {
  std::size_t count = 0;
  for (const auto& [alarm_class, notice] : held_) count += notice.count;
  return count;
}

void FloodGuard::flush(Instant now, Batch& batch) {
  for (auto& [alarm_class, notice] : held_) {
    notice.kind = NoticeKind::collected;
    notice.at = now;
    batch.urgent = true;
    batch.notices.push_back(std::move(notice));
  }
  held_.clear();
}

void FloodGuard::clock_stepped(Millis step) {
  for (Instant& at : announced_) at += step;
  for (auto& [line, at] : lines_) at += step;
  held_since_ += step;
}

void FloodGuard::write_row(std::string_view kind, Instant at, std::string why, Batch& batch) const {
  batch.urgent = true;
  batch.journal.push_back(
      {at, std::string(kind), AlarmId{}, "estate:" + estate_, "", "", "system", "", std::move(why), "", ""});
}

}  // namespace firegate::alarms
