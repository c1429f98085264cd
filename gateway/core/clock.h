// Time. The wall time of the core is anchored once and then runs on the steady clock, so that a stepped system clock
// never moves timers, order or alarms. The pure core never asks for the time: it is a parameter everywhere.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace firegate {

using Millis = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Millis>;  // UTC, milliseconds since 1970
using Steady = std::chrono::steady_clock::time_point;

constexpr Instant kNever = Instant::max();  // "no deadline"

// Any thread. All calls are noexcept and wait-free.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const noexcept = 0;          // anchored wall time
  virtual Steady steady_now() const noexcept = 0;
  // How far the system's clock has moved away from ours (positive: the system's is ahead).
  virtual Millis drift() const noexcept = 0;
  // Takes the system's clock as the new anchor. The caller journals it (a step over kClockStep is an event).
  virtual void re_anchor() noexcept = 0;
};

constexpr Millis kClockStep{2000};  // our choice (architecture, section 3): a larger step re-anchors

// The one place that reads the system's clock. Created once by `app`; valid for the life of the program.
Clock& system_clock();

// "2026-11-22T03:14:15.926Z"
std::string to_text(Instant at);
// Reads RFC 3339 with any fraction and zone ("Z", "+08:00"); none when it is not a date and time with a zone.
std::optional<Instant> instant_from_text(std::string_view text) noexcept;

}  // namespace firegate
