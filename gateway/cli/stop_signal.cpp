#include "cli/stop_signal.h"

#include <pthread.h>

#include <utility>

namespace firegate::cli {

StopSignal::StopSignal(std::function<void()> on_hangup) : on_hangup_(std::move(on_hangup)) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::jthread([this] { wait(); });
}

StopSignal::~StopSignal() {
  source_.request_stop();
  pthread_kill(thread_.native_handle(), SIGUSR1);
}

void StopSignal::wait() {
  for (;;) {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0) continue;
    if (signal == SIGHUP) {
      if (on_hangup_) on_hangup_();
      continue;
    }
    if (signal == SIGINT || signal == SIGTERM) source_.request_stop();
    if (source_.stop_requested()) return;
  }
}

}  // namespace firegate::cli
