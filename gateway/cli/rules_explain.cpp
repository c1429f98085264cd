// firegate rules explain DEVICE: which rules judge a device, with which limits, and what decided them. Reads the
// configuration folder alone: the devices are those of devices.csv.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "app/builtin.h"
#include "app/config.h"
#include "cli/cli.h"
#include "cli/rules.h"

namespace firegate::cli {
namespace {

struct Options {
  std::string device;
  std::string folder = "config";
  bool json = false;
};

std::string decided_by(const rules::Explained& one) {
  if (!one.decided_by) return fmt::format("the rule itself ({})", one.rule->source);
  const rules::Override& by = *one.decided_by;
  std::string text = fmt::format("override at {} for {}: {} ({})", by.at, by.where.to_text(), by.set, by.source);
  if (!by.reason.empty()) text += fmt::format(", because {}", by.reason);
  return text;
}

void print(const rules::Explained& one) {
  fmt::print("{}{}\n", one.rule->id, one.rule->enabled ? "" : " (switched off)");
  for (const std::string& line : rules::in_words(*one.rule)) fmt::print("  {}\n", line);
  fmt::print("  by {}\n", decided_by(one));
  for (const rules::Override* passed : one.passed_by) {
    fmt::print("  not by the override at {} for {}, which is less specific\n", passed->at, passed->where.to_text());
  }
}

void print_json(const rules::Explained& one) {
  boost::json::array limits, passed;
  for (const std::string& line : rules::in_words(*one.rule)) limits.emplace_back(line);
  for (const rules::Override* other : one.passed_by) passed.emplace_back(other->at);
  boost::json::object line{{"rule", one.rule->id}, {"enabled", one.rule->enabled}, {"limits", std::move(limits)}};
  line["source"] = one.decided_by ? one.decided_by->source : one.rule->source;
  line["override"] = one.decided_by ? boost::json::value(one.decided_by->at) : boost::json::value();
  line["where"] = one.decided_by ? boost::json::value(one.decided_by->where.to_text()) : boost::json::value();
  line["reason"] = one.decided_by ? boost::json::value(one.decided_by->reason) : boost::json::value();
  line["less_specific"] = std::move(passed);
  fmt::print("{}\n", boost::json::serialize(line));
}

int explain(const Options& options) {
  const auto drivers = app::builtin_drivers();
  Problems problems;
  const app::Config config = app::load_config(options.folder, {}, drivers, problems);
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
  if (!problems.empty()) return kFailed;
  const auto found = std::find_if(config.seed.devices.begin(), config.seed.devices.end(),
                                  [&options](const auto& device) { return device.id == options.device; });
  if (found == config.seed.devices.end()) {
    fmt::print(stderr, "rules explain: no device \"{}\" in {}\n", options.device, options.folder);
    return kNotFound;
  }
  for (const rules::Explained& one : config.rules->explain(*found)) options.json ? print_json(one) : print(one);
  return kOk;
}

}  // namespace

void add_rules_explain(CLI::App& rules, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = rules.add_subcommand("explain", "Which limits apply to a device, and why");
  command->add_option("device", options->device, "Id of the device")->required();
  command->add_option("--config", options->folder, "Configuration folder")->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object a rule");
  command->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace firegate::cli
