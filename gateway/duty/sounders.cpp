#include "duty/sounders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace firegate::duty {

bool sounds(const Alarm& alarm) noexcept {
  return needs_acknowledgement(alarm.state) && !alarm.overlays.any() && info(alarm.alarm_class).sound != Sound::none;
}

Sounders::Sounders(std::vector<std::string> posts, const std::vector<Alarm>& live) : posts_(std::move(posts)) {
  for (const Alarm& alarm : live) {
    if (sounds(alarm)) sounding_.emplace(alarm.id, info(alarm.alarm_class).priority);
  }
}

Result<Silence> Sounders::silence(std::string_view post, std::string_view by, Instant now) {
  if (!knows(post)) {
    return fail(ErrorCode::bad_input,
                fmt::format("silencing a post: found post \"{}\", expected one of {}", post, fmt::join(posts_, ", ")));
  }
  const auto urgent = most_urgent();
  if (!urgent) return fail(ErrorCode::refused, fmt::format("silencing post {}: nothing sounds", post));

  const Silence silence{std::string(post), *urgent, now + kSilenceLasts, std::string(by)};
  held_.insert_or_assign(silence.post, Held{silence, now});
  return silence;
}

std::vector<SilenceChange> Sounders::alarm_changed(const Alarm& alarm) {
  const Priority priority = info(alarm.alarm_class).priority;
  if (!sounds(alarm)) {
    sounding_.erase(alarm.id);
    return sounding_.empty() ? end_where([](const Held&) { return true; }) : std::vector<SilenceChange>{};
  }
  const bool is_new = sounding_.emplace(alarm.id, priority).second;
  if (!is_new) return {};
  return end_where([priority](const Held& held) { return priority <= held.silence.priority; });
}

std::vector<SilenceChange> Sounders::tick(Instant now) {
  // A clock that was set back must not stretch a silence: before its own beginning it has ended.
  return end_where([now](const Held& held) { return now >= held.silence.until || now < held.begun; });
}

std::vector<Silence> Sounders::silences() const {
  std::vector<Silence> all;
  for (const auto& [post, held] : held_) all.push_back(held.silence);
  return all;
}

bool Sounders::knows(std::string_view post) const noexcept { return std::ranges::find(posts_, post) != posts_.end(); }

std::optional<Priority> Sounders::most_urgent() const noexcept {
  std::optional<Priority> urgent;
  for (const auto& [id, priority] : sounding_) {
    if (!urgent || priority < *urgent) urgent = priority;
  }
  return urgent;
}

template <typename Condition>
std::vector<SilenceChange> Sounders::end_where(Condition condition) {
  std::vector<SilenceChange> ended;
  for (auto at = held_.begin(); at != held_.end();) {
    if (!condition(at->second)) {
      ++at;
      continue;
    }
    ended.push_back({at->first, at->second.silence.priority, std::nullopt, at->second.silence.by});
    at = held_.erase(at);
  }
  return ended;
}

}  // namespace firegate::duty
