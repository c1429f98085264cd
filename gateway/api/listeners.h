// Listeners: the entrances by which connections come in: plain HTTP on loopback, HTTPS, the Unix socket. Each counts
// whom it lets in (Occupancy), says who it is (Peer) and hands over the Wire. Made before the web thread runs, then
// used by it alone.
//
// Without a file descriptor left: a kept one is given up to accept the waiting connections and close them, so that
// nobody waits at an entrance that cannot open and the thread does not spin; connections that exist are not touched.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "api/settings.h"
#include "api/wire.h"
#include "core/result.h"

namespace firegate::api {

class Entrance;  // one listening socket

class Listeners {
 public:
  using Taken = std::function<void(Wire)>;
  using CurrentTls = std::function<TlsPairPtr()>;

  // `house` counts the connections; it and `metrics` outlive this.
  Listeners(asio::io_context& io, Occupancy& house, metrics::Metrics& metrics, Taken taken);
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Each binds and, from then on, accepts. bad_input: an address that is not loopback (plain only), a path too long for
  // a socket; refused: somebody answers at the Unix socket's path, or something else is there; io_failed: cannot be
  // bound.
  Result<std::uint16_t> open_plain(const std::string& address, std::uint16_t port);
  Result<std::uint16_t> open_https(const std::string& address, std::uint16_t port, CurrentTls tls);
  Result<void> open_local(const std::filesystem::path& path);
  // Nobody comes in any more. The Unix socket's file goes.
  void close() noexcept;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Entrance>> entrances_;
};

// For how many connections the process's limit of descriptors leaves room beside store, inbox, broker and channels.
std::size_t room_for_connections() noexcept;

}  // namespace firegate::api
