// Components of Shelly devices of the second and later generations: "switch:0", "smoke:0", "devicepower:0".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/reading.h"
#include "drivers/common/json.h"

namespace firegate::shelly {

// Adds what one component says; `key` is its name and number, as in topics and messages. `whole`: all its attributes
// are there, so that what the documentation leaves out while it is not so (errors) is said too.
void read_component(std::string_view key, const json::Object& component, bool whole, std::vector<Reading>& readings);
// Adds what all components among the members say.
void read_components(const json::Object& params, bool whole, std::vector<Reading>& readings);
// Adds the alarms among the `events` of a NotifyEvent: only those of detectors concern us; buttons and beacons do not.
void read_events(const json::Object& params, std::vector<Reading>& readings);
// The time of a notification; none where the device's clock was never set.
std::optional<Instant> time_of(const json::Object& params);

}  // namespace firegate::shelly
