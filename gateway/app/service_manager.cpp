#include "app/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/log.h"

namespace firegate::app {
namespace {

std::string_view environment(const char* name) noexcept {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<std::int64_t> number(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// The watchdog may be meant for another process that handed its environment on.
std::optional<Millis> watchdog_of_environment() {
  const auto micros = number(environment("WATCHDOG_USEC"));
  const auto pid = number(environment("WATCHDOG_PID"));
  if (!micros || *micros <= 0 || (pid && *pid != ::getpid())) return std::nullopt;
  return Millis{*micros / 1000};
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  return {std::string(environment("NOTIFY_SOCKET")), watchdog_of_environment()};
}

ServiceManager::ServiceManager(std::string socket, std::optional<Millis> watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog) {
  if (socket_.empty()) return;
  handle_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle_ < 0) log::warning("service_manager_unheard", {{"reason", std::strerror(errno)}});
}

ServiceManager::ServiceManager(ServiceManager&& other) noexcept
    : socket_(std::move(other.socket_)),
      watchdog_(other.watchdog_),
      handle_(std::exchange(other.handle_, -1)),
      said_(std::move(other.said_)),
      fed_(other.fed_) {}

ServiceManager::~ServiceManager() {
  if (handle_ >= 0) ::close(handle_);
}

void ServiceManager::ready() { send(fmt::format("READY=1\nMAINPID={}", ::getpid())); }

void ServiceManager::stopping() { send("STOPPING=1"); }

void ServiceManager::status(const std::string& words) {
  if (words == said_) return;
  said_ = words;
  std::string line = words;
  for (char& c : line) c = c == '\n' ? ' ' : c;
  send("STATUS=" + line);
}

void ServiceManager::alive(Steady now) {
  constexpr std::chrono::seconds kBetweenCalls{1};
  if (!watchdog_ || (fed_ && now - *fed_ < *watchdog_ / 2 - kBetweenCalls)) return;
  fed_ = now;
  send("WATCHDOG=1");
}

void ServiceManager::send(std::string_view message) const {
  sockaddr_un address{};
  if (handle_ < 0 || socket_.size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const auto sent = ::sendto(handle_, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size);
  if (sent < 0) log::warning("service_manager_unheard", {{"reason", std::strerror(errno)}});
}

}  // namespace firegate::app
