// Rule cases: small stories about devices, and which rules must be active after each step: tests of a rule set that its
// author writes beside it. Read from YAML; run on the same partition that decides live. Pure; one thread.
//
//   cases:
//     - name: smoke in a kitchen is an alarm at once
//       devices: [{id: kitchen, kind: smoke_detector, zone: flat, occupancy: [kitchen]}]
//       steps:
//         - {at: 0s, device: kitchen, readings: {smoke: false}, expect: {kitchen: []}}
//         - {at: 10s, device: kitchen, readings: {smoke: true}, expect: {kitchen: [smoke_alarm]}}
//         - {at: 2d, expect: {kitchen: [lost, {rule: smoke_alarm, class: fire_alarm}]}}
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/config_node.h"
#include "core/device_map.h"
#include "core/reading.h"
#include "partition/partition.h"

namespace firegate::replay {

// A rule whose condition must be present on a device; the class and confirmation only where they are given.
struct ExpectedRule {
  std::string rule;
  std::optional<AlarmClass> alarm_class;
  std::optional<Confirmation> confirmation;
};

struct RuleStep {
  Millis at{};         // after the begin of the case; never before the step before
  std::string device;  // who speaks; empty: time passes
  MessageKind kind = MessageKind::delta;
  std::vector<Reading> readings;
  std::map<std::string, std::vector<ExpectedRule>> expect;  // device → all rules active on it and its ports, no others
  SourcePos where;
};

struct RuleCase {
  std::string name;
  Instant begin{};  // `begin: 2026-11-22T03:14:15Z`; else a Sunday midnight in Shanghai
  std::vector<DevicePtr> devices;
  std::vector<RuleStep> steps;
  SourcePos where;
};

// Every problem of the file is found in one run; the result may be used only when there is none.
std::vector<RuleCase> parse_rule_cases(const ConfigNode& file, Problems& problems);

// What is wrong, one text for each step and device that is not as expected; empty: passed.
std::vector<std::string> run_rule_case(const RuleCase& one, const rules::RuleSetPtr& rules);

}  // namespace firegate::replay
