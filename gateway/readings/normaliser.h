// Normaliser: one device's decoded message and how it arrived → readings with judged quality.
// Pure; no state. Units need nothing: the name of a point carries its unit and drivers convert.
//
// Quality (vocabulary, "Quality of a reading"), the first that holds:
//   historical, simulated, bad   what the driver already said stays
//   bad         a value of the wrong type (its value becomes unknown), or a number outside info(point).low..high
//   retained    the retain flag was set on receipt
//   late        backlog after an outage of ours or of the link, or the device's time is more than kLateAfter before
//   arrival good        everything else
// A late value is never called historical by its time alone: a device whose clock is a day behind may be on fire now.
#pragma once

#include <optional>
#include <vector>

#include "core/current_values.h"
#include "core/reading.h"

namespace firegate::readings {

// How a message reached us.
struct Arrival {
  Instant at{};           // when it arrived, by our clock
  bool retained = false;  // the retain flag was set
  bool backlog = false;   // it waited somewhere while we or the link were away
};

// A device time before this is a clock that was never set (our choice; GB/T 26875.3 counts years from 2000).
constexpr Instant kDeviceClockFloor{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};
// A device time more than this ahead of arrival is a wrong clock (our choice; GB/T 26875.3 sets no bound).
constexpr Millis kDeviceClockAhead = std::chrono::minutes{10};
// Measured longer than this before arrival is late (our choice: beyond three resends of 10 s (GB/T 26875.3, 6.2) and a
// reconnect with back-off of a minute, well below the quarter-hour at which readings are stored).
constexpr Millis kLateAfter = std::chrono::minutes{5};

// The device's time when its clock can be believed, none otherwise.
std::optional<Instant> believable(std::optional<Instant> device_time, Instant arrived_at) noexcept;

struct Normalised {
  // In the order of the message; changed_at = updated_at = arrival. A point said twice: the last one, in the first
  // place.
  std::vector<Current> values;
  bool clock_invalid = false;  // the device gave a time that cannot be believed: arrival is used instead
  std::size_t bad = 0;         // how many of `values` are bad
};
Normalised normalise(const DeviceMessage& message, const Arrival& arrival);

// What an `event` message says of this value is a pulse: it raises and clears at once and is no state to be kept.
// Numbers in an event (a battery level beside a button press) are measurements like any other.
bool is_pulse(MessageKind kind, const Current& value) noexcept;

// Whether `next` takes the place of `known` (null: nothing is known yet):
//   historical, simulated  never
//   retained               only of nothing, retained or restored: it never replaces what was heard live
//   late                   when it was not measured before `known`; a retained `known` has no age and gives way
//   good, bad              always: messages of one device arrive in order, and a device's clock may be set back at any
//   time
// So a late `false` that arrives after a newer `true` is not seen by the rules at all, and a late value that they see
// is the newest there is.
bool supersedes(const Current* known, const Current& next) noexcept;

// An unchanged value is stored this often (architecture, 9.7).
constexpr Millis kKeepEvery = std::chrono::minutes{15};

// Puts `next` among `values` when it supersedes what is there; `changed_at` of an unchanged value is kept. Worth
// keeping as history: a change of quality, a change of value (a number: by the point's deadband from what was last
// kept, so that a slow drift leaves its steps too), and the first value of each quarter of an hour.
struct Stored {
  bool taken = false;    // it is the current value now
  bool differs = false;  // in value or quality from what stood there: the rules that look at the point must judge again
  bool keep = false;     // worth keeping as history
};
Stored store(CurrentValues& values, Current next);

}  // namespace firegate::readings
