// The command line: `firegate <command>`. One file a command; this one knows them all.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace firegate::cli {

// Exit codes of every command (vocabulary, "The program's tools").
enum Exit : int {
  kOk = 0,
  kFailed = 1,  // or invalid
  kUsage = 2,
  kWarnings = 3,
  kNotFound = 4,
  kCannotConnect = 5,
  kDenied = 6,
  kInterrupted = 130,
};

int run(int argc, char** argv);

// Each adds its command to the tree; when the command is chosen it stores its exit code.
void add_serve(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_decode(CLI::App& app, int& exit_code);
void add_codec(CLI::App& app, int& exit_code);
void add_frames(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_rules(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app, int& exit_code);
void add_db(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_tls(CLI::App& app, int& exit_code);
void add_user(CLI::App& app, int& exit_code);
void add_alarm(CLI::App& app, int& exit_code);
void add_device(CLI::App& app, int& exit_code);

}  // namespace firegate::cli
