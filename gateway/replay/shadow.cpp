#include "replay/shadow.h"

#include <fmt/format.h>

#include <utility>

#include "replay/low_priority.h"

namespace firegate::replay {
namespace {

constexpr Millis kLookEvery{200};  // for messages that came; our choice
// Timers are fired so far behind the clock: what arrived before then is in the inbox already (it is there within
// microseconds; the rest is for a machine that stands still).
constexpr Millis kBehindClock{2000};

}  // namespace

Shadow::Shadow(Sources sources, rules::RuleSetPtr candidate, const Clock& clock)
    : sources_(std::move(sources)), candidate_(std::move(candidate)), clock_(clock) {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Shadow::~Shadow() = default;

Shadow::Status Shadow::status() const {
  const std::lock_guard lock(mutex_);
  Status status = status_;
  if (trial_) {
    status.today = trial_->today().all();
    status.candidate = trial_->candidate().all();
  }
  return status;
}

void Shadow::work(const std::stop_token& stop) {
  lower_own_priority();
  for (; !stop.stop_requested() && !world_; rest(stop)) {
    if (auto world = sources_.world()) world_.emplace(std::move(*world));  // else the store cannot be read just now
  }
  while (!stop.stop_requested()) {
    const auto pulled = sources_.messages->pull(Millis{0});
    if (pulled && !pulled->messages.empty()) {
      if (judge(pulled->messages)) continue;
      return;
    }
    if (pulled) keep_up(clock_.now() - kBehindClock);
    rest(stop);
  }
}

// False: that is enough.
bool Shadow::judge(std::span<const RawMessage> messages) {
  begin(messages.front().arrived_at);
  for (const RawMessage& message : messages) {
    const std::lock_guard lock(mutex_);
    trial_->take(message);
    ++status_.messages;
    status_.at = message.arrived_at;
    status_.behind = clock_.now() - message.arrived_at;
    if (!trial_->too_many()) continue;
    status_.error = fmt::format("judging beside the rules in force: found more than {} episodes", kMostEpisodes);
    return false;
  }
  return true;
}

// Takes up rules and devices that are other ones by now.
void Shadow::begin(Instant at) {
  auto today = sources_.today();
  auto devices = sources_.devices();
  const std::lock_guard lock(mutex_);
  if (!trial_) trial_ = std::make_unique<Trial>(*world_, today, candidate_, at);
  else {
    if (today != today_) trial_->use_today(today, at);
    if (devices != devices_) trial_->use(devices, at);
  }
  today_ = std::move(today);
  devices_ = std::move(devices);
}

// Nothing came: what is due by time.
void Shadow::keep_up(Instant now) {
  if (trial_) begin(now);
  const std::lock_guard lock(mutex_);
  status_.behind = Millis{};
  if (!trial_ || (status_.at && now <= *status_.at)) return;
  trial_->advance(now);
  status_.at = now;
}

void Shadow::rest(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, kLookEvery, [] { return false; });
}

}  // namespace firegate::replay
