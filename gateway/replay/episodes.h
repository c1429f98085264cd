// Episodes: the spans during which a rule's condition was present on a subject, gathered from the journal of a replay.
// What a person makes of an alarm (acknowledge, reset) does not matter here: two fires a day apart are two episodes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm.h"
#include "core/batch.h"

namespace firegate::replay {

// A condition that was gone for less than this goes on: a flapping value makes one episode (our choice).
constexpr Millis kSameEpisode = std::chrono::minutes{10};

struct Episode {
  std::string rule, subject;
  AlarmClass alarm_class{};  // the most urgent it had
  Instant raised_at{};
  std::optional<Instant> cleared_at;  // none: present until the end
  std::uint32_t raises = 0;

  friend bool operator==(const Episode&, const Episode&) = default;
};

class Episodes {
 public:
  // Takes what one step of a replay gave.
  void add(const Batch& batch);
  // All of them, in order of (raised_at, subject, rule).
  std::vector<Episode> take();
  // The same, without ending.
  std::vector<Episode> all() const;
  std::size_t size() const noexcept { return all_.size(); }

 private:
  Episode& open(const Alarm& alarm, Instant at);

  std::map<AlarmId, Alarm> known_;  // of alarms that may still change
  std::vector<Episode> all_;
  std::map<std::pair<std::string, std::string>, std::size_t> last_;  // (rule, subject) → its newest in all_
};

}  // namespace firegate::replay
