#include "app/loop_watch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/log.h"

namespace firegate::app {

LoopWatch::LoopWatch(const Clock& clock, metrics::Metrics& metrics, std::vector<WatchedLoop> loops)
    : clock_(clock), metrics_(metrics), started_(clock.steady_now()), loops_(std::move(loops)) {
  loops_.push_back({metrics::Loop::io, [this] { return io_.last(); }, kPatience});
}

bool LoopWatch::look() {
  for (const WatchedLoop& loop : loops_) {
    metrics_.loop_silence_seconds[loop.loop].set(std::chrono::duration<double>(silence(loop)).count());
  }
  io_.beat(clock_.steady_now());
  const auto found = stuck();
  if (!found.empty() && !told_) log::critical("loop_stuck", {{"loops", fmt::format("{}", fmt::join(found, ", "))}});
  if (found.empty() && told_) log::info("loops_go_round");
  told_ = !found.empty();
  return found.empty();
}

std::vector<std::string> LoopWatch::stuck() const {
  std::vector<std::string> found;
  for (const WatchedLoop& loop : loops_) {
    const Millis silent = silence(loop);
    if (silent <= loop.patience) continue;
    found.push_back(
        fmt::format("{} silent for {} s", label(loop.loop), std::chrono::floor<std::chrono::seconds>(silent).count()));
  }
  return found;
}

Millis LoopWatch::silence(const WatchedLoop& loop) const noexcept {
  return std::chrono::floor<Millis>(clock_.steady_now() - std::max(loop.last_beat(), started_));
}

}  // namespace firegate::app
