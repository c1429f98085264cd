#include "gb_link/orders.h"

#include <algorithm>
#include <utility>

namespace firegate::gb_link {

bool Orders::add(Order order, Steady now) {
  if (waiting_.size() >= kMostOrders || waits_for(order.serial)) return false;
  waiting_.push_back({std::move(order), 1, now + kConfirmWithin});
  return true;
}

bool Orders::waits_for(std::uint16_t serial) const noexcept {
  return std::ranges::any_of(waiting_, [serial](const Waiting& one) { return one.order.serial == serial; });
}

std::optional<Order> Orders::take(std::uint16_t serial) {
  const auto found =
      std::ranges::find_if(waiting_, [serial](const Waiting& one) { return one.order.serial == serial; });
  if (found == waiting_.end()) return std::nullopt;
  std::optional<Order> taken(std::move(found->order));
  waiting_.erase(found);
  return taken;
}

Orders::Due Orders::due(Steady now) {
  Due due;
  std::vector<Waiting> still;
  for (Waiting& one : waiting_) {
    if (now < one.again_at) {
      still.push_back(std::move(one));
    } else if (one.sends == kMostSends) {
      due.unconfirmed.push_back(std::move(one.order));
    } else {
      due.again.push_back(one.order.bytes);
      ++one.sends;
      one.again_at = now + kConfirmWithin;
      still.push_back(std::move(one));
    }
  }
  waiting_ = std::move(still);
  return due;
}

std::vector<Order> Orders::take_all() {
  std::vector<Order> all;
  for (Waiting& one : waiting_) all.push_back(std::move(one.order));
  waiting_.clear();
  return all;
}

}  // namespace firegate::gb_link
