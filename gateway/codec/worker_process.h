// WorkerProcess: one codec worker as its parent sees it: started, asked one thing at a time, killed. Owned by
// CodecHost; its thread, which must outlive the process (the kernel ends a worker with the thread that started it).
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "codec/frame.h"
#include "core/result.h"

namespace firegate::codec {

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  // What the worker sent next; none: it is gone, or sent what is no frame. Called once for each `listen`.
  using Heard = std::function<void(std::optional<std::string> body)>;

  // Errors: io_failed, naming the program.
  static Result<std::shared_ptr<WorkerProcess>> start(boost::asio::io_context& io,
                                                      const std::filesystem::path& program);
  WorkerProcess(boost::asio::io_context& io, pid_t pid, int channel);
  ~WorkerProcess();  // kills
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  void send(std::string frames);  // one at a time: the next after `heard`
  void listen(Heard heard);
  void kill() noexcept;  // and waits for its end; `heard` is not called any more

  std::chrono::nanoseconds computed() const noexcept;  // computing time of the process so far
  pid_t pid() const noexcept { return pid_; }

  std::unordered_set<std::uint32_t> scripts;  // that it keeps

 private:
  void read_body(std::size_t size);
  void tell(std::optional<std::string> body);

  boost::asio::local::stream_protocol::socket channel_;
  pid_t pid_;
  Heard heard_;
  std::string sending_;
  std::array<char, kHeaderBytes> header_{};
  std::string body_;
};

}  // namespace firegate::codec
