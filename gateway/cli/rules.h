// The commands of `firegate rules`, one file each.
#pragma once

namespace CLI {
class App;
}

namespace firegate::cli {

void add_rules_test(CLI::App& rules, int& exit_code);
void add_rules_backtest(CLI::App& rules, int& exit_code);
void add_rules_explain(CLI::App& rules, int& exit_code);
void add_rules_publish(CLI::App& rules, int& exit_code);  // and versions, rollback

}  // namespace firegate::cli
