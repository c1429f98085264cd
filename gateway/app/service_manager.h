// ServiceManager: what systemd wants to hear of a service of Type=notify (sd_notify(3)): that it is ready, that it is
// alive, that it stops, and in words how it is. Datagrams to the socket in $NOTIFY_SOCKET; without one nothing is sent.
// Written here, because the protocol is one line of text and libsystemd brings a library into a program that also runs
// where there is no systemd. Owned by App; any one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace firegate::app {

class ServiceManager {
 public:
  // As the environment says: NOTIFY_SOCKET (a path, or @ and a name), WATCHDOG_USEC and WATCHDOG_PID.
  static ServiceManager from_environment();
  ServiceManager(std::string socket, std::optional<Millis> watchdog);
  ~ServiceManager();
  ServiceManager(ServiceManager&& other) noexcept;
  ServiceManager& operator=(ServiceManager&&) = delete;

  void ready();
  void stopping();
  // For `systemctl status`; sent when it is another than before.
  void status(const std::string& words);
  // Feeds the watchdog, where there is one: at most each half of its time, as sd_watchdog_enabled(3) advises.
  void alive(Steady now);

 private:
  void send(std::string_view message) const;

  std::string socket_;  // empty: nobody listens
  std::optional<Millis> watchdog_;
  int handle_ = -1;
  std::string said_;
  std::optional<Steady> fed_;
};

}  // namespace firegate::app
