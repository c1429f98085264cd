// AlarmFigures: how the alarm system treats the people at a post, after ISA-18.2 and IEC 62682 (domain, section 3.3).
// Computed from what the journal has of a time and from what is live now. Pure; the same events give the same figures.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm.h"
#include "core/alarm_load.h"

namespace firegate::duty {

// A line of the journal that counts.
struct AlarmEvent {
  enum class Kind : std::uint8_t { raised, acknowledged };
  Kind kind{};
  Instant at{};
  AlarmId alarm{};
  std::string rule, subject;
  AlarmClass alarm_class{};
};

struct BadActor {
  std::string rule, subject;
  std::uint64_t raises = 0;
};

struct AlarmFigures {
  std::uint64_t raises = 0;
  std::map<Priority, std::uint64_t> by_priority;
  double per_10_min = 0, per_hour = 0, per_day = 0;  // on average
  std::uint64_t most_in_10_min = 0;                  // in any ten minutes
  double in_flood_pct = 0;                           // of the time
  bool in_flood = false;                             // at the end
  std::vector<BadActor> bad_actors;                  // the ten that raise most
  double bad_actors_pct = 0;                         // their share of all raises
  std::uint64_t acknowledged = 0;
  std::optional<Millis> acknowledge_median, acknowledge_p95;  // from the raise, or the first of several, on

  // Now.
  std::uint64_t standing = 0;  // conditions that are there
  std::uint64_t unacknowledged = 0;
  std::vector<AlarmId> stale;       // there for longer than kStaleAfter; oldest first
  std::vector<AlarmId> chattering;  // marked as such
  std::uint64_t shelved = 0, suppressed = 0, out_of_service = 0;
};

constexpr std::size_t kBadActors = 10;

// `events` in any order, from `from` (included) to `to`; `live`: those of the same scope.
AlarmFigures figures_of(std::vector<AlarmEvent> events, const std::vector<Alarm>& live, Instant from, Instant to);

}  // namespace firegate::duty
