// JournalCheckJob: the check of the journal that a person has asked for in the console: on a thread of its own, one at
// a time, for as long as it takes (a large journal takes minutes, which no answer may). What the last one found stays
// until the next begins or the gateway ends. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "api/archive_jobs.h"
#include "core/archive.h"
#include "core/clock.h"
#include "core/labels.h"

namespace firegate::api {

class JournalCheckJob {
 public:
  enum class State : std::uint8_t { none, running, done, failed };
  struct Status {
    State state{};
    std::optional<Instant> started_at, ended_at;
    std::uint64_t rows = 0, of = 0;  // read so far, of how many there were at its beginning
    JournalReport report;            // of a done one
    std::string error;               // of a failed one: why it could not be carried out
  };

  JournalCheckJob(ArchiveFactory factory, const Clock& clock) : factory_(std::move(factory)), clock_(clock) {}
  ~JournalCheckJob() { end(); }
  JournalCheckJob(const JournalCheckJob&) = delete;
  JournalCheckJob& operator=(const JournalCheckJob&) = delete;

  void start();  // one that runs goes on
  Status status() const;
  void wait();  // until the one that runs has ended
  void end();   // the one that runs is given up

 private:
  void work(const std::stop_token& stop);

  const ArchiveFactory factory_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Status status_;
  std::jthread thread_;
};

}  // namespace firegate::api

template <>
struct firegate::Labels<firegate::api::JournalCheckJob::State> {
  static constexpr std::array<std::string_view, 4> list{"none", "running", "done", "failed"};
};
