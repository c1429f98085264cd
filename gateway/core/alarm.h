// Alarm: one occurrence of something abnormal, from its first raise until it is `normal` again.
// Four separate attributes: class, priority (of the class), state (ISA-18.2) and overlays. A plain value; the partition
// owns the live ones and hands out copies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm_class.h"
#include "core/clock.h"
#include "core/device_kind.h"
#include "core/place.h"
#include "core/reading.h"

namespace firegate {

// Hash of rule, subject and arrival time of the first raise: the same in a live run and in a replay. Never a counter.
enum class AlarmId : std::uint64_t {};
AlarmId alarm_id(std::string_view rule, std::string_view subject, Instant first_raise) noexcept;
std::string to_text(AlarmId id);  // 16 hexadecimal digits
std::optional<AlarmId> alarm_id_from_text(std::string_view text) noexcept;

// ISA-18.2 states; the letter of the standard's figure in brackets.
enum class AlarmState : std::uint8_t {
  normal,                   // [A]
  unacknowledged,           // [B] condition present
  acknowledged,             // [C] condition present
  returned_unacknowledged,  // [D] condition gone, nobody has acknowledged
  latched_unacknowledged,   // [E] condition gone, held, nobody has acknowledged
  latched_acknowledged,     // [F] condition gone, held, waits for reset
};
template <>
struct Labels<AlarmState> {
  static constexpr std::array<std::string_view, 6> list{"normal",
                                                        "unacknowledged",
                                                        "acknowledged",
                                                        "returned_unacknowledged",
                                                        "latched_unacknowledged",
                                                        "latched_acknowledged"};
};
constexpr bool condition_present(AlarmState state) noexcept {
  return state == AlarmState::unacknowledged || state == AlarmState::acknowledged;
}
constexpr bool needs_acknowledgement(AlarmState state) noexcept {
  return state == AlarmState::unacknowledged || state == AlarmState::returned_unacknowledged ||
         state == AlarmState::latched_unacknowledged;
}

enum class Overlay : std::uint8_t { shelved, suppressed_by_design, out_of_service };  // [G] [H] [I]
template <>
struct Labels<Overlay> {
  static constexpr std::array<std::string_view, 3> list{"shelved", "suppressed_by_design", "out_of_service"};
};
class OverlaySet {
 public:
  constexpr bool has(Overlay overlay) const noexcept { return bits_ & bit(overlay); }
  constexpr bool any() const noexcept { return bits_ != 0; }
  constexpr void set(Overlay overlay) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit(overlay)); }
  constexpr void clear(Overlay overlay) noexcept { bits_ = static_cast<std::uint8_t>(bits_ & ~bit(overlay)); }
  friend constexpr bool operator==(OverlaySet, OverlaySet) = default;

 private:
  static constexpr std::uint8_t bit(Overlay overlay) noexcept {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(overlay));
  }
  std::uint8_t bits_ = 0;
};

enum class Confirmation : std::uint8_t { unverified, single, confirmed, verified };
template <>
struct Labels<Confirmation> {
  static constexpr std::array<std::string_view, 4> list{"unverified", "single", "confirmed", "verified"};
};

enum class Verdict : std::uint8_t { real, cooking, steam_or_dust, test, device_fault, unknown };
template <>
struct Labels<Verdict> {
  static constexpr std::array<std::string_view, 6> list{"real", "cooking",      "steam_or_dust",
                                                        "test", "device_fault", "unknown"};
};

// A value that spoke for the alarm.
struct Evidence {
  Point point{};
  Port port = kNoPort;
  Value value;
  std::optional<double> limit;  // the limit it passed, in the point's unit
  Instant at{};
  std::string device{};               // id of the device that said it; empty: the alarm's subject
  std::optional<double> share_pct{};  // how much of its own limit it reached, where several speak together: 70 of 100
};

// What the alarm is about: a device, or one port of it. Copied from the device map when the alarm was raised, because
// places move and alarms are history.
struct Subject {
  std::string device;  // id
  Port port = kNoPort;
  std::string device_name;
  DeviceKind kind{};
  bool mapped = true;
  PlacePtr place;  // never null

  std::string text() const;  // "garage-03" or "garage-03/4"
};

struct Alarm {
  AlarmId id{};
  std::string rule;  // id of the rule that raised it, or "self_<code>" for a fault of ours
  AlarmClass alarm_class{};
  Subject subject;
  AlarmState state = AlarmState::normal;
  OverlaySet overlays;
  Confirmation confirmation = Confirmation::single;
  bool late = false;          // raised from a late reading
  bool not_recorded = false;  // announced although the store could not write it
  std::vector<Evidence> evidence;

  Instant first_raised_at{};
  Instant last_raised_at{};
  std::uint32_t occurrences = 0;  // raises since first_raised_at
  std::optional<Instant> returned_at;
  std::optional<Instant> acknowledged_at;
  std::string acknowledged_by;
  std::optional<Verdict> verdict;
  std::string verdict_by;
  std::optional<Instant> shelved_until;
  std::string shelved_by{};        // who, as people call them; with `shelved_why` empty unless shelved
  std::string shelved_why{};
  std::string suppressed_why{};    // why it is suppressed by design; empty unless it is
  AlarmId cause{};                 // the alarm that explains this one, under which it is suppressed; zero: none
  std::uint32_t consequences = 0;  // alarms that this one explains, while they are suppressed under it
  std::string line{};              // what a lost device speaks through; empty for every other alarm
  bool chattering = false;         // raised so often that its announcements are held back (life threats never)
  bool end_announced = false;      // people were told that its shelving ends soon
  Instant changed_at{};            // last transition or act
  std::uint32_t revision = 0;     // counts every change; with the id the key of a notice
};

// Whether it is still somebody's business: not `normal`, or under an overlay that would hold its next raise as well.
inline bool is_live(const Alarm& alarm) noexcept { return alarm.state != AlarmState::normal || alarm.overlays.any(); }

}  // namespace firegate
