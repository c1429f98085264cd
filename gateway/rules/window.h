// Window: what one leaf with a memory keeps of the past of one subject: a bounded ring of (time, value). Fed from the
// current value, by the time it was said, so feeding it twice with the same is nothing. A device without such leaves
// keeps none.
//
// A silence longer than the device's interval allows is a gap: the window begins anew and what it would have to have
// seen is unknown until it is full again (architecture, section 9, decision 3). So does a sample that is older than the
// newest: a clock went back. A good value counts when it arrived; a late one when it was measured; a late one without a
// time of its own begins the window anew, because a backlog arrives all at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/current_values.h"
#include "rules/condition.h"

namespace firegate::rules {

class Window {
 public:
  // A ring of a rise keeps the least (greatest) value of each of so many parts of its time: its start is known to a
  // thirtieth of the window (our choice).
  static constexpr int kParts = 30;
  static constexpr std::size_t kMaxSamples = 64;  // no ring is longer; 16 bytes each

  // Takes the value up. False when it is no newer than what is known, or may not be used.
  bool feed(const Rise& leaf, const Current& current, Millis gap);
  bool feed(const Deviation& leaf, const Current& current, Millis gap);
  bool feed(const Stuck& leaf, const Current& current, Millis gap);
  bool feed(const Chatter& leaf, const Current& current, Millis gap);
  bool feed(const Count& leaf, const Current& current, Millis gap, Truth test);
  // A pulse of what is counted.
  void feed_pulse(const Count& leaf, Instant at);

  Truth answer(const Rise& leaf) const noexcept;
  Truth answer(const Deviation& leaf) const noexcept;
  Truth answer(const Stuck& leaf, Instant now) const noexcept;
  Truth answer(const Chatter& leaf, Instant now) const noexcept;
  // `said`: the test's point has been said as a state; else only pulses count and there is nothing to miss.
  Truth answer(const Count& leaf, Instant now, bool said) const noexcept;
  // When the answer changes by time alone; kNever: only by a sample.
  Instant changes_at(const Stuck& leaf, Instant now) const noexcept;
  Instant changes_at(const Chatter& leaf, Instant now) const noexcept;
  Instant changes_at(const Count& leaf, Instant now) const noexcept;

  void shift(Millis step) noexcept;
  std::size_t size() const noexcept { return samples_.size(); }
  std::size_t bytes() const noexcept { return samples_.capacity() * sizeof(Sample); }  // beside itself

  // Appends the window's form; reads it off the front of `text`. Reading back is exact.
  void to_text(std::string& into) const;
  static std::optional<Window> from_text(std::string_view& text) noexcept;

  friend bool operator==(const Window&, const Window&) = default;

 private:
  struct Sample {
    Instant at{};
    double value = 0;
    friend bool operator==(const Sample&, const Sample&) = default;
  };

  bool begin(const Current& current, Millis gap);
  void push_edge(Instant at, std::size_t keep);
  void thin(const Rise& leaf);
  Truth reached(std::size_t count, Millis within, Instant now, bool covered) const noexcept;
  Instant expires_at(std::size_t count, Millis within, Instant now) const noexcept;

  Instant newest_ = kNever;      // time of the last sample; kNever: none yet
  Instant since_ = kNever;       // heard without a gap since then
  double level_ = 0;             // deviation: the mean; stuck: 1 when `since_` is a change that was seen
  Truth was_ = Truth::unknown;   // count: what the test was
  std::vector<Sample> samples_;  // oldest first
};

}  // namespace firegate::rules
