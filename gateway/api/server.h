// Server: the web part of the gateway: HTTP and the live feed, in plain on loopback, by TLS for others, by a Unix socket
// for tools, with one web thread and two threads that read the archive. No Beast or Asio type stands here: they are dear
// to compile.
//
// Limits (reliability, T28 and T16): connections and live feeds counted apart, in all and by address (settings.h,
// occupancy.h), 8 KiB of header, 64 KiB of body, a handshake and a request within 10 s each, an answer within 15 s and
// read within 30 s, an idle connection for 60 s.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/archive_jobs.h"
#include "api/assets.h"
#include "api/device_desk.h"
#include "api/live_intake.h"
#include "api/picture_desk.h"
#include "api/rule_desk.h"
#include "api/settings.h"
#include "core/account_store.h"
#include "core/act.h"
#include "core/live.h"
#include "core/push.h"
#include "core/result.h"
#include "core/self_fault.h"
#include "metrics/metrics.h"

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
  AccountStore& account_store;
  ArchiveFactory archive;                    // called on the archive's threads
  AssetLookup assets;                        // called on the web thread; may be empty
  RuleDesk& rules;
  DeviceDesk& device_desk;
  AccountRows accounts;                      // as the store gave them back
  std::vector<Alarm> live;                   // alarms that were live before, as the store gave them back
  std::string version;
  std::function<std::vector<PlacePtr>()> places = {};  // all levels; called on the web thread; may be empty
  PushIntake* pushes = nullptr;                        // null: nobody pushes
  PictureDesk* pictures = nullptr;                     // null: none are kept
  Commands* commands = nullptr;                        // null: nobody carries commands out
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

  // Binds, then serves on the web thread. bad_input: a plain address that is not loopback; refused: another gateway has
  // the Unix socket; io_failed: cannot be bound. A certificate that cannot be used does not keep the gateway from starting:
  // nobody from elsewhere gets in, and that is the fault config_refused of part "https".
  Result<void> start();
  // Reads certificate and key again. What is wrong with them leaves the old ones in use, is said, and is the fault
  // config_refused of part "https" until a reload that is good. Connections go on. Any thread.
  Result<void> reload_tls();
  std::optional<Instant> certificate_ends_at() const noexcept;  // none without HTTPS; any thread
  // Says bye to the live feeds (up to half a second), then ends the threads. Idempotent.
  void stop() noexcept;
  std::optional<std::string> setup_code() const;  // while there is no user; ask before start
  std::uint16_t port() const noexcept;        // the one in use, after start
  std::uint16_t https_port() const noexcept;  // 0: closed; any thread

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firegate::api
