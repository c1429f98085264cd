// What the program brings along: device models. Read once at start; a mistake in them is a bug and ends the program.
#pragma once

#include "core/models.h"

namespace firegate::app {

Models load_builtin_models();

}  // namespace firegate::app
