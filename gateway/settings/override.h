// Settings given on the command line: `--set broker.port=18830` stands above what the file says.
#pragma once

#include <span>
#include <string>

#include "core/config_node.h"

namespace firegate::settings {

// A copy of `root` (null: an empty map) in which each "path.to.key=value" is set as a single value. Problems name
// "--set" as their file. Any thread.
ConfigNodePtr with_overrides(const ConfigNodePtr& root, std::span<const std::string> overrides, Problems& problems);

}  // namespace firegate::settings
