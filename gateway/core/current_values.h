// CurrentValues: the last value of every point of one device. Sorted, compact: a district has 100,000 of these.
// Owned by the device's state in its partition; one strand.
#pragma once

#include <limits>
#include <vector>

#include "core/reading.h"

namespace firegate {

struct Current {
  Point point{};
  Port port = kNoPort;
  Quality quality = Quality::good;
  Value value;
  Instant changed_at{};   // arrival of the message that gave it this value
  Instant updated_at{};   // arrival of the last message that said it
  Instant measured_at{};  // time of measurement by our judgement (device time when valid, else arrival)
  double kept = std::numeric_limits<double>::quiet_NaN();  // numbers: as last kept in history; NaN: not since the start
};

class CurrentValues {
 public:
  const Current* find(Point point, Port port = kNoPort) const noexcept;
  // A message with so many values is about to be put. A device's first one says nearly all that it ever will.
  void expect(std::size_t values) {
    if (entries_.empty()) entries_.reserve(values);
  }
  // Inserts or replaces. Returns the stored entry; valid until the next `put`.
  Current& put(Current current);
  const std::vector<Current>& all() const noexcept { return entries_; }

 private:
  std::vector<Current> entries_;  // by (point, port)
};

}  // namespace firegate
