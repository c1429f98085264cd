// PasswordJobs: hashes and compares passwords and PINs on a thread of its own, because argon2id is meant to take long
// and the web thread may not wait. The queue is bounded: when it is full the caller answers "overloaded".
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace firegate::api {

class PasswordJobs {
 public:
  static constexpr std::size_t kMaxWaiting = 16;  // some seconds of work; our choice

  PasswordJobs();
  ~PasswordJobs();  // waits for the job that runs; those that wait are dropped
  PasswordJobs(const PasswordJobs&) = delete;
  PasswordJobs& operator=(const PasswordJobs&) = delete;

  bool post(std::function<void()> job);  // any thread; false when the queue is full

 private:
  void work(std::stop_token stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> waiting_;
  std::jthread thread_;  // last: it stops before the rest goes
};

}  // namespace firegate::api
