// FileWorld: what a replay needs, made from a configuration folder alone: sources, models, devices, rules.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "cli/file_codecs.h"
#include "metrics/metrics.h"
#include "registry/registry.h"
#include "registry/unmapped.h"
#include "replay/replay.h"
#include "replay/trial.h"

namespace firegate::cli {

class FileWorld {
 public:
  // Prints every problem of the folder; null when there is one.
  static std::unique_ptr<FileWorld> open(const std::string& folder);
  FileWorld(const FileWorld&) = delete;
  FileWorld& operator=(const FileWorld&) = delete;

  // Takes the rules of another folder instead; the calendar stays. Prints every problem; false when there is one.
  bool use_rules(const std::string& folder);

  // For a trial of its own rules against others.
  replay::World world() const {
    return {config.decode, models_, [](metrics::Metrics& of) { return std::make_unique<registry::UnmappedTray>(of); },
            registry_.snapshot(), {}, codecs_.get()};
  }

  // For one replay at a time: the world counts what it decodes and remembers its strangers.
  replay::Needs needs() { return {config.decode, models_, unmapped_, metrics, config.rules, registry_.snapshot(), {}, codecs_.get()}; }

  app::Config config;
  metrics::Metrics metrics;

 private:
  // Places and devices come from the files: nothing is kept.
  class NoStore final : public registry::RegistryStore {
   public:
    Result<registry::Inventory> load() noexcept override { return registry::Inventory{}; }
    Result<RegistryRecords> load_records() noexcept override { return RegistryRecords{}; }
    Result<void> replace_all(const registry::Inventory&) noexcept override { return {}; }
    Result<void> save(const RegistryChange&) noexcept override { return {}; }
    Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(std::uint64_t) noexcept override {
      return fail(ErrorCode::not_found, "reading an import: files have none");
    }
  };

  FileWorld();

  std::vector<std::unique_ptr<Driver>> drivers_;
  Models models_;
  NoStore store_;
  registry::Registry registry_;
  registry::UnmappedTray unmapped_;
  std::unique_ptr<FileCodecs> codecs_;  // null: the folder has none
};

}  // namespace firegate::cli
