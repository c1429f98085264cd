// Config: everything a configuration folder says, understood. `serve`, `check` and reload read it the same way, and find
// every problem of every file in one run. Plain values; any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/settings.h"
#include "codec/codec_host.h"
#include "core/config_node.h"
#include "core/driver.h"
#include "decode/source.h"
#include "gb_link/settings.h"
#include "ingest/push_settings.h"
#include "ingest/settings.h"
#include "partition/partition_set.h"
#include "registry/registry.h"
#include "respond/settings.h"
#include "rules/calendar.h"
#include "rules/rule_set.h"
#include "store/journal_keeper.h"
#include "store/retention.h"

namespace firegate::app {

struct Config {
  ingest::Settings ingest;
  std::vector<std::shared_ptr<const Driver>> formats;  // formats/*.yaml: wire formats of the installation
  std::vector<Model> models;                           // models/<brand>/<model>.yaml: devices of the installation
  std::vector<codec::ScriptFile> codecs;               // codecs/*.js: scripts that read raw payloads
  decode::Settings decode;                             // its sources point to drivers: those given, and `formats`
  ingest::PushSettings push;                           // by HTTP; every source has a topic
  gb_link::Settings gb_link;                           // GB/T 26875.3 over TCP
  std::string gb_link_base;                            // of the source of its units
  partition::Settings partition;
  store::RetentionSettings retention;
  store::JournalKeeper::Settings journal;
  api::Settings api;
  respond::RespondSettings respond;
  rules::CalendarPtr calendar;  // null: there is none
  rules::RuleSetPtr rules;   // null only when there are problems
  registry::Inventory seed;  // places.yaml and devices.csv: read into an empty store
};

// `overrides`: "path.to.key=value" for gateway.yaml. Where the folder has no rules, the built-in ones apply.
// The result may be used only when `problems` is empty.
Config load_config(const std::filesystem::path& folder, std::span<const std::string> overrides,
                   std::span<const std::unique_ptr<Driver>> drivers, Problems& problems);

}  // namespace firegate::app
