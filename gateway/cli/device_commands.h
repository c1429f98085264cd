// firegate device command, commands: what a device is ordered to do, on the machine itself.
#pragma once

namespace CLI {
class App;
}

namespace firegate::cli {

void add_device_commands(CLI::App& device, int& exit_code);

}  // namespace firegate::cli
