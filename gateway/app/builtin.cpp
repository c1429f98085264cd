#include "app/builtin.h"

#include <cstdlib>

#include "core/builtin_file.h"
#include "core/log.h"
#include "drivers/all_drivers.h"
#include "drivers/json_path/json_driver.h"
#include "settings/yaml.h"

namespace firegate::app {
namespace {

// A mistake in a file that the program brings along is a bug, and tests find it.
void end_if_wrong(const Problems& problems) {
  if (problems.empty()) return;
  for (const Problem& problem : problems.list()) log::critical("builtin_file_wrong", {{"problem", to_text(problem)}});
  std::abort();
}

}  // namespace

Models load_builtin_models() {
  Models models;
  Problems problems;
  for (const BuiltinFile& file : builtin_models()) {
    const auto slash = file.name.find('/');
    const auto dot = file.name.rfind(".yaml");
    const std::string brand(file.name.substr(0, slash));
    const std::string model(file.name.substr(slash + 1, dot - slash - 1));
    if (const auto node = settings::parse_yaml(file.text, "drivers/models/" + std::string(file.name), problems)) {
      models.add(Model::parse(*node, brand, model, problems));
    }
  }
  end_if_wrong(problems);
  return models;
}

std::vector<std::unique_ptr<Driver>> builtin_drivers() {
  std::vector<std::unique_ptr<Driver>> drivers = all_drivers();
  Problems problems;
  for (const BuiltinFile& file : builtin_formats()) {
    const std::string name(file.name.substr(0, file.name.rfind(".yaml")));
    if (const auto node = settings::parse_yaml(file.text, "drivers/json_path/formats/" + std::string(file.name), problems)) {
      drivers.push_back(json_path::make_driver(json_path::JsonFormat::parse(*node, name, problems)));
    }
  }
  end_if_wrong(problems);
  return drivers;
}

}  // namespace firegate::app
