#include "gb_link/recent_frames.h"

#include "core/hash.h"

namespace firegate::gb_link {
namespace {

std::uint64_t hash_of(const gb26875::Frame& frame) noexcept { return StableHash().add(frame.unit).value(); }

}  // namespace

std::optional<InboxSeq> RecentFrames::find(const gb26875::Frame& frame, Instant now) const noexcept {
  for (std::size_t back = 1; back <= ring_.size(); ++back) {
    const Entry& entry = ring_[(next_ + ring_.size() - back) % ring_.size()];
    if (entry.seq == 0 || now - entry.at > kResentWithin) return std::nullopt;
    if (entry.serial != frame.serial || entry.command != frame.command) continue;
    return entry.hash == hash_of(frame) ? std::optional(entry.seq) : std::nullopt;
  }
  return std::nullopt;
}

void RecentFrames::add(const gb26875::Frame& frame, InboxSeq seq, Instant now) noexcept {
  ring_[next_] = {frame.serial, frame.command, hash_of(frame), seq, now};
  next_ = (next_ + 1) % ring_.size();
}

}  // namespace firegate::gb_link
