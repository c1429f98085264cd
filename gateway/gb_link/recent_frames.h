// RecentFrames: what one unit has sent lately, so that what it sends again, because our confirmation did not reach it,
// is confirmed again and taken once (GB/T 26875.3, 6.2 to 6.5: the same serial number). Pure; one thread.
//
// A frame is the same when command, serial number and application data are; the time of sending may differ. A unit that
// gives every frame the same serial number is compared with its last one only: fire, normal, fire are three.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "core/raw_message.h"
#include "drivers/gb26875/frame.h"

namespace firegate::gb_link {

// Our choice: three sends of 10 s each (the standard's time-out and number), and time to connect again.
constexpr Millis kResentWithin{60'000};

class RecentFrames {
 public:
  // The place in the inbox of the frame that this one repeats.
  std::optional<InboxSeq> find(const gb26875::Frame& frame, Instant now) const noexcept;
  void add(const gb26875::Frame& frame, InboxSeq seq, Instant now) noexcept;

 private:
  struct Entry {
    std::uint16_t serial = 0;
    std::uint8_t command = 0;
    std::uint64_t hash = 0;  // of the application data
    InboxSeq seq = 0;        // 0: empty
    Instant at{};
  };
  std::array<Entry, 32> ring_{};  // our choice: units wait for a confirmation before they send on, or nearly so
  std::size_t next_ = 0;
};

}  // namespace firegate::gb_link
