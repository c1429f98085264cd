// firegate rules: whether a rule set does what its author means, before it decides about anybody.
#include "cli/rules.h"

#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace firegate::cli {

void add_rules(CLI::App& app, int& exit_code) {
  CLI::App* rules = app.add_subcommand("rules", "Test rules before they decide, explain what they decide, publish them");
  rules->require_subcommand(1);
  add_rules_test(*rules, exit_code);
  add_rules_backtest(*rules, exit_code);
  add_rules_explain(*rules, exit_code);
  add_rules_publish(*rules, exit_code);
}

}  // namespace firegate::cli
