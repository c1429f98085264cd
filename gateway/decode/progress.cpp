#include "decode/progress.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

namespace firegate::decode {

struct Progress::State {
  struct Entry {
    InboxSeq last = 0;
    bool finished = false;
  };
  std::mutex mutex;
  std::deque<Entry> entries;  // in order; the front is unfinished
  std::uint64_t popped = 0;   // entries that have left the front
  InboxSeq told = 0;
  std::function<void(InboxSeq)> finished;

  void finish(std::uint64_t number) {
    const std::lock_guard lock(mutex);
    entries[number - popped].finished = true;
    InboxSeq up_to = 0;
    while (!entries.empty() && entries.front().finished) {
      up_to = entries.front().last;
      entries.pop_front();
      ++popped;
    }
    if (up_to <= told) return;
    told = up_to;
    finished(up_to);
  }
};

class Progress::Pull {
 public:
  Pull(std::shared_ptr<State> state, std::uint64_t number) : state_(std::move(state)), number_(number) {}
  ~Pull() {
    if (!abandoned_) state_->finish(number_);
  }
  Pull(const Pull&) = delete;
  Pull& operator=(const Pull&) = delete;
  void abandon() noexcept { abandoned_ = true; }

 private:
  std::shared_ptr<State> state_;
  std::uint64_t number_;
  std::atomic<bool> abandoned_{false};
};

Progress::Progress(std::function<void(InboxSeq)> finished, InboxSeq already) : state_(std::make_shared<State>()) {
  state_->told = already;
  state_->finished = std::move(finished);
}

std::shared_ptr<Progress::Pull> Progress::begin(InboxSeq last) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(state_->mutex);
    number = state_->popped + state_->entries.size();
    state_->entries.push_back({last, false});
  }
  return std::make_shared<Pull>(state_, number);
}

Undone::Undone(std::shared_ptr<Progress::Pull> pull) noexcept : pull_(std::move(pull)) {}

Undone& Undone::operator=(Undone&& other) noexcept {
  std::swap(pull_, other.pull_);
  return *this;
}

Undone::~Undone() {
  if (pull_) pull_->abandon();
}

}  // namespace firegate::decode
