// Rule: when a device of certain kinds is in an abnormal condition. Data read from config/rules/*.yaml; immutable.
// Every limit names its source. The form of the files: gateway/rules/README.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/alarm_class.h"
#include "core/device_kind.h"
#include "core/value.h"

namespace firegate::rules {

using KindSet = std::bitset<label_count<DeviceKind>()>;

// The point equals one of the values.
struct Is {
  std::vector<Value> any_of;
};
// A limit. Beyond it the test is true; exactly at it as `inclusive` says; on the good side of `clear` it is false.
// Between the two it stays what it was (hysteresis); with clear = limit there is no such band.
struct Above {
  double limit = 0;
  double clear = 0;        // false below this; at most `limit`
  bool inclusive = false;  // at_least (true) or above (false)
};
struct Below {
  double limit = 0;
  double clear = 0;        // false above this; at least `limit`
  bool inclusive = false;  // at_most (true) or below (false)
};
struct Test {
  Point point{};
  std::variant<Is, Above, Below> how;
};
constexpr std::size_t kMaxTests = 8;  // of one rule; RuleState has a bit for each

// any: one test is enough; a point that the device has never said takes no part.
// all: every test must hold; a point that was never said leaves the answer unknown.
enum class Combine : std::uint8_t { any, all };

struct Condition {
  Combine combine = Combine::any;
  std::vector<Test> tests;  // 1 to kMaxTests
};

// The device is not heard any more (readings/liveness.h).
struct Absence {
  // `online` false, said by the network or a will, counts after this; none: it never counts.
  std::optional<Millis> offline_delay;
  // Wire formats whose devices disconnect to sleep: their `online` false says nothing.
  std::vector<std::string> sleeping_formats;
};

struct Rule {
  std::string id;
  KindSet kinds;
  AlarmClass alarm_class{};
  std::string text_zh, text_en;  // what people read
  std::string source;            // where the limit comes from: standard and clause, or "our choice"
  std::variant<Condition, Absence> when;
  bool per_port = false;  // judged on the ports of a device only, never on the device as a whole
  Millis on_delay{};      // true for this long before it is active
  Millis off_delay{};     // false for this long before it is cleared

  const Condition* condition() const noexcept { return std::get_if<Condition>(&when); }
  const Absence* absence() const noexcept { return std::get_if<Absence>(&when); }
};

}  // namespace firegate::rules
