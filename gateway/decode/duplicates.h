// What has been seen before. Two memories, because only some formats number their messages (architecture, section 9.4).
// Both belong to one lane; one strand.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/clock.h"

namespace firegate::decode {

// The numbers that one device gave its messages, in its last two runs (`boot`).
class SeenNumbers {
 public:
  enum class Verdict : std::uint8_t {
    fresh,    // higher than all before, or of a new run
    late,     // lower, and never seen
    seen,     // seen in this process
    assumed,  // not above what was stored before our last start: seen, most likely
  };
  Verdict take(std::string_view boot, std::uint64_t number) noexcept;
  // What the store remembers of the device.
  void restore(std::string_view boot, std::uint64_t highest) noexcept;

 private:
  struct Range {
    std::uint64_t first = 0, last = 0;
  };
  // Gaps split the ranges; with more gaps than there is room for, the lowest range is forgotten, and what it held
  // counts as late again: nothing is dropped because we forgot.
  struct Run {
    std::uint64_t boot = 0;  // hash
    std::optional<std::uint64_t> restored;
    std::array<Range, 4> ranges{};
    std::uint8_t count = 0;

    Verdict take(std::uint64_t number) noexcept;
    void insert(std::uint64_t number, std::size_t at) noexcept;
  };
  Run current_;
  std::unique_ptr<Run> before_;  // null: it has had one run
  bool any_ = false;
};

// Hashes of the last messages of a lane. A slot of the table holds one, so memory and time are fixed; a message whose
// slot was taken over is simply not known any more.
class RecentMessages {
 public:
  explicit RecentMessages(
      std::size_t slots = 65'536);  // a power of two, above kRemembered (decode/reader.h); our choice: 1 MiB a lane

  static std::uint64_t hash(std::string_view topic, std::string_view payload) noexcept;
  // When the same message came last, if that is known; remembers this one.
  std::optional<Instant> take(std::uint64_t hash, Instant arrived_at) noexcept;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Instant at = kNever;  // kNever: empty
  };
  std::vector<Slot> slots_;
};

}  // namespace firegate::decode
