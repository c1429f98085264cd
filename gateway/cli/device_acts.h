// The half of `firegate device` that changes something.
#pragma once

namespace CLI {
class App;
}

namespace firegate::cli {

void add_device_acts(CLI::App& device, int& exit_code);

}  // namespace firegate::cli
