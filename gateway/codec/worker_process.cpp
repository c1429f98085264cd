#include "codec/worker_process.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <utility>

#include "cage/spawn.h"

namespace firegate::codec {

Result<std::shared_ptr<WorkerProcess>> WorkerProcess::start(boost::asio::io_context& io,
                                                            const std::filesystem::path& program) {
  return cage::spawn(program).map(
      [&io](const cage::Child& child) { return std::make_shared<WorkerProcess>(io, child.pid, child.channel); });
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
  cage::end(std::exchange(pid_, 0));
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
