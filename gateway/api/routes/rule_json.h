// Rules, versions, problems and trials as JSON (openapi.yaml is the reference).
#pragma once

#include <string>
#include <vector>

#include "api/json_writer.h"
#include "api/rule_desk.h"

namespace firegate::api {

// `with_overrides`: they name places of every estate.
void write(JsonWriter& json, const rules::Rule& rule, const RulesInForce& of, bool with_overrides);
void write(JsonWriter& json, const RuleVersion& version);
void write(JsonWriter& json, const RuleChanges& changes);
void write(JsonWriter& json, const RuleHits& hits);
void write(JsonWriter& json, const RuleFile& file);
void write(JsonWriter& json, const Problem& problem);
void write(JsonWriter& json, const replay::BacktestStatus& status);
void write(JsonWriter& json, const ShadowView& shadow);

}  // namespace firegate::api
