// DeviceRow: one line of a configuration folder's devices.csv, which is also the estate that is simulated: the same
// file maps the devices in the gateway and says here what to imitate. Read without the gateway's registry on purpose:
// what the simulator takes from the file is its own understanding of it. Plain values; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/device_kind.h"
#include "core/result.h"

namespace firegate::simulate {

struct DeviceRow {
  std::string id, format, model, address;
  std::string estate, building, floor, zone, location, name;
  DeviceKind kind{};
};

bool in_kitchen(const DeviceRow& row);

// Rows of the CSV text in the order of the file. `file` is only named in errors: "devices.csv:7: ...".
Result<std::vector<DeviceRow>> parse_devices(std::string_view csv, std::string_view file);
Result<std::vector<DeviceRow>> load_devices(const std::filesystem::path& file);

}  // namespace firegate::simulate
