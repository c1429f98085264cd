#include "api/archive_jobs.h"

namespace firegate::api {

ArchiveJobs::ArchiveJobs(ArchiveFactory factory, std::size_t threads) : factory_(std::move(factory)) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  }
}

ArchiveJobs::~ArchiveJobs() = default;

bool ArchiveJobs::post(ArchiveJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void ArchiveJobs::work(std::stop_token stop) {
  std::unique_ptr<Archive> archive;
  while (true) {
    ArchiveJob job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (!archive) archive = factory_();
    job(archive.get());
  }
}

}  // namespace firegate::api
