#include "readings/liveness.h"

#include <algorithm>

#include "core/hash.h"

namespace firegate::readings {
namespace {

Millis share(Millis interval, double factor) noexcept {
  return Millis{static_cast<Millis::rep>(static_cast<double>(interval.count()) * factor)};
}

}  // namespace

Millis jitter_of(std::string_view device, Millis interval) noexcept {
  const auto widest = static_cast<std::uint64_t>(share(interval, kJitterShare).count());
  return Millis{static_cast<Millis::rep>(StableHash{}.add(device).value() % (widest + 1))};
}

Millis longest_silence(const LivenessPolicy& policy) noexcept {
  return share(policy.interval, kMissedIntervals) + policy.jitter;
}

void Liveness::heard(Instant at) noexcept {
  heard_at_ = at;
  offline_at_ = kNever;
}

void Liveness::said_online(Instant at, bool retained) noexcept {
  offline_at_ = kNever;
  if (!retained) heard_at_ = at;
}

void Liveness::said_offline(Instant at) noexcept {
  if (offline_at_ == kNever) offline_at_ = at;
}

std::optional<Instant> Liveness::last_heard() const noexcept {
  return heard_at_ == kNever ? std::nullopt : std::optional(heard_at_);
}

Instant Liveness::offline_counts_at(const LivenessPolicy& policy) const noexcept {
  return offline_at_ == kNever || !policy.offline_delay ? kNever : offline_at_ + *policy.offline_delay;
}

Instant Liveness::silent_at(const LivenessPolicy& policy) const noexcept {
  return heard_at_ == kNever ? armed_at_ : heard_at_ + longest_silence(policy);
}

Instant Liveness::overdue_at(const LivenessPolicy& policy) const noexcept {
  return std::min(silent_at(policy), offline_counts_at(policy));
}

Instant Liveness::lost_at(const LivenessPolicy& policy) const noexcept {
  const Instant grace_ends = armed_at_ + policy.interval + policy.jitter;
  return std::min(std::max(silent_at(policy), grace_ends), offline_counts_at(policy));
}

Presence Liveness::presence(const LivenessPolicy& policy, Instant now) const noexcept {
  if (heard_at_ == kNever) return Presence::never_heard;
  return now < overdue_at(policy) ? Presence::online : Presence::lost;
}

void Liveness::shift(Millis step) noexcept {
  armed_at_ += step;
  if (heard_at_ != kNever) heard_at_ += step;
  if (offline_at_ != kNever) offline_at_ += step;
}

}  // namespace firegate::readings
