// RuleFiles, understood: files of rules compiled into a set, with where each rule stands and what has changed between
// two sets. Pure but for parsing; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/config_node.h"
#include "core/rule_version.h"
#include "rules/rule_set.h"

namespace firegate::app {

constexpr std::size_t kMaxRuleBytes = 4 * 1024 * 1024;  // of all files that are published; our choice
constexpr std::size_t kMaxRuleFiles = 200;              // our choice

struct CompiledRules {
  rules::RuleSetPtr rules;                                 // null: there are problems
  std::map<std::string, RuleOrigin, std::less<>> origins;  // by id
  std::map<std::string, std::string, std::less<>>
      said;  // by id: what the files say of the rule, without comments and form
};

// Problems name the files as they are named here. No rule at all is a problem: without rules the built-in ones would
// apply.
CompiledRules compile(const RuleFiles& files, const rules::CalendarPtr& calendar, Problems& problems);

RuleChanges changes_between(const CompiledRules& before, const CompiledRules& after);

// `patch` laid over `files`; what is wrong with it (a name, too much of it) is among the problems.
RuleFiles lay_over(RuleFiles files, const RulePatch& patch, Problems& problems);
// What turns `from` into `to`.
RulePatch patch_between(const RuleFiles& from, const RuleFiles& to);

// The rules that are part of the program.
RuleFiles builtin_rule_files();

}  // namespace firegate::app
