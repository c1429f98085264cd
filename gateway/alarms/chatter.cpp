#include "alarms/chatter.h"

namespace firegate::alarms {

bool Chatter::raised(const std::string& origin, Instant at) {
  while (!raises_.empty() && raises_.front().first <= at - kChatterWindow) {
    const auto oldest = counts_.find(raises_.front().second);
    if (--oldest->second == 0) counts_.erase(oldest);
    raises_.pop_front();
  }
  raises_.emplace_back(at, origin);
  return ++counts_[origin] >= kChatterRaises;
}

void Chatter::clock_stepped(Millis step) {
  for (auto& [at, origin] : raises_) at += step;
}

}  // namespace firegate::alarms
