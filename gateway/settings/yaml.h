// YAML → ConfigNode: every node with its file, line and column. The only place that knows yaml-cpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/config_node.h"

namespace firegate::settings {

// `shown_as` is how the file is named in problems. Null when it cannot be read or parsed (the reason is in `problems`).
// Duplicate keys, anchors that blow up (more than 1,000,000 nodes) and nesting beyond 32 are problems.
ConfigNodePtr load_yaml(const std::filesystem::path& file, std::string shown_as, Problems& problems);
ConfigNodePtr parse_yaml(std::string_view text, std::string shown_as, Problems& problems);

}  // namespace firegate::settings
