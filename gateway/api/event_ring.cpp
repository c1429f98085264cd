#include "api/event_ring.h"

#include <algorithm>
#include <utility>

namespace firegate::api {

bool View::admits(Topic topic, std::string_view estate) const noexcept {
  if (!topics.test(static_cast<std::size_t>(topic)) || !scope.admits(estate)) return false;
  return !estates || estate.empty() || std::ranges::find(*estates, estate) != estates->end();
}

void EventRing::push(std::string thing, Topic topic, std::string estate, Text text) {
  if (const auto old = latest_.find(thing); old != latest_.end()) events_[old->second - first_].superseded = true;
  latest_[thing] = next_number();
  events_.push_back({std::move(thing), topic, std::move(estate), std::move(text), false});
  if (events_.size() <= capacity_) return;

  const Entry& oldest = events_.front();
  if (!oldest.superseded) latest_.erase(oldest.thing);
  events_.pop_front();
  ++first_;
}

EventRing::Event EventRing::after(Seq seq, const View& view) const {
  for (Seq next = seq + 1; next <= last(); ++next) {
    if (shows(next, view)) return {next, at(next).text};
  }
  return {last(), nullptr};
}

std::size_t EventRing::waiting(Seq seq, std::size_t most, const View& view) const {
  std::size_t count = 0;
  for (Seq next = seq + 1; next <= last() && count < most; ++next) count += shows(next, view) ? 1 : 0;
  return count;
}

Seq EventRing::last(const View& view) const {
  Seq seq = last();
  while (seq >= first_ && !view.admits(at(seq).topic, at(seq).estate)) --seq;
  return seq;
}

}  // namespace firegate::api
