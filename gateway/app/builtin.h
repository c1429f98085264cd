// What the program brings along: device models and wire formats. Read once at start; a mistake in them is a bug and ends the program.
#pragma once

#include <memory>
#include <vector>

#include "core/driver.h"
#include "core/models.h"

namespace firegate::app {

Models load_builtin_models();
// The formats written in C++ and those that the program brings as files (drivers/json_path/formats).
std::vector<std::unique_ptr<Driver>> builtin_drivers();

}  // namespace firegate::app
