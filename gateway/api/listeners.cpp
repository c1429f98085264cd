#include "api/listeners.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/log.h"

namespace firegate::api {
namespace {

using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using metrics::HttpRefusal;

constexpr std::chrono::milliseconds kPause{20};  // our choice: between two looks for a descriptor
constexpr int kMostTurnedAway = 256;             // our choice: at one look
constexpr std::size_t kForTheRest = 200;         // our choice: descriptors of the store, inbox, broker and channels

Peer peer_of(const tcp::socket& socket, bool secure) {
  IoError error;
  asio::ip::address address = socket.remote_endpoint(error).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return {address.to_string(), !error && address.is_loopback(), secure, std::nullopt};
}

std::optional<Peer> peer_of(local::socket& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return Peer{std::string(kLocalAddress), true, false, credentials.uid};
}

tl::unexpected<Error> cannot(std::string_view what, const std::string& where, std::string_view why,
                             ErrorCode code = ErrorCode::io_failed) {
  return fail(code, fmt::format("{} {}: {}", what, where, why));
}

}  // namespace

struct Listeners::Shared {
  asio::io_context& io;
  Occupancy& house;
  metrics::Metrics& metrics;
  Taken taken;

  void refuse(HttpRefusal why) { metrics.http_refused[why].add(); }
};

// A descriptor kept back for the moment when there is no other.
class Reserve {
 public:
  Reserve() { take(); }
  ~Reserve() { give_up(); }
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;

  void take() noexcept {
    if (held_ < 0) held_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  void give_up() noexcept {
    if (held_ >= 0) ::close(std::exchange(held_, -1));
  }

 private:
  int held_ = -1;
};

class Entrance {
 public:
  virtual ~Entrance() = default;
  virtual void close() noexcept = 0;
};

namespace {

template <typename Protocol>
class SocketEntrance : public Entrance {
 public:
  using Acceptor = typename Protocol::acceptor;
  using Socket = typename Protocol::socket;
  using Enter = std::function<void(Socket)>;

  SocketEntrance(Acceptor acceptor, std::function<void(HttpRefusal)> refuse, Enter enter)
      : acceptor_(std::move(acceptor)),
        pause_(acceptor_.get_executor()),
        refuse_(std::move(refuse)),
        enter_(std::move(enter)) {}

  void accept() {
    acceptor_.async_accept([this](IoError error, Socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) return on_error(error);
      enter_(std::move(socket));
      accept();
    });
  }
  void close() noexcept override {
    IoError ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void on_error(const IoError& error) {
    if (error == asio::error::connection_aborted) return accept();  // gone before it was taken
    log::warning("accept_failed", {{"reason", error.message()}});
    if (error == asio::error::no_descriptors || error.value() == ENFILE) turn_away();
    pause_.expires_after(kPause);
    pause_.async_wait([this](IoError cancelled) {
      if (cancelled || !acceptor_.is_open()) return;
      reserve_.take();
      accept();
    });
  }
  // Those who wait are let in by the kept descriptor and shown out.
  void turn_away() {
    reserve_.give_up();
    for (int i = 0; i < kMostTurnedAway; ++i) {
      const int socket = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) break;
      refuse_(HttpRefusal::no_descriptor);
      ::close(socket);
    }
    reserve_.take();
  }

