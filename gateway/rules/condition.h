// Condition: one node of the tree that says when a rule is true. Data read from config/rules/*.yaml; immutable. The
// form of the files: gateway/rules/README.md. What each leaf answers, and when it does not know: conditions.h.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/device_kind.h"
#include "core/value.h"
#include "rules/calendar.h"
#include "rules/expression.h"

namespace firegate::rules {

using KindSet = std::bitset<label_count<DeviceKind>()>;

constexpr std::size_t kMaxConditions = 32;  // nodes of one rule; RuleState has a bit for each limit
constexpr std::size_t kMaxNesting = 6;
constexpr std::size_t kMaxCounted = 64;  // of count and changes: so many times are kept

struct Condition;

// any: one is enough; a point that the device has never said takes no part.
// all: every one must hold; a point that was never said leaves the answer unknown.
enum class Combine : std::uint8_t { any, all };
struct Group {
  Combine combine = Combine::any;
  std::vector<Condition> of;  // at least 1
};
struct Not {
  std::vector<Condition> of;  // exactly 1
};

// The point equals one of the values.
struct Is {
  Point point{};
  std::vector<Value> any_of;
};

// A limit. Beyond it the test is true; exactly at it as `inclusive` says; on the good side of `clear` it is false.
// Between the two it stays what it was (hysteresis); with clear = limit there is no such band.
struct Limit {
  Point point{};
  bool upper = true;       // at_least, above; else at_most, below
  bool inclusive = false;  // at_least, at_most
  double limit = 0;
  double clear = 0;
  std::uint8_t bit = 0;  // of RuleState: whether it was true when last known

  bool has_band() const noexcept { return clear != limit; }
};

// The number is `by` above (below) its least (greatest) value of the last `within`.
struct Rise {
  Point point{};
  bool falls = false;
  double by = 0;
  Millis within{};
  std::uint8_t window = 0;
};

// The number is away from its own slow mean over about `baseline`.
struct Deviation {
  enum class Side : std::uint8_t { either, above, below };
  Point point{};
  Side side = Side::either;
  double by = 0;
  Millis baseline{};
  std::uint8_t window = 0;
};

// A test became true, or a pulse of it came, at least so many times within a time.
struct Count {
  std::vector<Condition> of;  // exactly 1: an Is or a Limit
  std::size_t at_least = 0;
  Millis within{};
  std::uint8_t window = 0;
};

// The value changed at least so many times within a time.
struct Chatter {
  Point point{};
  std::size_t changes = 0;
  Millis within{};
  std::uint8_t window = 0;
};

// The value has not changed for a time in which the device kept saying it.
struct Stuck {
  Point point{};
  Millis unchanged_for{};
  std::uint8_t window = 0;
};

// The device is not heard any more, or never was (readings/liveness.h).
struct Absence {
  // `online` false, said by the network or a will, counts after this; none: it never counts.
  std::optional<Millis> offline_delay;
  // Wire formats whose devices disconnect to sleep: their `online` false says nothing.
  std::vector<std::string> sleeping_formats;
};

// How far around a device one looks. A device whose place does not name this level is alone.
enum class Scope : std::uint8_t { location, zone, floor, building };

using LookNo = std::uint16_t;  // position in RuleSet::looks()

// The device itself and at least `at_least` devices in all, of the kinds of the rule, are in this condition. Members
// that are disabled, lost or have never said a point of it take no part; where fewer than `at_least` remain, all of
// them must be in it.
struct InZone {
  Scope scope = Scope::zone;
  std::size_t at_least = 2;
  std::vector<Condition> of;  // exactly 1
  LookNo look = 0;
};

// Another device of these kinds is in this condition. Disabled ones take no part.
struct Nearby {
  Scope scope = Scope::zone;
  KindSet kinds;
  std::vector<Condition> when;  // exactly 1; without memory unless all `kinds` are of the rule
  LookNo look = 0;
};

// What an analogue detector reports looks like a fire (detection/fire_pattern.h). Its state is the rule's: every such
// leaf of a rule asks the same one.
struct FirePattern {
  enum class Asks : std::uint8_t { pre_alarm, alarm, suspects };
  Asks asks = Asks::alarm;
};
constexpr std::array<Point, 6> kPatternPoints{Point::temperature_c, Point::smoke_od_m, Point::smoke_obscuration_db_m,
                                              Point::smoke_pct,     Point::co_ppm,     Point::humidity_pct};

struct Condition {
  std::variant<Group, Is, Limit, Not, Rise, Deviation, Count, Chatter, Stuck, Absence, Schedule, InZone, Nearby,
               Expression, FirePattern>
      what;

  template <typename Kind>
  const Kind* as() const noexcept {
    return std::get_if<Kind>(&what);
  }
};

// The conditions under this one that are about the same device; none for a leaf.
inline const std::vector<Condition>* parts_of(const Condition& condition) noexcept {
  if (const Group* group = condition.as<Group>()) return &group->of;
  if (const Not* negated = condition.as<Not>()) return &negated->of;
  if (const Count* count = condition.as<Count>()) return &count->of;
  if (const InZone* zone = condition.as<InZone>()) return &zone->of;
  return nullptr;
}

// Calls `visit` with the condition and everything under it that is about the same device.
template <typename Visit>
void for_each_condition(const Condition& condition, Visit&& visit) {
  visit(condition);
  if (const auto* parts = parts_of(condition)) {
    for (const Condition& part : *parts) for_each_condition(part, visit);
  }
}

// Whether it remembers anything of the past beside the band of a limit.
inline bool has_memory(const Condition& leaf) noexcept {
  return std::visit(
      [](const auto& of) {
        return requires { of.window; }
        || std::is_same_v<std::decay_t<decltype(of)>, FirePattern>;
      },
      leaf.what);
}

// Calls `visit(point)` for every point of the device that the condition looks at.
template <typename Visit>
void for_each_point(const Condition& condition, Visit&& visit) {
  for_each_condition(condition, [&visit](const Condition& at) {
    std::visit(
        [&visit](const auto& leaf) {
          if constexpr (requires { leaf.point; }) visit(leaf.point);
          if constexpr (std::is_same_v<std::decay_t<decltype(leaf)>, Expression>) {
            for (const Point point : leaf.points()) visit(point);
          }
          if constexpr (std::is_same_v<std::decay_t<decltype(leaf)>, FirePattern>) {
            for (const Point point : kPatternPoints) visit(point);
          }
        },
        at.what);
  });
}

}  // namespace firegate::rules

namespace firegate {
template <>
struct Labels<rules::FirePattern::Asks> {
  static constexpr std::array<std::string_view, 3> list{"pre_alarm", "alarm", "suspects"};
};
template <>
struct Labels<rules::Scope> {
  static constexpr std::array<std::string_view, 4> list{"location", "zone", "floor", "building"};
};
}  // namespace firegate
