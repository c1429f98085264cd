// A stable 64-bit hash (FNV-1a with a final mix): the same on every machine and in every run, for ids that are stored.
// Not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace firegate {

class StableHash {
 public:
  constexpr StableHash& add(std::string_view text) noexcept {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0xFFu);  // a border between parts: ("ab","c") is not ("a","bc"); 0xFF never occurs in UTF-8
    return *this;
  }
  constexpr StableHash& add(std::int64_t number) noexcept {
    for (int shift = 0; shift < 64; shift += 8) step(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
    return *this;
  }
  constexpr std::uint64_t value() const noexcept {
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }

 private:
  constexpr void step(unsigned char byte) noexcept { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

}  // namespace firegate
