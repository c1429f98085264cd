#include "api/journal_check_job.h"

#include <system_error>
#include <utility>

namespace firegate::api {

void JournalCheckJob::start() {
  const std::lock_guard lock(mutex_);
  if (status_.state == State::running) return;
  status_ = {};
  status_.started_at = clock_.now();
  try {
    // The thread of the one before has nothing left to do: the assignment does not wait.
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    status_.state = State::running;
  } catch (const std::system_error& error) {
    status_.state = State::failed;
    status_.error = std::string("starting a thread: ") + error.what();
  }
}

JournalCheckJob::Status JournalCheckJob::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void JournalCheckJob::wait() {
  if (thread_.joinable()) thread_.join();
}

void JournalCheckJob::end() {
  thread_.request_stop();
  wait();
}

void JournalCheckJob::work(const std::stop_token& stop) {
  const auto archive = factory_();
  Result<JournalReport> report = fail(ErrorCode::io_failed, "checking the journal: the store cannot be opened");
  if (archive) {
    report = archive->check_journal([&stop] { return stop.stop_requested(); },
                                    [this](std::uint64_t rows, std::uint64_t of) {
                                      const std::lock_guard lock(mutex_);
                                      status_.rows = rows;
                                      status_.of = of;
                                    });
  }
  const std::lock_guard lock(mutex_);
  status_.ended_at = clock_.now();
  status_.state = report ? State::done : State::failed;
  if (report) status_.report = std::move(*report);
  else status_.error = report.error().message;
}

}  // namespace firegate::api
