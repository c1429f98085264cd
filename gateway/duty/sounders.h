// Sounders: which posts are silenced, and when each sounds again. Silence (EN 54-2) belongs to a post's sounder and is
// not an act on an alarm: it quiets what sounds now and ends with the next new alarm of the class or above (by
// priority), after ten minutes while anything is unacknowledged, or when nothing is left that sounds (architecture,
// section 5). A restart forgets silences: the posts sound again. Pure; the owner's thread; time is a parameter.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "core/result.h"

namespace firegate::duty {

constexpr Millis kSilenceLasts = std::chrono::minutes{10};  // architecture, section 5

struct Silence {
  std::string post;
  Priority priority{};  // of the most urgent alarm that sounded; this and what is less urgent is silenced
  Instant until{};
  std::string by;
};

// A change of one post's silence: begun or replaced (`until` set), or ended (`until` empty).
struct SilenceChange {
  std::string post;
  Priority priority{};
  std::optional<Instant> until;
  std::string by;  // who silenced
};

// Whether the alarm makes a sound where nobody has silenced it: not acknowledged, no overlay, a class that sounds.
bool sounds(const Alarm& alarm) noexcept;

class Sounders {
 public:
  // `posts`: ids of the posts, as configured. `live`: alarms that were live before; none of them counts as new.
  Sounders(std::vector<std::string> posts, const std::vector<Alarm>& live);

  // bad_input for an unknown post, refused when nothing sounds there.
  Result<Silence> silence(std::string_view post, std::string_view by, Instant now);
  std::vector<SilenceChange> alarm_changed(const Alarm& alarm);
  std::vector<SilenceChange> tick(Instant now);

  std::vector<Silence> silences() const;  // by post
  bool knows(std::string_view post) const noexcept;
  const std::vector<std::string>& posts() const noexcept { return posts_; }

 private:
  struct Held {
    Silence silence;
    Instant begun{};
  };
  std::optional<Priority> most_urgent() const noexcept;
  template <typename Condition>
  std::vector<SilenceChange> end_where(Condition condition);

  std::vector<std::string> posts_;
  boost::unordered_flat_map<AlarmId, Priority> sounding_;
  std::map<std::string, Held, std::less<>> held_;  // by post
};

}  // namespace firegate::duty
