// firegate rules test: the cases that a rule's author wrote, on the rules of a configuration folder.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/file_world.h"
#include "cli/rules.h"
#include "replay/rule_cases.h"
#include "settings/yaml.h"

namespace firegate::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string config, junit;
};

struct Outcome {
  std::string file, name;
  std::vector<std::string> wrong;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? ' ' : c;
    }
  }
  return out;
}

bool write_junit(const std::string& file, const std::vector<Outcome>& outcomes, std::size_t failed) {
  std::ofstream out(file, std::ios::binary);
  out << fmt::format("<testsuite name=\"rules\" tests=\"{}\" failures=\"{}\">\n", outcomes.size(), failed);
  for (const Outcome& one : outcomes) {
    out << fmt::format("  <testcase classname=\"{}\" name=\"{}\">\n", escaped(one.file), escaped(one.name));
    for (const std::string& wrong : one.wrong) out << fmt::format("    <failure message=\"{}\"/>\n", escaped(wrong));
    out << "  </testcase>\n";
  }
  out << "</testsuite>\n";
  return static_cast<bool>(out.flush());
}

void print(const Outcome& one) {
  fmt::print("{} {}: {}\n", one.wrong.empty() ? "ok    " : "FAILED", one.file, one.name);
  for (const std::string& wrong : one.wrong) fmt::print("       {}\n", wrong);
}

int report(const Options& options, const std::vector<Outcome>& outcomes) {
  std::size_t failed = 0;
  for (const Outcome& one : outcomes) {
    print(one);
    failed += one.wrong.empty() ? 0 : 1;
  }
  fmt::print("{} passed, {} failed\n", outcomes.size() - failed, failed);
  if (!options.junit.empty() && !write_junit(options.junit, outcomes, failed)) {
    fmt::print(stderr, "rules test: writing \"{}\" failed\n", options.junit);
    return kFailed;
  }
  return failed == 0 ? kOk : kFailed;
}

int rules_test(const Options& options) {
  const auto world = FileWorld::open(options.config);
  if (!world) return kFailed;
  Problems problems;
  std::vector<std::pair<std::string, replay::RuleCase>> cases;
  for (const std::string& file : options.files) {
    const auto node = settings::load_yaml(file, file, problems);
    if (!node) continue;
    for (replay::RuleCase& one : replay::parse_rule_cases(*node, problems)) cases.emplace_back(file, std::move(one));
  }
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
  if (!problems.empty()) return kFailed;
  std::vector<Outcome> outcomes;
  for (const auto& [file, one] : cases) outcomes.push_back({file, one.name, replay::run_rule_case(one, world->config.rules)});
  return report(options, outcomes);
}

}  // namespace

void add_rules_test(CLI::App& rules, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = rules.add_subcommand("test", "Run the cases of YAML files on the rules of a configuration");
  command->add_option("files", options->files, "Files of cases")->required()->check(CLI::ExistingFile);
  command->add_option("--config", options->config, "Configuration folder with the rules")->default_val("config")->check(CLI::ExistingDirectory);
  command->add_option("--junit", options->junit, "Write the outcome there as JUnit XML too");
  command->callback([options, &exit_code] { exit_code = rules_test(*options); });
}

}  // namespace firegate::cli
