// Metrics of commands to devices: every state that a command reached, by what was ordered. Owned by the desk that
// carries commands out; any thread.
#pragma once

#include <string>

#include "core/commands.h"
#include "metrics/metric.h"

namespace firegate::metrics {

struct CommandMetrics {
  CounterByNameAnd<CommandState> reached;  // by the command's name

  std::string exposition() const;
};

}  // namespace firegate::metrics
