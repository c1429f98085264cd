// firegate check DIR: every problem of a configuration folder, before anybody depends on it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "app/builtin.h"
#include "app/config.h"
#include "cli/cli.h"

namespace firegate::cli {
namespace {

struct Options {
  std::string folder;
  bool json = false;
};

void print_json(const Problem& problem) {
  const boost::json::object line{{"file", problem.at.file ? *problem.at.file : ""},
                                 {"line", problem.at.line},
                                 {"column", problem.at.column},
                                 {"code", fmt::format("E{}", static_cast<unsigned>(problem.code))},
                                 {"path", problem.path},
                                 {"message", problem.message}};
  fmt::print("{}\n", boost::json::serialize(line));
}

int check(const Options& options) {
  std::error_code failure;
  if (!std::filesystem::is_directory(options.folder, failure)) {
    fmt::print(stderr, "check: \"{}\" is no folder\n", options.folder);
    return kNotFound;
  }
  const auto drivers = app::builtin_drivers();
  Problems problems;
  const app::Config config = app::load_config(options.folder, {}, drivers, problems);
  for (const Problem& problem : problems.list()) {
    if (options.json) {
      print_json(problem);
    } else {
      fmt::print("{}\n", to_text(problem));
    }
  }
  if (!problems.empty()) {
    fmt::print(stderr, "{} problems\n", problems.list().size());
    return kFailed;
  }
  fmt::print(stderr, "ok: {} places, {} devices, {} rules, {} sources, {} routes\n", config.seed.places.size(),
             config.seed.devices.size(), config.rules->all().size(), config.decode.sources.size(),
             config.respond.routes.all().size());
  return kOk;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("check", "Find every problem of a configuration folder");
  command->add_option("folder", options->folder, "Configuration folder")->required();
  command->add_flag("--json", options->json, "One JSON object a problem");
  command->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace firegate::cli
