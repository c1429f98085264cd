// parse_condition: the condition of a rule file → Condition. Everything wrong is added to the problems, with the
// nearest word where there is one, and reading goes on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config_node.h"
#include "rules/condition.h"

namespace firegate::rules {

// What is known while the conditions of one rule are read, and what was counted.
struct ConditionContext {
  Problems& problems;
  CalendarPtr calendar;  // may be null
  KindSet kinds;         // of the rule
  std::size_t conditions = 0, bands = 0, windows = 0, nesting = 0;
  bool absence = false;         // one of them asks whether the device is heard
  bool asks_pattern = false;    // one of them asks the fire pattern of the device itself
  bool others_pattern = false;  // one asks it of others
  enum class Asks : std::uint8_t {
    itself,
    zone,
    others
  } asks = Asks::itself;  // whom the condition now read is asked of
};

std::optional<Condition> parse_condition(const ConfigNode& node, ConditionContext& context);

// A list of device kinds, or `any`.
KindSet parse_kinds(MapReader& reader, std::string_view key, Problems& problems);

std::string suggestion(std::string_view word, std::span<const std::string_view> list);

// Part of parse_condition (parse_point.cpp): what is written with `point`.
std::optional<Condition> parse_test(const ConfigNode& node, ConditionContext& context);
// A duration from `least` to `most`.
Millis parse_span(MapReader& reader, std::string_view key, Millis least, Millis most);

}  // namespace firegate::rules
