// ArchiveJobs: reads the archive on threads of its own, because the disk may be slow and the web thread may not wait.
// Two threads (architecture, section 4), one Archive each, opened when first needed. The queue is bounded: when it is
// full a job is refused and the caller answers "overloaded".
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/archive.h"

namespace firegate::api {

// Opens an Archive for the calling thread; null when the store cannot be opened now.
using ArchiveFactory = std::function<std::unique_ptr<Archive>()>;
// Runs on a job thread. The archive is null when it cannot be opened.
using ArchiveJob = std::function<void(Archive*)>;

class ArchiveJobs {
 public:
  static constexpr std::size_t kMaxWaiting = 64;  // our choice

  ArchiveJobs(ArchiveFactory factory, std::size_t threads);
  ~ArchiveJobs();  // waits for the jobs that run; those that wait are dropped
  ArchiveJobs(const ArchiveJobs&) = delete;
  ArchiveJobs& operator=(const ArchiveJobs&) = delete;

  bool post(ArchiveJob job);  // any thread; false when the queue is full

 private:
  void work(std::stop_token stop);

  ArchiveFactory factory_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<ArchiveJob> waiting_;
  std::vector<std::jthread> threads_;  // last: they stop before the rest goes
};

}  // namespace firegate::api
