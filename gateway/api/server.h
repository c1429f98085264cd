// Server: the web part of the gateway: HTTP and the live feed on loopback, with one web thread and two threads that
// read the archive. No Beast or Asio type stands here: they are dear to compile.
//
// Limits (reliability, T28 and T16): 1,000 HTTP connections, 200 live feeds counted apart, 8 KiB of header, 64 KiB of
// body, a request within 10 s, an answer within 15 s, an idle connection for 60 s.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/archive_jobs.h"
#include "api/assets.h"
#include "api/live_intake.h"
#include "api/settings.h"
#include "core/act.h"
#include "core/live.h"
#include "core/result.h"
#include "core/self_fault.h"
#include "metrics/metrics.h"
#include "rules/rule_set.h"

namespace firegate::api {

// The references must outlive the server.
struct Deps {
  Acts& acts;
  Devices& devices;
  const HealthSource& health;
  const Tray& tray;
  metrics::Metrics& metrics;
  const Clock& clock;
  SelfFault& self_fault;
  LiveIntake& intake;
  ArchiveFactory archive;                    // called on the archive's threads
  AssetLookup assets;                        // called on the web thread; may be empty
  std::function<rules::RuleSetPtr()> rules;  // the ones in force; called on the web thread
  std::vector<Alarm> live;                   // alarms that were live before, as the store gave them back
  std::string version;
};

// Only tests choose other figures.
struct Timing {
  Millis read_within{10'000};  // reliability, T28: a whole request, from its first byte
  Millis tick{1000};           // how often health, silences and clients are looked at
};

class Server {
 public:
  Server(Settings settings, Deps deps, Timing timing = {});
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds, then serves on the web thread. bad_input: an address that is not loopback; io_failed: cannot be bound.
  Result<void> start();
  // Says bye to the live feeds (up to half a second), then ends the threads. Idempotent.
  void stop() noexcept;
  std::uint16_t port() const noexcept;  // the one in use, after start

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firegate::api
