// Routes: one file for each resource; each adds its routes to the router. A route takes a Request and answers through a
// Responder; it never waits: what blocks goes to the archive's jobs, acts and devices answer later.
#pragma once

#include <functional>
#include <string_view>

#include "api/archive_jobs.h"
#include "api/assets.h"
#include "api/device_desk.h"
#include "api/door.h"
#include "api/journal_check_job.h"
#include "api/live_feed.h"
#include "api/picture_desk.h"
#include "api/reach.h"
#include "api/router.h"
#include "api/rule_desk.h"
#include "core/act.h"
#include "core/commands.h"
#include "core/live.h"
#include "core/push.h"
#include "metrics/metrics.h"

namespace firegate::api {

// What routes may touch. All references outlive the web thread. Functions handed to other threads come back by `post`.
struct Context {
  Acts& acts;
  Devices& devices;
  const HealthSource& health;
  const Tray& tray;
  const metrics::Metrics& metrics;
  const Clock& clock;
  LiveFeed& feed;                                   // web thread only
  Door& door;                                       // web thread only
  std::function<bool(ArchiveJob)> archive;          // false: too much waits
  std::function<void(std::function<void()>)> post;  // runs it on the web thread; any thread
  AssetLookup asset;
  RuleDesk& rules;
  DeviceDesk& device_desk;
  JournalCheckJob& journal_check;
  std::function<std::vector<PlacePtr>()> places;  // all levels, each after the one that holds it; empty: none
  const Reach* reach = nullptr;                   // web thread only; null: loopback names alone
  PushIntake* pushes = nullptr;                   // null: nobody pushes
  PictureDesk* pictures = nullptr;                // null: none are kept
  Commands* commands = nullptr;                   // null: nobody carries commands out

  Moment now() const noexcept { return {clock.now(), clock.steady_now()}; }
};

void add_snapshot_routes(Router& router, const Context& context);
void add_alarm_routes(Router& router, const Context& context);
void add_history_routes(Router& router, const Context& context);
void add_device_routes(Router& router, const Context& context);
void add_device_act_routes(Router& router, const Context& context);
void add_device_command_routes(Router& router, const Context& context);
void add_device_table_routes(Router& router, const Context& context);
void add_picture_routes(Router& router, const Context& context);  // floor plans, photos
void add_place_routes(Router& router, const Context& context);
void add_unmapped_routes(Router& router, const Context& context);
void add_health_routes(Router& router, const Context& context);
void add_certificate_routes(Router& router, const Context& context);  // /ca, /ca.crt, /ca.svg
void add_session_routes(Router& router, const Context& context);      // signing in and out
void add_entry_routes(Router& router, const Context& context);        // the first user, invites, forgotten passwords
void add_account_routes(Router& router, const Context& context);      // one's own
void add_user_routes(Router& router, const Context& context);
void add_session_list_routes(Router& router, const Context& context);
void add_token_routes(Router& router, const Context& context);
void add_journal_routes(Router& router, const Context& context);
void add_push_routes(Router& router, const Context& context);       // messages of platforms
void add_reference_routes(Router& router, const Context& context);  // classes, openapi.json, a plain GET of live

// The console's files: everything outside /api. Unknown paths without a dot are the console's own routes.
Response serve_asset(const AssetLookup& lookup, const Request& request);

Response json_response(std::string body);
Response archive_full();
// Answers "overloaded" when the archive has too much waiting, "io_failed" when it cannot be opened.
void with_archive(const Context& context, const Responder& respond, std::function<Response(Archive&)> read);

}  // namespace firegate::api
