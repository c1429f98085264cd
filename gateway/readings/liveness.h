// Liveness of one device: when it was last heard, and from when on it counts as lost. Pure data; owned by the device's
// state in its partition. 24 bytes: a district has 100,000 of these.
//
// A device is overdue kMissedIntervals × interval + jitter after it was last heard (reliability, F41). It is lost (an
// alarm) when it is overdue and, after a restart or an outage of ours, one whole interval has also passed since we
// could hear it again: never a mass of lost devices because we were away. Between the two it is neither lost nor
// online. A device that never spoke is overdue at once and lost one interval after it was armed from the registry. What
// the network says (`online` false: a will, an availability topic) counts after the delay of the kind's absence rule;
// for sleeping devices the rule says that it does not count (rules::RuleSet::offline_delay).
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/live.h"

namespace firegate::readings {

constexpr double kMissedIntervals = 2.5;  // reliability, F41
// Up to this share of an interval is added, by the device's id, so that devices armed together are not lost together.
constexpr double kJitterShare = 0.1;  // our choice

struct LivenessPolicy {
  Millis interval{};                    // it speaks at least this often (Device::interval)
  Millis jitter{};                      // jitter_of(id, interval)
  std::optional<Millis> offline_delay;  // `online` false counts after this; none: it does not count
};
Millis jitter_of(std::string_view device, Millis interval) noexcept;
// After so long without a word it is overdue: a longer silence is a gap.
Millis longest_silence(const LivenessPolicy& policy) noexcept;

class Liveness {
 public:
  // We can hear the device from now on: at start, on adoption, at the end of an outage of ours.
  void arm(Instant now) noexcept { armed_at_ = now; }
  // From our store at start.
  void restore(Instant last_heard) noexcept { heard_at_ = last_heard; }
  // It spoke by itself: any message that is neither retained nor a will.
  void heard(Instant at) noexcept;
  // The network's word. Saying `online` is a sign of life only when it is not retained.
  void said_online(Instant at, bool retained) noexcept;
  void said_offline(Instant at) noexcept;

  std::optional<Instant> last_heard() const noexcept;
  // From then on its values are stale and nobody may call it online.
  Instant overdue_at(const LivenessPolicy& policy) const noexcept;
  // From then on it is lost: the deadline of the absence rule. Never before overdue_at.
  Instant lost_at(const LivenessPolicy& policy) const noexcept;
  // For people: never_heard = not one word yet; lost = overdue.
  Presence presence(const LivenessPolicy& policy, Instant now) const noexcept;

  // Our clock was re-anchored by `step`: every stored time moves with it, so nobody is lost because of it.
  void shift(Millis step) noexcept;

 private:
  Instant silent_at(const LivenessPolicy& policy) const noexcept;
  Instant offline_counts_at(const LivenessPolicy& policy) const noexcept;

  Instant armed_at_{};
  Instant heard_at_ = kNever;    // kNever: not yet
  Instant offline_at_ = kNever;  // kNever: the network does not call it offline
};

}  // namespace firegate::readings
