// Respond: the outbox pipeline. Committed notices become deliveries by the routes, and leave through their channels, at
// least once each, with the notice's key as idempotency key. It never decides whether an alarm exists.
// Also the Announcer: a fire that could not be recorded in time goes straight to the channels, with the same key, so
// that its record later does not send it again (and a receiver can tell, should we have been restarted between). Owned
// by `app`; `submit` and `announce` from any thread, they never block.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "respond/channel.h"
#include "respond/routes.h"
#include "respond/settings.h"

namespace firegate::respond {

class Respond final : public Announcer {
 public:
  // The surroundings outlive it.
  Respond(Routes routes, std::vector<NamedNotifier> channels, Surroundings surroundings);
  ~Respond() override;  // stops
  Respond(const Respond&) = delete;
  Respond& operator=(const Respond&) = delete;

  // Takes up what a restart left undone, then starts the channels. Call before the first `submit`.
  Result<void> start();
  void stop() noexcept;

  void submit(std::vector<Notice> notices) noexcept;  // after their commit
  void announce(const Notice& notice) noexcept override;
  void replace_routes(Routes routes);

 private:
  std::vector<std::string> channels_for(const Notice& notice) const;
  Channel* find(const std::string& name) const noexcept;
  void route(Notice notice);
  void resume(const WaitingDelivery& waiting);
  void count_waiting() noexcept;

  const Surroundings around_;
  std::vector<std::unique_ptr<Channel>> channels_;  // fixed after construction
  mutable std::mutex mutex_;                        // guards routes_
  std::shared_ptr<const Routes> routes_;
};

}  // namespace firegate::respond
