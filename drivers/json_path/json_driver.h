// The drivers of formats that YAML files describe: one driver a file. Pure, as every driver.
#pragma once

#include <memory>

#include "core/driver.h"
#include "drivers/json_path/json_format.h"

namespace firegate::json_path {

std::unique_ptr<Driver> make_driver(JsonFormat format);

}  // namespace firegate::json_path
