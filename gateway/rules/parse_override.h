// parse_override: one entry of `overrides:` → Override, with the rule as it then is.
#pragma once

#include <optional>
#include <span>

#include "core/config_node.h"
#include "rules/override.h"

namespace firegate::rules {

// `rules`: those of all files.
std::optional<Override> parse_override(const ConfigNode& node, std::span<const Rule> rules, Problems& problems);

}  // namespace firegate::rules
