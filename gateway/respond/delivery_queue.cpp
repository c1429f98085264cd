#include "respond/delivery_queue.h"

#include <algorithm>

namespace firegate::respond {
namespace {

bool more_urgent(const Delivery& a, const Delivery& b) {
  const auto rank = [](const Delivery& one) {
    return std::pair(info(one.notice.alarm.alarm_class).priority, one.notice.at);
  };
  return rank(a) < rank(b);
}

}  // namespace

Millis retry_wait(const RetryPolicy& policy, std::uint32_t attempts, double random) noexcept {
  Millis wait = policy.first;
  for (std::uint32_t i = 1; i < attempts && wait < policy.longest; ++i) wait *= 2;
  wait = std::min(wait, policy.longest);
  return wait / 2 + Millis{static_cast<std::int64_t>(static_cast<double>(wait.count() / 2) * random)};
}

void DeliveryQueue::add(Delivery delivery) {
  const auto same =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Delivery& one) { return one.key == delivery.key; });
  if (same != waiting_.end()) {
    same->recorded = same->recorded || delivery.recorded;
    return;
  }
  const auto place = std::upper_bound(waiting_.begin(), waiting_.end(), delivery, more_urgent);
  waiting_.insert(place, std::move(delivery));
}

std::optional<Delivery> DeliveryQueue::take(Instant now) {
  const auto due =
      std::find_if(waiting_.begin(), waiting_.end(), [now](const Delivery& one) { return one.not_before <= now; });
  if (due == waiting_.end()) return std::nullopt;
  Delivery delivery = std::move(*due);
  waiting_.erase(due);
  return delivery;
}

std::optional<Instant> DeliveryQueue::next_due() const {
  std::optional<Instant> earliest;
  for (const Delivery& one : waiting_) {
    if (!earliest || one.not_before < *earliest) earliest = one.not_before;
  }
  return earliest;
}

}  // namespace firegate::respond
