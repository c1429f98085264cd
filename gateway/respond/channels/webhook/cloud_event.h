// A notice as a CloudEvents 1.0 event in structured JSON: type "firegate.alarm.<kind>", id = the notice's key, data =
// the alarm as it was then. Absent values are null; times are RFC 3339 UTC.
#pragma once

#include <string>

#include "core/batch.h"

namespace firegate::respond {

std::string to_cloud_event(const Notice& notice);

}  // namespace firegate::respond
