#include "api/password_jobs.h"

namespace firegate::api {

PasswordJobs::PasswordJobs() : thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

PasswordJobs::~PasswordJobs() = default;

bool PasswordJobs::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void PasswordJobs::work(std::stop_token stop) {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job();
  }
}

}  // namespace firegate::api
