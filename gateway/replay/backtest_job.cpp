#include "replay/backtest_job.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "replay/low_priority.h"
#include "replay/verdicts.h"

namespace firegate::replay {

Result<void> BacktestJob::start(Asked asked) {
  const std::lock_guard starting(starting_);
  {
    const std::lock_guard lock(mutex_);
    if (status_.state == State::running) return fail(ErrorCode::refused, "starting a backtest: one is running");
    status_ = {};
    status_.state = State::running;
    status_.by = asked.by;
    status_.changes = asked.changes;
    status_.from = asked.from;
    status_.to = asked.to;
    status_.started_at = clock_.now();
  }
  try {
    // The thread of the one before has nothing left to do: the assignment does not wait.
    thread_ = std::jthread([this, asked = std::move(asked)](const std::stop_token& stop) { work(asked, stop); });
  } catch (const std::system_error& error) {
    const std::lock_guard lock(mutex_);
    status_.state = State::failed;
    status_.error = std::string("starting a thread: ") + error.what();
  }
  return {};
}

BacktestJob::Status BacktestJob::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void BacktestJob::wait() {
  const std::lock_guard starting(starting_);
  if (thread_.joinable()) thread_.join();
}

void BacktestJob::end() {
  const std::lock_guard starting(starting_);
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void BacktestJob::work(const Asked& asked, const std::stop_token& stop) {
  lower_own_priority();
  auto judged = judge(asked, stop);
  const std::lock_guard lock(mutex_);
  status_.ended_at = clock_.now();
  if (stop.stop_requested()) {
    status_.state = State::ended;
  } else if (judged) {
    status_.comparisons = std::make_shared<const std::vector<Comparison>>(std::move(*judged));
    status_.state = State::done;
  } else {
    status_.error = judged.error().message;
    status_.state = State::failed;
  }
}

Result<std::vector<Comparison>> BacktestJob::judge(const Asked& asked, const std::stop_token& stop) {
  auto world = sources_.world();
  if (!world) return tl::unexpected(world.error());
  std::unique_ptr<Trial> trial;
  if (auto fed = feed(asked, *world, trial, stop); !fed) return tl::unexpected(fed.error());
  if (!trial || stop.stop_requested()) return std::vector<Comparison>{};
  trial->advance(std::min(asked.to, clock_.now()));
  const auto archive = sources_.archive();
  if (!archive) return fail(ErrorCode::io_failed, "reading what people said: the store cannot be opened");
  Verdicts verdicts;
  if (auto loaded = verdicts.load(*archive, asked.from, asked.to); !loaded) return tl::unexpected(loaded.error());
  return compare(trial->today().all(), trial->candidate().all(),
                 [&verdicts](const Episode& episode) { return verdicts.of(episode); });
}

// The trial begins with the first message of the span.
Result<void> BacktestJob::feed(const Asked& asked, const World& world, std::unique_ptr<Trial>& trial,
                               const std::stop_token& stop) {
  auto read = sources_.messages([&](const RawMessage& message) {
    if (message.arrived_at < asked.from) return !stop.stop_requested();
    if (message.arrived_at > asked.to) return false;
    if (!trial) trial = std::make_unique<Trial>(world, asked.today, asked.candidate, message.arrived_at);
    trial->take(message);
    {
      const std::lock_guard lock(mutex_);
      ++status_.messages;
      if (!status_.first) status_.first = message.arrived_at;
      status_.at = status_.last = message.arrived_at;
    }
    return !stop.stop_requested() && !trial->too_many();
  });
  if (read && trial && trial->too_many()) {
    return fail(ErrorCode::refused, fmt::format("judging the messages: found more than {} episodes until {}",
                                                kMostEpisodes, to_text(*status().last)));
  }
  return read;
}

}  // namespace firegate::replay
