#include "core/current_values.h"

#include <algorithm>
#include <utility>

namespace firegate {
namespace {

struct ByPointAndPort {
  static std::pair<Point, Port> key(const Current& current) noexcept { return {current.point, current.port}; }
  bool operator()(const Current& a, std::pair<Point, Port> b) const noexcept { return key(a) < b; }
};

}  // namespace

const Current* CurrentValues::find(Point point, Port port) const noexcept {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), std::pair(point, port), ByPointAndPort{});
  return at != entries_.end() && at->point == point && at->port == port ? &*at : nullptr;
}

Current& CurrentValues::put(Current current) {
  const auto key = ByPointAndPort::key(current);
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, ByPointAndPort{});
  if (at != entries_.end() && ByPointAndPort::key(*at) == key) return *at = std::move(current);
  const auto index = at - entries_.begin();
  if (entries_.size() == entries_.capacity()) entries_.reserve(entries_.size() + 1);  // a device soon says all it will
  return *entries_.insert(entries_.begin() + index, std::move(current));
}

}  // namespace firegate
