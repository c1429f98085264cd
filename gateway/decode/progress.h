// Progress: up to which message everything is finished. Each pull from the inbox gets a hold; lanes, partitions and the
// writer keep copies of it, and when the last copy goes the pull is finished. The lowest unfinished pull bounds what
// the inbox may forget, however the others overtake it. Any thread.
#pragma once

#include <functional>
#include <memory>

#include "core/batch.h"

namespace firegate::decode {

class Progress {
 public:
  // `finished` is told the number of the last message of which everything up to it is finished: ascending, never twice
  // the same, never at or below `already` (finished before our start, and read again to be remembered), on the thread
  // that let the last hold go, under a lock: it stores the number and returns.
  explicit Progress(std::function<void(InboxSeq)> finished, InboxSeq already = 0);

  class Pull;
  // A pull whose last message is `last`. Pulls come in order: `last` is above all before.
  std::shared_ptr<Pull> begin(InboxSeq last);

 private:
  struct State;
  std::shared_ptr<State> state_;  // holds may outlive the object
};

// One share in a pull that somebody has yet to hand on. Destroyed without `handed_on`, the pull stays unfinished for
// ever and is read again at the next start: work that is thrown away at a stop is not lost.
class Undone {
 public:
  explicit Undone(std::shared_ptr<Progress::Pull> pull = nullptr) noexcept;
  Undone(Undone&& other) noexcept = default;
  Undone& operator=(Undone&& other) noexcept;
  ~Undone();

  Undone share() const noexcept { return Undone(pull_); }
  InboxHold hold() const noexcept { return pull_; }
  void handed_on() noexcept { pull_.reset(); }

 private:
  std::shared_ptr<Progress::Pull> pull_;
};

}  // namespace firegate::decode
