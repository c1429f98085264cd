#include "api/event_ring.h"

#include <utility>

namespace firegate::api {

void EventRing::push(std::string topic, Text text) {
  if (const auto old = latest_.find(topic); old != latest_.end()) events_[old->second - first_].superseded = true;
  latest_[topic] = next_number();
  events_.push_back({std::move(topic), std::move(text), false});
  if (events_.size() <= capacity_) return;

  const Entry& oldest = events_.front();
  if (!oldest.superseded) latest_.erase(oldest.topic);
  events_.pop_front();
  ++first_;
}

EventRing::Event EventRing::after(Seq seq) const {
  for (Seq next = seq + 1; next <= last(); ++next) {
    if (!at(next).superseded) return {next, at(next).text};
  }
  return {};
}

std::size_t EventRing::waiting(Seq seq, std::size_t most) const {
  std::size_t count = 0;
  for (Seq next = seq + 1; next <= last() && count < most; ++next) count += at(next).superseded ? 0 : 1;
  return count;
}

}  // namespace firegate::api
