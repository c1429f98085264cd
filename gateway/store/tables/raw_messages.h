// Raw messages: the last kRawMessages of each device, as they came. Each is numbered within its device, so that the
// newest and the oldest of a device are found by the key alone. They go with their device's later messages only: what a
// device said before it was removed stays, for whoever asks why, and should it come back.
#pragma once

#include <string_view>
#include <vector>

#include "core/batch.h"
#include "store/database.h"

namespace firegate::store::raw_messages {

// Takes the place of the device's oldest when it has kRawMessages.
Result<void> append(Database& database, const RawRow& row);

Result<std::vector<RawCopy>> of_device(Database& database, std::string_view device);  // newest first

}  // namespace firegate::store::raw_messages
