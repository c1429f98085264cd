// One device that sends too much (T05). What is beyond its allowance is merged within a batch: the last value of every
// point goes on, and a fire that was said in between goes on too. So no flood hides a fire, and none costs more than a
// few messages a batch. One lane, one strand.
#pragma once

#include <vector>

#include "core/to_partition.h"

namespace firegate::decode {

// A token bucket in arrival time: what waited in the inbox is not a flood when we catch up.
class Allowance {
 public:
  bool take(Instant at, double per_second, double burst) noexcept;

 private:
  double tokens_ = -1;  // negative: never used, full
  Instant last_{};
};

class Merged {
 public:
  void add(ToPartition item);
  // What was added, in as few items as its kinds allow. Empties the object.
  std::vector<ToPartition> take();

 private:
  struct Part {
    ToPartition item;
    std::vector<Reading> after_fire;  // newer values of points whose "fire" is kept in `item`
  };
  std::vector<Part> parts_;           // by kind, retained, backlog
  std::vector<ToPartition> replies_;  // answers to commands stay apart; the newest few
};

}  // namespace firegate::decode
