// RawGate: which messages of a device are kept as they came. A device may keep every message while it speaks no faster
// than once in kRawEvery on average; bursts of up to kRawBurst are kept whole. All devices of a source together keep
// 50 a second on average, in bursts of 500, whatever they send: a row rewrites a page or two of the store, 20 to 40 µs,
// as much as the rest of a message's way. (3,000 devices that speak once a minute stay below that.) The last quarter of
// this allowance is for devices that have been quiet, so that a chatterer never takes a rare message's place.
// All figures are our choice. Time is the time of arrival. A message that is not kept costs two comparisons and no
// copy. Owned by the lane; one strand.
#pragma once

#include "core/raw_copy.h"
#include "core/raw_message.h"

namespace firegate::decode {

constexpr Millis kRawEvery{10'000};
constexpr int kRawBurst = 10;
constexpr Millis kRawBudgetEvery{20};
constexpr int kRawBudgetBurst = 500;
constexpr int kRawBudgetReserve = kRawBudgetBurst / 4;

// A token bucket in one instant, that at which it will be full again (generic cell rate algorithm, ITU-T I.371).
class TokenBucket {
 public:
  bool full(Instant at) const noexcept { return full_at_ <= at; }
  // Takes a token if more than `reserve` are there: one comes every `every`, up to `burst` wait.
  bool take(Instant at, Millis every, int burst, int reserve = 0) noexcept;
  void give_back(Millis every) noexcept { full_at_ -= every; }

 private:
  Instant full_at_{};
};

RawCopyPtr copy_of(const RawMessage& raw, const std::string& source);

// Of one device: 16 bytes.
class RawGate {
 public:
  // A copy of `raw` when it is to be kept: the first time it is asked for a message, if the allowances permit.
  RawCopyPtr take(const RawMessage& raw, const std::string& source, TokenBucket& budget);

 private:
  bool admits(const RawMessage& raw, TokenBucket& budget) noexcept;

  TokenBucket bucket_;
  InboxSeq last_ = 0;  // kept; a message may hold several messages of one device
};

}  // namespace firegate::decode
