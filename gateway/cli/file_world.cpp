#include "cli/file_world.h"

#include <fmt/format.h>

#include "app/builtin.h"
#include "settings/config_folder.h"

namespace firegate::cli {
namespace {

bool print(const Problems& problems) {
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
  return problems.empty();
}

}  // namespace

FileWorld::FileWorld()
    : drivers_(app::builtin_drivers()),
      models_(app::load_builtin_models()),
      registry_(store_, models_, metrics),
      unmapped_(metrics) {}

std::unique_ptr<FileWorld> FileWorld::open(const std::string& folder) {
  std::unique_ptr<FileWorld> world(new FileWorld());
  Problems problems;
  world->config = app::load_config(folder, {}, world->drivers_, problems);
  if (!print(problems)) return nullptr;
  for (Model& model : world->config.models) world->models_.put_first(std::move(model));
  if (!world->config.codecs.empty()) world->codecs_ = std::make_unique<FileCodecs>(world->config.codecs);
  if (const auto opened = world->registry_.open(world->config.seed); !opened) {
    fmt::print(stderr, "{}\n", opened.error().message);
    return nullptr;
  }
  return world;
}

bool FileWorld::use_rules(const std::string& folder) {
  Problems problems;
  const auto files = settings::load_rule_files(folder, problems);
  if (files.empty() && problems.empty()) {
    fmt::print(stderr, "reading rules from {}: found no *.yaml, expected files of rules\n", folder);
    return false;
  }
  config.rules = rules::parse(files, problems, config.calendar);
  return print(problems);
}

}  // namespace firegate::cli