  Acceptor acceptor_;
  asio::steady_timer pause_;
  std::function<void(HttpRefusal)> refuse_;
  Enter enter_;
  Reserve reserve_;
};

Result<tcp::acceptor> bind_tcp(asio::io_context& io, const std::string& address, std::uint16_t port) {
  IoError error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  tcp::acceptor acceptor(io);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.native_non_blocking(true, error);
  if (error) return cannot("binding", fmt::format("{} port {}", address, port), error.message());
  return acceptor;
}

// Takes away the socket file of a gateway that has gone. A living one answers: then it is refused.
Result<void> clear_the_way(asio::io_context& io, const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    return cannot("binding", path.string(), "found something that is no socket", ErrorCode::refused);
  }
  IoError error;
  local::socket probe(io);
  probe.open(local(), error);
  if (!error) probe.native_non_blocking(true, error);
  if (error) return cannot("probing", path.string(), error.message());
  const local::endpoint endpoint(path.string());
  const bool answered = ::connect(probe.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0;
  if (answered || errno != ECONNREFUSED) {
    return cannot("binding", path.string(), "another gateway listens there", ErrorCode::refused);
  }
  ::unlink(path.c_str());
  return {};
}

// 0600; 0660 where the folder lets its group in. The mode of the descriptor is that of the file that `bind` makes
// (Linux).
mode_t mode_for(const std::filesystem::path& path) noexcept {
  struct stat folder {};
  const bool group = ::stat(path.parent_path().c_str(), &folder) == 0 && (folder.st_mode & S_IRGRP) != 0;
  return group ? 0660 : 0600;
}

Result<local::acceptor> bind_local(asio::io_context& io, const std::filesystem::path& path) {
  if (path.string().size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot("binding", path.string(),
                  fmt::format("found a path of {} bytes, expected at most {}: set api.socket to a shorter one, or off",
                              path.string().size(), sizeof(sockaddr_un::sun_path) - 1),
                  ErrorCode::bad_input);
  }
  if (auto clear = clear_the_way(io, path); !clear) return tl::unexpected(clear.error());
  IoError error;
  local::acceptor acceptor(io);
  acceptor.open(local(), error);
  if (!error) ::fchmod(acceptor.native_handle(), mode_for(path));
  if (!error) acceptor.bind(local::endpoint(path.string()), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.native_non_blocking(true, error);
  if (error) return cannot("binding", path.string(), error.message());
  return acceptor;
}

// The entrance at a path: takes the file along when it closes.
class LocalEntrance final : public SocketEntrance<local> {
 public:
  LocalEntrance(local::acceptor acceptor, std::function<void(HttpRefusal)> refuse, Enter enter,
                std::filesystem::path path)
      : SocketEntrance(std::move(acceptor), std::move(refuse), std::move(enter)), path_(std::move(path)) {}
  ~LocalEntrance() override { remove(); }
  void close() noexcept override {
    SocketEntrance::close();
    remove();
  }

 private:
  void remove() noexcept {
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
  }
  std::filesystem::path path_;
};

}  // namespace

Listeners::Listeners(asio::io_context& io, Occupancy& house, metrics::Metrics& metrics, Taken taken)
    : shared_(std::make_unique<Shared>(Shared{io, house, metrics, std::move(taken)})) {}
Listeners::~Listeners() = default;

Result<std::uint16_t> Listeners::open_plain(const std::string& address, std::uint16_t port) {
  if (!is_loopback_address(address)) {
    return fail(ErrorCode::bad_input,
                fmt::format("binding {}: expected 127.0.0.1 or ::1: plain HTTP stays on this machine", address));
  }
  auto acceptor = bind_tcp(shared_->io, address, port);
  if (!acceptor) return tl::unexpected(acceptor.error());
  const std::uint16_t bound = acceptor->local_endpoint().port();
  Shared& shared = *shared_;
  auto entrance = std::make_unique<SocketEntrance<tcp>>(
      std::move(*acceptor), [&shared](HttpRefusal why) { shared.refuse(why); },
      [&shared](tcp::socket socket) {
        Peer peer = peer_of(socket, false);
        auto seat = shared.house.take(peer);
        if (!seat) return shared.refuse(seat.error());  // the socket closes here
        shared.taken(Wire(carry(std::move(socket)), std::move(peer), std::move(*seat)));
      });
  entrance->accept();
  entrances_.push_back(std::move(entrance));
  return bound;
}

Result<std::uint16_t> Listeners::open_https(const std::string& address, std::uint16_t port, CurrentTls tls) {
  auto acceptor = bind_tcp(shared_->io, address, port);
  if (!acceptor) return tl::unexpected(acceptor.error());
  const std::uint16_t bound = acceptor->local_endpoint().port();
  Shared& shared = *shared_;
  auto entrance = std::make_unique<SocketEntrance<tcp>>(
      std::move(*acceptor), [&shared](HttpRefusal why) { shared.refuse(why); },
      [&shared, tls = std::move(tls)](tcp::socket socket) {
        Peer peer = peer_of(socket, true);
        auto seat = shared.house.take(peer);
        if (!seat) return shared.refuse(seat.error());
        shared.taken(Wire(carry(std::move(socket), tls()), std::move(peer), std::move(*seat)));
      });
  entrance->accept();
  entrances_.push_back(std::move(entrance));
  return bound;
}

Result<void> Listeners::open_local(const std::filesystem::path& path) {
  auto acceptor = bind_local(shared_->io, path);
  if (!acceptor) return tl::unexpected(acceptor.error());
  Shared& shared = *shared_;
  auto entrance = std::make_unique<LocalEntrance>(
      std::move(*acceptor), [&shared](HttpRefusal why) { shared.refuse(why); },
      [&shared](local::socket socket) {
        auto peer = peer_of(socket);
        if (!peer) return;
        auto seat = shared.house.take(*peer);
        if (!seat) return shared.refuse(seat.error());
        shared.taken(Wire(carry(std::move(socket)), std::move(*peer), std::move(*seat)));
      },
      path);
  entrance->accept();
  entrances_.push_back(std::move(entrance));
  return {};
}

void Listeners::close() noexcept {
  for (const auto& entrance : entrances_) entrance->close();
}

std::size_t room_for_connections() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur > 2 * kForTheRest ? limit.rlim_cur - kForTheRest : limit.rlim_cur / 2;
}

}  // namespace firegate::api
