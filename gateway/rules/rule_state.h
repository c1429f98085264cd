// RuleState: what a rule remembers of one subject; saved with the batch, shifted when our clock is re-anchored. A
// default one is what a new subject has: keep only others. Windows, and the delays of further steps, are apart and only
// where the rule has them.
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
  detection::State state;
  Instant fed_at = kNever;                  // of the last report; kNever: none
  std::array<std::uint8_t, 3> share_pct{};  // heat, smoke, CO; at most 255
  friend bool operator==(const PatternState&, const PatternState&) = default;
};

class RuleState {
 public:
  RuleState() = default;
  RuleState(const RuleState& other);
  RuleState& operator=(const RuleState& other);
  RuleState(RuleState&&) noexcept = default;
  RuleState& operator=(RuleState&&) noexcept = default;
  ~RuleState() = default;

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

  friend bool operator==(const RuleState& a, const RuleState& b) noexcept;

 private:
  friend class Evaluation;
  friend class Walk;
  friend class RuleStateText;
  friend void accept_unproven(RuleState& state, std::uint8_t level) noexcept;

  struct Memory {
    std::array<Instant, kMaxSteps - 1> due;  // of the steps after the first
    std::vector<Window> windows;
    std::vector<PatternState> pattern;  // at most one
    Memory() { due.fill(kNever); }
    friend bool operator==(const Memory&, const Memory&) = default;
  };

  bool step_active(std::size_t step) const noexcept { return active_ & (1u << step); }
  Instant due_of(std::size_t step) const noexcept;
  void set_due(std::size_t step, Instant at);
  Memory& memory();
  const Window* window(std::size_t no) const noexcept;  // null: it has seen nothing yet

  const PatternState* pattern() const noexcept {
    return memory_ && !memory_->pattern.empty() ? &memory_->pattern.front() : nullptr;
  }

  Instant due_ = kNever;     // of the first step
  std::uint32_t held_ = 0;   // a bit per limit with a band: it was true when last known
  std::uint8_t active_ = 0;  // a bit per step
  std::uint8_t level_ = 0;
  bool unproven_ = false;
  std::unique_ptr<Memory> memory_;
};

}  // namespace firegate::rules
