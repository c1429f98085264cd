// Act: what a person does to an alarm. Silence, acknowledge, verdict and reset are four acts, as on a panel; silence
// belongs to a post's sounder (duty/sounders.h) and is not here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/alarm.h"
#include "core/labels.h"
#include "core/result.h"

namespace firegate {

enum class ActKind : std::uint8_t { acknowledge, unacknowledge, verdict, reset, shelve, unshelve };
template <>
struct Labels<ActKind> {
  static constexpr std::array<std::string_view, 6> list{"acknowledge", "unacknowledge", "verdict",
                                                        "reset",       "shelve",        "unshelve"};
};

struct Act {
  ActKind kind{};
  AlarmId alarm{};
  std::string by;    // who, as people call them
  std::string post;  // at which desk or screen
  std::string why;
  std::optional<Verdict> verdict;  // for `verdict`
  std::optional<Instant> until;    // for `shelve`
  std::string who{};      // the same as the journal has it, Principal::who(); empty: as `by`
  std::string address{};  // from where: an IP address, or "local"
};

// Any thread. `done` runs once, on a thread of the callee, after the commit: the alarm as it is now, or why it was refused
// (ErrorCode::not_found, refused with the state in the message, overloaded, io_failed).
class Acts {
 public:
  virtual ~Acts() = default;
  virtual void post(Act act, std::function<void(Result<Alarm>)> done) noexcept = 0;
};

}  // namespace firegate
