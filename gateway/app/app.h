// App: the running gateway. One straight function builds every part in flow order; stopping is the reverse.
// Owned by the command `serve`, its thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "core/result.h"

namespace firegate::app {

struct Files {
  std::filesystem::path config;         // folder of gateway.yaml and the others
  std::filesystem::path data;           // folder of the store and the inbox; created when absent
  std::vector<std::string> overrides;   // --set
};

class App {
 public:
  // Restores everything and starts; MQTT connects last. Problems of the configuration are printed to standard error.
  static Result<std::unique_ptr<App>> start(Files files);
  ~App();  // stops
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Reads the configuration again: rules and routes change at once, everything or nothing. Any thread.
  void reload();
  std::uint16_t port() const noexcept;  // of the console

 private:
  App();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace firegate::app
