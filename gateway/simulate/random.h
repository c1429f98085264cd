// Random: the same numbers from the same seed on every machine and library (SplitMix64; the standard distributions
// differ between libraries). One owner, one thread.
#pragma once

#include <cstdint>

namespace firegate::simulate {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t bits() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // low <= result < high
  double between(double low, double high) noexcept {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1.0p-53);
  }
  std::int64_t whole(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(high - low));
  }
  bool chance(double probability) noexcept { return between(0.0, 1.0) < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace firegate::simulate
