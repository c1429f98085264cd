#include "replay/backtest_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "replay/low_priority.h"
#include "replay/stored_history.h"
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
  const auto archive = sources_.archive();
  if (!archive) return fail(ErrorCode::io_failed, "reading the record: the store cannot be opened");

  const Instant to = std::min(asked.to, clock_.now());
  Found found;
  const auto begins = first_message();
  if (!begins) return tl::unexpected(begins.error());
  const Instant stored_until = begins->value_or(to);
  if (asked.from < stored_until) {
    if (auto fed = feed_stored(asked, *world, *archive, std::min(stored_until, to), found, stop); !fed) {
      return tl::unexpected(fed.error());
    }
  }
  if (auto fed = feed(asked, *world, to, found, stop); !fed) return tl::unexpected(fed.error());
  if (stop.stop_requested()) return std::vector<Comparison>{};

  Verdicts verdicts;
  if (auto loaded = verdicts.load(*archive, asked.from, asked.to); !loaded) return tl::unexpected(loaded.error());
  return compare(found.today, found.candidate, [&verdicts](const Episode& episode) { return verdicts.of(episode); });
}

Result<std::optional<Instant>> BacktestJob::first_message() {
  std::optional<Instant> begins;
  auto read = sources_.messages([&begins](const RawMessage& message) {
    begins = message.arrived_at;
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  return begins;
}

// What the messages no longer tell.
Result<void> BacktestJob::feed_stored(const Asked& asked, const World& world, Archive& archive, Instant until,
                                      Found& found, const std::stop_token& stop) {
  auto judged = judge_stored(archive, world, *asked.today, *asked.candidate, asked.from, until, [&](Instant at) {
    const std::lock_guard lock(mutex_);
    if (!status_.first) status_.first = at;
    status_.at = status_.last = at;
    return !stop.stop_requested();
  });
  if (!judged) return tl::unexpected(judged.error());
  if (judged->too_many) return refuse_too_many();
  found.today = std::move(judged->today);
  found.candidate = std::move(judged->candidate);
  if (!judged->first) return {};
  const std::lock_guard lock(mutex_);
  status_.reduced_until = until;
  return {};
}

// The trial begins with the first message of the span.
Result<void> BacktestJob::feed(const Asked& asked, const World& world, Instant to, Found& found,
                               const std::stop_token& stop) {
  std::optional<Trial> trial;
  auto read = sources_.messages([&](const RawMessage& message) {
    if (message.arrived_at < asked.from) return !stop.stop_requested();
    if (message.arrived_at > asked.to) return false;
    if (!trial) trial.emplace(world, asked.today, asked.candidate, message.arrived_at);
    trial->take(message);
    {
      const std::lock_guard lock(mutex_);
      ++status_.messages;
      if (!status_.first) status_.first = message.arrived_at;
      status_.at = status_.last = message.arrived_at;
    }
    return !stop.stop_requested() && !trial->too_many();
  });
  if (!read || !trial) return read;
  if (trial->too_many()) return refuse_too_many();
  trial->advance(to);
  std::ranges::copy(trial->today().all(), std::back_inserter(found.today));
  std::ranges::copy(trial->candidate().all(), std::back_inserter(found.candidate));
  return {};
}

Result<void> BacktestJob::refuse_too_many() const {
  return fail(ErrorCode::refused, fmt::format("judging the messages: found more than {} episodes until {}",
                                              kMostEpisodes, to_text(*status().last)));
}

}  // namespace firegate::replay
