#include "decode/duplicates.h"

#include <algorithm>
#include <functional>

#include "core/hash.h"

namespace firegate::decode {

SeenNumbers::Verdict SeenNumbers::take(std::string_view boot, std::uint64_t number) noexcept {
  const std::uint64_t run = StableHash{}.add(boot).value();
  if (any_ && current_.boot == run) return current_.take(number);
  if (before_ && before_->boot == run) {
    const Verdict verdict = before_->take(number);
    return verdict == Verdict::fresh ? Verdict::late : verdict;  // the run is over
  }
  if (any_) before_ = std::make_unique<Run>(current_);
  current_ = Run{};
  current_.boot = run;
  any_ = true;
  return current_.take(number);
}

void SeenNumbers::restore(std::string_view boot, std::uint64_t highest) noexcept {
  current_ = Run{};
  current_.boot = StableHash{}.add(boot).value();
  current_.restored = highest;
  any_ = true;
}

SeenNumbers::Verdict SeenNumbers::Run::take(std::uint64_t number) noexcept {
  std::size_t at = 0;  // the first range that ends at or after the number
  while (at < count && ranges[at].last < number) ++at;
  if (at < count && ranges[at].first <= number) return Verdict::seen;
  const bool highest = at == count;
  const bool stored = restored && number <= *restored;
  insert(number, at);
  if (stored) return Verdict::assumed;
  return highest ? Verdict::fresh : Verdict::late;
}

// `at`: the range before which the number lies.
void SeenNumbers::Run::insert(std::uint64_t number, std::size_t at) noexcept {
  const bool joins_lower = at > 0 && ranges[at - 1].last + 1 == number;
  const bool joins_upper = at < count && number + 1 == ranges[at].first;
  if (joins_lower && joins_upper) {
    ranges[at - 1].last = ranges[at].last;
    std::move(ranges.begin() + at + 1, ranges.begin() + count, ranges.begin() + at);
    --count;
  } else if (joins_lower) {
    ranges[at - 1].last = number;
  } else if (joins_upper) {
    ranges[at].first = number;
  } else if (count < ranges.size()) {
    std::move_backward(ranges.begin() + at, ranges.begin() + count, ranges.begin() + count + 1);
    ranges[at] = {number, number};
    ++count;
  } else if (at > 0) {  // the lowest range gives way
    std::move(ranges.begin() + 1, ranges.begin() + at, ranges.begin());
    ranges[at - 1] = {number, number};
  }
}

RecentMessages::RecentMessages(std::size_t slots) : slots_(slots) {}

std::uint64_t RecentMessages::hash(std::string_view topic, std::string_view payload) noexcept {
  const std::uint64_t of_topic = std::hash<std::string_view>{}(topic);
  const std::uint64_t of_payload = std::hash<std::string_view>{}(payload);
  std::uint64_t mixed = (of_topic ^ (of_payload + 0x9e3779b97f4a7c15ULL + (of_topic << 6))) * 0xbf58476d1ce4e5b9ULL;
  return mixed ^ (mixed >> 31);
}

std::optional<Instant> RecentMessages::take(std::uint64_t hash, Instant arrived_at) noexcept {
  Slot& slot = slots_[hash & (slots_.size() - 1)];
  const bool known = slot.at != kNever && slot.hash == hash;
  const Instant before = slot.at;
  slot = {hash, arrived_at};
  return known ? std::optional(before) : std::nullopt;
}

}  // namespace firegate::decode
