// config/devices.csv → devices. Columns: vocabulary, "Two configuration files that others write for us". Pure; any
// thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"
#include "core/device_map.h"
#include "documents/csv.h"
#include "registry/places_file.h"

namespace firegate::registry {

constexpr std::array<std::string_view, 13> kDeviceColumns{"id",       "kind",   "format",   "source", "model",
                                                          "address",  "estate", "building", "floor",  "zone",
                                                          "location", "name",   "note"};
constexpr std::size_t kRequiredColumns = 6;  // id, kind, format, address, estate, building

// A source as far as devices need to know it.
struct SourceName {
  std::string id, format;
};

// Reads every row; everything wrong is added to `problems`, rows with a problem are left out. The devices have no
// number and no interval yet (Registry gives them). An empty `source` becomes the one that speaks the format.
std::vector<Device> parse_devices(const documents::Csv& csv, const Places& places, std::span<const SourceName> sources,
                                  Problems& problems);

}  // namespace firegate::registry
