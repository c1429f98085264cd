// The evidence of an alarm as one text: a line a value, tabs between "point port at limit value device
// share_pct"; a missing number is "-", and rows of older versions end with the value. Tabs, line ends and backslashes of a value are escaped, so that a line is a line whatever a device says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"

namespace firegate::store {

std::string evidence_to_stored(const std::vector<Evidence>& evidence);
std::vector<Evidence> evidence_from_stored(std::string_view text);  // lines that cannot be read are left out

}  // namespace firegate::store
