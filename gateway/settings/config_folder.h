// ConfigFolder: the files of a configuration folder, read and not yet understood. Every file may be missing: defaults
// apply. `app` and `check` hand each part to the folder that knows it, so that all problems of all files come in one
// run. Any thread.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"

namespace firegate::settings {

struct TextFile {
  std::string shown_as;  // as problems name it
  std::string text;
};

struct ModelFile {
  std::string brand, model;  // as folder and file are named
  ConfigNodePtr node;
};

struct ConfigFolder {
  ConfigNodePtr gateway;             // gateway.yaml; null: missing, empty or unreadable
  ConfigNodePtr places;              // places.yaml
  ConfigNodePtr routes;              // routes.yaml
  ConfigNodePtr calendar;            // calendar.yaml
  std::optional<TextFile> devices;   // devices.csv, not yet parsed (documents/csv.h)
  std::vector<ConfigNodePtr> rules;    // rules/*.yaml by file name
  std::vector<ConfigNodePtr> formats;  // formats/*.yaml by file name
  std::vector<ModelFile> models;       // models/<brand>/<model>.yaml by name
  std::vector<TextFile> codecs;        // codecs/*.js by name, shown as their paths
};

// The sections of gateway.yaml. Each is parsed by the folder that it belongs to.
constexpr std::array<std::string_view, 10> kGatewaySections{"broker", "inbox",   "gb26875",   "sources", "limits",
                                                            "store",  "journal", "partition", "api",     "push"};

// A section, null where it is missing or empty: defaults apply then.
const ConfigNode* section(const ConfigNode* gateway, std::string_view name) noexcept;
// Reports the sections that nobody reads. `gateway` may be null.
void check_sections(const ConfigNode* gateway, Problems& problems);

// Reads the folder. A file that exists and cannot be read is a problem, and so is a folder that does not exist, and a
// file whose name is nearly one of ours (a misspelt name would silently mean "defaults").
ConfigFolder load_config_folder(const std::filesystem::path& folder, Problems& problems);

// The YAML files of a folder of rules, by file name; none where there is no such folder.
std::vector<ConfigNodePtr> load_rule_files(const std::filesystem::path& folder, Problems& problems);

}  // namespace firegate::settings
