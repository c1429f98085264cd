// RuleState: what a rule remembers of one subject; saved with the batch, shifted when our clock is re-anchored. A
// default one is what a new subject has: keep only others. Windows, the delays of further steps and the fire pattern
// are apart and only where the rule has them: a district has 100,000 of these.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/detection/fire_pattern.h"
#include "rules/rule.h"
#include "rules/window.h"

namespace firegate::rules {

// Of a fire pattern: its state, and the shares of its last decision, which are the evidence.
struct PatternState {
  [[no_unique_address]] detection::State state;  // the shares stand in its padding
  std::array<std::uint8_t, 3> share_pct{};       // heat, smoke, CO; at most 255
  friend bool operator==(const PatternState&, const PatternState&) = default;
};
static_assert(sizeof(PatternState) == sizeof(detection::State));

// A value elsewhere that is made when it is needed; copied and compared as the value is. An absent one is a default
// one.
template <typename T>
class Kept {
 public:
  Kept() = default;
  Kept(const Kept& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Kept& operator=(const Kept& other) { return *this = Kept(other); }
  Kept(Kept&&) noexcept = default;
  Kept& operator=(Kept&&) noexcept = default;
  ~Kept() = default;

  T& make() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }
  void drop() noexcept { value_.reset(); }
  T* get() noexcept { return value_.get(); }  // null: absent
  const T* get() const noexcept { return value_.get(); }

  friend bool operator==(const Kept& a, const Kept& b) noexcept {
    if (a.value_ && b.value_) return *a.value_ == *b.value_;
    const auto& either = a.value_ ? a.value_ : b.value_;
    return !either || *either == T{};
  }

 private:
  std::unique_ptr<T> value_;
};

class RuleState {
 public:
  bool active() const noexcept { return level_ != 0; }
  // The step that gives the alarm its class, counted from 1; 0: not active.
  std::uint8_t level() const noexcept { return level_; }
  // Raised from a retained value: see accept_unproven.
  bool unproven() const noexcept { return unproven_; }
  // End of the next delay that runs; kNever: none.
  Instant due() const noexcept;
  bool is_default() const noexcept { return *this == RuleState{}; }
  std::size_t bytes() const noexcept;  // with what it holds elsewhere

  void shift(Millis step) noexcept;
  // Its windows begin anew: the rule's conditions are other ones now.
  void forget_past() noexcept;

  // "" for a default state. Reading back is exact; none when the text is not ours.
  std::string to_text() const;
  static std::optional<RuleState> from_text(std::string_view text) noexcept;

  friend bool operator==(const RuleState&, const RuleState&) = default;

 private:
  friend class Evaluation;
  friend class Walk;
  friend class RuleStateText;
  friend void accept_unproven(RuleState& state, std::uint8_t level) noexcept;

  struct Memory {
    std::array<Instant, kMaxSteps - 1> due;  // of the steps after the first
    std::vector<Window> windows;
    Memory() { due.fill(kNever); }
    friend bool operator==(const Memory&, const Memory&) = default;
  };

  bool step_active(std::size_t step) const noexcept { return active_ & (1u << step); }
  Instant due_of(std::size_t step) const noexcept;
  void set_due(std::size_t step, Instant at);
  const Window* window(std::size_t no) const noexcept;  // null: it has seen nothing yet

  Instant due_ = kNever;     // of the first step
  std::uint32_t held_ = 0;   // a bit per limit with a band: it was true when last known
  std::uint8_t active_ = 0;  // a bit per step
  std::uint8_t level_ = 0;
  bool unproven_ = false;
  Kept<Memory> memory_;
  Kept<PatternState> pattern_;
};

}  // namespace firegate::rules
