// Every wire format of this build, one driver each. The body is generated from the folders; only `app` and `cli` see it.
#pragma once

#include <memory>
#include <vector>

#include "core/driver.h"

namespace firegate {

std::vector<std::unique_ptr<Driver>> all_drivers();

}  // namespace firegate
