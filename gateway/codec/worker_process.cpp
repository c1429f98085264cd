#include "codec/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <ctime>
#include <utility>

namespace firegate::codec {
namespace {

// The child has the socket as standard input, and nothing else of ours: no descriptor, no variable, no signal blocked.
int spawn(const std::filesystem::path& program, int channel, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDIN_FILENO + 1);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // Its own group: what ends the gateway's (Ctrl-C) ends a worker by way of the gateway.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = program.filename().string();
  std::array<char*, 2> arguments{name.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  const int failure = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return failure;
}

}  // namespace

Result<std::shared_ptr<WorkerProcess>> WorkerProcess::start(boost::asio::io_context& io,
                                                            const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::io_failed,
                fmt::format("starting {}: no socket: {}", program.string(), std::strerror(errno)));
  }
  pid_t pid = 0;
  const int failure = spawn(program, ends[1], pid);
  ::close(ends[1]);
  if (failure != 0) {
    ::close(ends[0]);
    return fail(ErrorCode::io_failed, fmt::format("starting {}: {}", program.string(), std::strerror(failure)));
  }
  return std::make_shared<WorkerProcess>(io, pid, ends[0]);
}

WorkerProcess::WorkerProcess(boost::asio::io_context& io, pid_t pid, int channel)
    : channel_(io, boost::asio::local::stream_protocol(), channel), pid_(pid) {}

WorkerProcess::~WorkerProcess() { kill(); }

void WorkerProcess::send(std::string frames) {
  sending_ = std::move(frames);
  boost::asio::async_write(channel_, boost::asio::buffer(sending_),
                           [self = shared_from_this()](const boost::system::error_code&, std::size_t) {
                             // A worker that is gone is noticed by who listens.
                           });
}

void WorkerProcess::listen(Heard heard) {
  heard_ = std::move(heard);
  boost::asio::async_read(channel_, boost::asio::buffer(header_),
                          [this, self = shared_from_this()](const boost::system::error_code& failure, std::size_t) {
                            const auto size = body_size({header_.data(), header_.size()});
                            if (failure || !size) return tell(std::nullopt);
                            read_body(*size);
                          });
}

void WorkerProcess::read_body(std::size_t size) {
  body_.resize(size);
  boost::asio::async_read(channel_, boost::asio::buffer(body_),
                          [this, self = shared_from_this()](const boost::system::error_code& failure, std::size_t) {
                            if (failure) return tell(std::nullopt);
                            tell(std::move(body_));
                          });
}

void WorkerProcess::tell(std::optional<std::string> body) {
  if (const Heard heard = std::exchange(heard_, nullptr)) heard(std::move(body));
}

void WorkerProcess::kill() noexcept {
  heard_ = nullptr;
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  boost::system::error_code ignored;
  channel_.close(ignored);
}

std::chrono::nanoseconds WorkerProcess::computed() const noexcept {
  clockid_t clock{};
  timespec spent{};
  if (pid_ == 0 || ::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &spent) != 0) return {};
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

}  // namespace firegate::codec
