// Values of Shelly devices of the first generation: one topic a value, plain text.
#pragma once

#include <string_view>
#include <vector>

#include "core/reading.h"

namespace firegate::shelly {

// Adds what the text on `path` (what follows the device's id: "relay/0/power") says.
void read_gen1(std::string_view path, std::string_view text, std::vector<Reading>& readings);

}  // namespace firegate::shelly
