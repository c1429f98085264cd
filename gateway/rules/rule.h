// Rule: when a device of certain kinds is in an abnormal condition, and of which class the alarm then is. Data read
// from config/rules/*.yaml; immutable. Every limit names its source. The form of the files: gateway/rules/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/alarm_class.h"
#include "rules/condition.h"

namespace firegate::rules {

// One severity of a rule. The last step that is active gives the alarm its class.
struct Step {
  AlarmClass alarm_class{};
  Condition when;
  Millis on_delay{};   // true for this long before it is active
  Millis off_delay{};  // false for this long before it is cleared
};
constexpr std::size_t kMaxSteps = 8;  // RuleState has a bit for each

struct Rule {
  std::string id;
  KindSet kinds;
  AlarmClass alarm_class{};      // of its last step
  std::string text_zh, text_en;  // what people read
  std::string source;            // where the limit comes from: standard and clause, or "our choice"
  std::vector<Step> steps;       // 1 to kMaxSteps, rising in severity
  bool per_port = false;         // judged on the ports of a device only, never on the device as a whole
  bool enabled = true;           // false: an override switched it off
  bool absence = false;          // judges whether the device is heard: on the device as a whole only
  std::uint8_t windows = 0;      // how many leaves keep a window
};

}  // namespace firegate::rules
