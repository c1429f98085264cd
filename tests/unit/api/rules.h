// Two rules for the tests of the web part, which shows what they mean and not how they judge.
#pragma once

#include <memory>
#include <vector>

#include "rules/rule_set.h"

namespace firegate::fakes {

inline rules::RuleSetPtr make_rules() {
  rules::Rule smoke;
  smoke.id = "smoke_alarm";
  smoke.kinds.set();
  smoke.alarm_class = AlarmClass::fire_alarm;
  smoke.text_zh = "烟感火警";
  smoke.text_en = "Smoke alarm";
  smoke.source = "the detector's own decision";

  rules::Rule hot;
  hot.id = "port_hot";
  hot.kinds.set(static_cast<std::size_t>(DeviceKind::charging_station));
  hot.kinds.set(static_cast<std::size_t>(DeviceKind::swap_cabinet));
  hot.alarm_class = AlarmClass::pre_alarm;
  hot.text_zh = "端口过热";
  hot.text_en = "Port too hot";
  hot.source = "our choice";
  return std::make_shared<const rules::RuleSet>(std::vector{smoke, hot});
}

}  // namespace firegate::fakes
