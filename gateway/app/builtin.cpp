#include "app/builtin.h"

#include <cstdlib>

#include "core/builtin_file.h"
#include "core/log.h"
#include "settings/yaml.h"

namespace firegate::app {

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
  if (!problems.empty()) {
    for (const Problem& problem : problems.list()) log::critical("builtin_model_wrong", {{"problem", to_text(problem)}});
    std::abort();
  }
  return models;
}

}  // namespace firegate::app
