// StopSignal: SIGINT and SIGTERM as a stop token. Made once, before any other thread starts, so that every thread has the
// signals blocked and only the waiting one takes them. SIGHUP calls `on_hangup` when one is given.
#pragma once

#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

namespace firegate::cli {

class StopSignal {
 public:
  explicit StopSignal(std::function<void()> on_hangup = {});
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  std::stop_token token() const noexcept { return source_.get_token(); }

 private:
  void wait();

  sigset_t signals_{};
  std::function<void()> on_hangup_;
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace firegate::cli
