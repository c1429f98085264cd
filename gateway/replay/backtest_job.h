// BacktestJob: a backtest that a person asked for in the console: on a thread of its own of the lowest priority, one at
// a time, for as long as it takes. What the last one found stays until the next begins or the gateway ends. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/archive.h"
#include "replay/backtest_status.h"
#include "replay/trial.h"

namespace firegate::replay {

class BacktestJob {
 public:
  using State = BacktestState;
  using Status = BacktestStatus;
  struct Asked {
    rules::RuleSetPtr today, candidate;
    RuleChanges changes;
    Instant from{}, to{};  // both included
    std::string by;
  };
  // What it stands on; each is called on the job's thread.
  struct Sources {
    // Every recorded message in order; `take` returns false to end.
    std::function<Result<void>(const std::function<bool(const RawMessage&)>& take)> messages;
    std::function<Result<World>()> world;
    std::function<std::unique_ptr<Archive>()> archive;
  };

  BacktestJob(Sources sources, const Clock& clock) : sources_(std::move(sources)), clock_(clock) {}
  ~BacktestJob() { end(); }
  BacktestJob(const BacktestJob&) = delete;
  BacktestJob& operator=(const BacktestJob&) = delete;

  // refused: one runs.
  Result<void> start(Asked asked);
  Status status() const;
  void wait();  // until the one that runs has ended
  void end();   // the one that runs is given up

 private:
  void work(const Asked& asked, const std::stop_token& stop);
  struct Found {
    std::vector<Episode> today, candidate;
  };
  Result<std::vector<Comparison>> judge(const Asked& asked, const std::stop_token& stop);
  Result<std::optional<Instant>> first_message();  // none: there is none
  Result<void> feed_stored(const Asked& asked, const World& world, Archive& archive, Instant until, Found& found,
                           const std::stop_token& stop);
  Result<void> feed(const Asked& asked, const World& world, Instant to, Found& found, const std::stop_token& stop);
  Result<void> refuse_too_many() const;

  const Sources sources_;
  const Clock& clock_;
  std::mutex starting_;  // guards thread_
  mutable std::mutex mutex_;
  Status status_;
  std::jthread thread_;
};

}  // namespace firegate::replay
