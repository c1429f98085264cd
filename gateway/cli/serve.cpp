// firegate serve: the gateway.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "app/app.h"
#include "cli/cli.h"
#include "cli/stop_signal.h"
#include "core/log.h"

namespace firegate::cli {
namespace {

int serve(const app::Files& files) {
  std::atomic<app::App*> running{nullptr};
  const StopSignal signal([&running] {
    if (app::App* app = running.load()) app->reload();
  });
  auto started = app::App::start(files);
  if (!started) {
    log::critical("not_started", {{"error", started.error().message}});
    return kFailed;
  }
  running.store(started->get());
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, signal.token(), [] { return false; });
  running.store(nullptr);
  return kOk;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto files = std::make_shared<app::Files>();
  CLI::App* command = app.add_subcommand("serve", "Run the gateway");
  command->add_option("--config", files->config, "Configuration folder")->required();
  command->add_option("--data", files->data, "Folder of the record and the inbox")->default_val("/var/lib/firegate");
  command->add_option("--set", files->overrides, "A setting above the file's: path.to.key=value");
  command->callback([files, &exit_code] { exit_code = serve(*files); });
}

}  // namespace firegate::cli
