// firegate db: look at, and copy, the record.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/cli.h"
#include "store/store.h"

namespace firegate::cli {
namespace {

struct Options {
  std::string file, to;
};

int failed(const Error& error) {
  fmt::print(stderr, "db: {}\n", error.message);
  return error.code == ErrorCode::not_found ? kNotFound : kFailed;
}

int check(const Options& options) {
  const auto report = store::check(options.file);
  if (!report) return failed(report.error());
  fmt::print("schema {} (this program knows {})\n", report->schema, report->newest_schema);
  for (const std::string& damage : report->damages) fmt::print("damage: {}\n", damage);
  fmt::print("{}\n", report->ok() ? "sound" : "not sound");
  return report->ok() ? kOk : kFailed;
}

int backup(const Options& options) {
  if (const auto done = store::backup(options.file, options.to); !done) return failed(done.error());
  fmt::print("{}\n", options.to);
  return kOk;
}

}  // namespace

void add_db(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("db", "The record: check it, copy it");
  command->require_subcommand(1);
  CLI::App* check_command = command->add_subcommand("check", "Read every page and say whether it is sound");
  check_command->add_option("file", options->file, "firegate.db")->required();
  check_command->callback([options, &exit_code] { exit_code = check(*options); });
  CLI::App* backup_command = command->add_subcommand("backup", "A consistent copy, also while the gateway runs");
  backup_command->add_option("file", options->file, "firegate.db")->required();
  backup_command->add_option("to", options->to, "The copy; must not exist")->required();
  backup_command->callback([options, &exit_code] { exit_code = backup(*options); });
}

}  // namespace firegate::cli
