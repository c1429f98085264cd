#include "codec_worker/watchdog.h"

#include <ctime>
#include <utility>

namespace firegate::codec {
namespace {

constexpr std::chrono::milliseconds kLookEvery{10};

}  // namespace

Watchdog::Watchdog(std::function<void()> stop) : stop_(std::move(stop)) {
  ::pthread_getcpuclockid(::pthread_self(), &clock_);
  thread_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::begin_call() {
  {
    const std::lock_guard lock(mutex_);
    calling_ = true;
    expired_ = false;
    may_until_ = computed() + kComputingTime;
  }
  changed_.notify_one();
}

bool Watchdog::end_call() {
  const std::lock_guard lock(mutex_);
  calling_ = false;
  return expired_;
}

bool Watchdog::expired() {
  const std::lock_guard lock(mutex_);
  return expired_;
}

Watchdog::Computed Watchdog::computed() const noexcept {
  timespec spent{};
  ::clock_gettime(clock_, &spent);
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

void Watchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (!calling_ || expired_) {
      changed_.wait(lock);
    } else if (computed() < may_until_) {
      changed_.wait_for(lock, kLookEvery);
    } else {
      expired_ = true;
      stop_();
    }
  }
}

}  // namespace firegate::codec
