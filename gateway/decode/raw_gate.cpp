#include "decode/raw_gate.h"

#include <algorithm>

namespace firegate::decode {
namespace {

// Text is not cut within a character: it would not be text any more.
std::string_view cut(std::string_view payload) noexcept {
  if (payload.size() <= kMostRawPayload) return payload;
  std::size_t end = kMostRawPayload;
  const auto continues = [payload](std::size_t at) {
    return (static_cast<unsigned char>(payload[at]) & 0xC0u) == 0x80u;
  };
  while (end > kMostRawPayload - 3 && continues(end)) --end;
  return payload.substr(0, end);
}

}  // namespace

RawCopyPtr copy_of(const RawMessage& raw, const std::string& source) {
  return std::make_shared<const RawCopy>(RawCopy{.at = raw.arrived_at,
                                                 .source = source,
                                                 .topic = std::string(raw.topic),
                                                 .payload = std::string(cut(raw.payload)),
                                                 .bytes = raw.payload.size(),
                                                 .retained = raw.retained});
}

bool TokenBucket::take(Instant at, Millis every, int burst, int reserve) noexcept {
  // Emptier than empty is it only when the clock was set back: then it fills from now on.
  const Instant full_if_empty = at + burst * every;
  full_at_ = std::clamp(full_at_, at, full_if_empty);
  if (full_at_ + (reserve + 1) * every > full_if_empty) return false;
  full_at_ += every;
  return true;
}

bool RawGate::admits(const RawMessage& raw, TokenBucket& budget) noexcept {
  if (raw.seq == last_) return false;
  const bool quiet = bucket_.full(raw.arrived_at);
  if (!bucket_.take(raw.arrived_at, kRawEvery, kRawBurst)) return false;
  if (budget.take(raw.arrived_at, kRawBudgetEvery, kRawBudgetBurst, quiet ? 0 : kRawBudgetReserve)) return true;
  bucket_.give_back(kRawEvery);
  return false;
}

RawCopyPtr RawGate::take(const RawMessage& raw, const std::string& source, TokenBucket& budget) {
  if (!admits(raw, budget)) return nullptr;
  last_ = raw.seq;
  return copy_of(raw, source);
}

}  // namespace firegate::decode
