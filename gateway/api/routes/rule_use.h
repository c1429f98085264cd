// The routes of rules, and what they share: who may use them, and how they ask the desk.
#pragma once

#include <functional>
#include <optional>

#include "api/routes/routes.h"

namespace firegate::api {

void add_rule_routes(Router& router, const Context& context);        // the rules in force, their files and versions
void add_rule_trial_routes(Router& router, const Context& context);  // backtests and the shadow

// Rules and their exceptions are those of every estate: who edits them in one alone does not see them. None: go on.
std::optional<Response> refuse_but_everywhere(const Context& context, const Request& request);

// Asks on the desk's thread, which may wait for the disk. Answers "overloaded" when too much waits there.
void with_desk(const Context& context, const Responder& respond, std::function<Response(RuleDesk&)> ask);

// 400 with every problem of the files, 412 for a version that is no longer in force, or as any error.
Response rule_problem(const RuleRefusal& refusal);

}  // namespace firegate::api
