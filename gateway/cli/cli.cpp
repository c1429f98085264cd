#include "cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <vector>

#include "core/config_node.h"

namespace firegate::cli {
namespace {

// CLI11 says "not expected" of a mistyped command; a person wants to know which one was near.
void suggest(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string_view name : views) {
    if (name == argv[1]) return;
  }
  const std::string_view near = nearest(argv[1], views);
  if (!near.empty()) fmt::print(stderr, "did you mean \"{}\"?\n", near);
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"firegate: takes what fire-safety devices say, decides what is an alarm, tells people, keeps the record"};
  app.name("firegate");
  app.set_version_flag("--version", std::string("firegate ") + FIREGATE_VERSION);
  app.require_subcommand(1);
  int exit_code = kOk;
  add_serve(app, exit_code);
  add_check(app, exit_code);
  add_decode(app, exit_code);
  add_codec(app, exit_code);
  add_frames(app, exit_code);
  add_replay(app, exit_code);
  add_rules(app, exit_code);
  add_simulate(app, exit_code);
  add_db(app, exit_code);
  add_audit(app, exit_code);
  add_tls(app, exit_code);
  add_user(app, exit_code);
  add_alarm(app, exit_code);
  add_device(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 exits with 105, 106 and the like; ours is one code for wrong usage.
    if (app.exit(error) == 0) return kOk;
    suggest(app, argc, argv);
    return kUsage;
  }
  return exit_code;
}

}  // namespace firegate::cli
