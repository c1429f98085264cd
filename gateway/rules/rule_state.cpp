#include "rules/rule_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace firegate::rules {
namespace {

void shift_time(Instant& at, Millis step) noexcept {
  if (at != kNever) at += step;
}

}  // namespace

const Window* RuleState::window(std::size_t no) const noexcept {
  const Memory* memory = memory_.get();
  return memory && no < memory->windows.size() ? &memory->windows[no] : nullptr;
}

Instant RuleState::due_of(std::size_t step) const noexcept {
  if (step == 0) return due_;
  const Memory* memory = memory_.get();
  return memory ? memory->due[step - 1] : kNever;
}

void RuleState::set_due(std::size_t step, Instant at) {
  if (step == 0) {
    due_ = at;
  } else if (memory_.get() || at != kNever) {
    memory_.make().due[step - 1] = at;
  }
}

Instant RuleState::due() const noexcept {
  const Memory* memory = memory_.get();
  return memory ? std::min(due_, *std::min_element(memory->due.begin(), memory->due.end())) : due_;
}

std::size_t RuleState::bytes() const noexcept {
  std::size_t bytes = sizeof *this + (pattern_.get() ? sizeof(PatternState) : 0);
  const Memory* memory = memory_.get();
  if (!memory) return bytes;
  bytes += sizeof *memory + memory->windows.capacity() * sizeof(Window);
  for (const Window& window : memory->windows) bytes += window.bytes();
  return bytes;
}

void RuleState::shift(Millis step) noexcept {
  shift_time(due_, step);
  if (PatternState* pattern = pattern_.get()) pattern->state.shift(step);
  Memory* memory = memory_.get();
  if (!memory) return;
  for (Instant& due : memory->due) shift_time(due, step);
  for (Window& window : memory->windows) window.shift(step);
}

void RuleState::forget_past() noexcept {
  held_ = 0;
  if (Memory* memory = memory_.get()) memory->windows.clear();
  pattern_.drop();
}

// "a" active in the first step; else "s<bit per active step>l<level>" · "u" unproven · "h<bits>" held · "d<milliseconds
// since 1970>" end of the first step's delay · "e<step>:<milliseconds>" of another step's · "w" and the windows ·
// "p<milliseconds>,<shares>,<state>" the fire pattern as of its last report, last.
std::string RuleState::to_text() const {
  std::string text;
  const auto out = std::back_inserter(text);
  if (active_ == 1 && level_ == 1) {
    text += 'a';
  } else if (active_ != 0 || level_ != 0) {
    fmt::format_to(out, "s{}l{}", active_, level_);
  }
  if (unproven_) text += 'u';
  if (held_ != 0) fmt::format_to(out, "h{}", held_);
  if (due_ != kNever) fmt::format_to(out, "d{}", due_.time_since_epoch().count());
  if (const Memory* memory = memory_.get()) {
    for (std::size_t i = 0; i < memory->due.size(); ++i) {
      if (memory->due[i] != kNever) fmt::format_to(out, "e{}:{}", i + 1, memory->due[i].time_since_epoch().count());
    }
    if (!memory->windows.empty()) text += 'w';
    for (const Window& window : memory->windows) window.to_text(text);
  }
  if (const PatternState* pattern = pattern_.get(); pattern && pattern->state.at()) {
    const auto& [heat, smoke, co] = pattern->share_pct;
    fmt::format_to(out, "p{},{},{},{},{}", pattern->state.at()->time_since_epoch().count(), heat, smoke, co,
                   pattern->state.to_text());
  }
  return text;
}

// Reads the text from its front; false at the first thing that is not ours.
class RuleStateText {
 public:
  explicit RuleStateText(std::string_view text) : text_(text) {}

  std::optional<RuleState> read() {
    const bool ours = read_steps() && read_flags() && read_delays() && read_windows() && read_pattern();
    return ours && text_.empty() ? std::optional(std::move(state_)) : std::nullopt;
  }

 private:
  template <typename T>
  bool number(T& into) noexcept {
    const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), into);
    if (read.ec != std::errc{}) return false;
    text_.remove_prefix(static_cast<std::size_t>(read.ptr - text_.data()));
    return true;
  }
  bool instant(Instant& into) noexcept {
    Millis::rep since_1970 = 0;
    if (!number(since_1970)) return false;
    into = Instant{Millis{since_1970}};
    return true;
  }
  bool take(char letter) noexcept {
    if (text_.empty() || text_.front() != letter) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool read_steps() noexcept {
    if (take('a')) {
      state_.active_ = state_.level_ = 1;
    } else if (take('s')) {
      return number(state_.active_) && take('l') && number(state_.level_) && state_.level_ <= kMaxSteps;
    }
    return true;
  }
  bool read_flags() noexcept {
    state_.unproven_ = take('u');
    return !take('h') || number(state_.held_);
  }
  bool read_delays() {
    if (take('d') && !instant(state_.due_)) return false;
    while (take('e')) {
      std::size_t step = 0;
      Instant at{};
      if (!number(step) || step < 1 || step >= kMaxSteps || !take(':') || !instant(at)) return false;
      state_.set_due(step, at);
    }
    return true;
  }
  bool read_windows() {
    if (!take('w')) return true;
    do {
      auto window = Window::from_text(text_);
      if (!window || state_.memory_.make().windows.size() == kMaxConditions) return false;
      state_.memory_.make().windows.push_back(std::move(*window));
    } while (!text_.empty() && text_.front() == '[');
    return true;
  }
  bool read_pattern() {
    if (!take('p')) return true;
    PatternState& pattern = state_.pattern_.make();
    Instant at{};  // the state has it too
    if (!instant(at)) return false;
    for (std::uint8_t& share : pattern.share_pct) {
      if (!take(',') || !number(share)) return false;
    }
    if (!take(',')) return false;
    auto state = detection::State::from_text(text_);
    if (!state) return false;
    pattern.state = *state;
    text_ = {};
    return true;
  }

  std::string_view text_;
  RuleState state_;
};

std::optional<RuleState> RuleState::from_text(std::string_view text) noexcept { return RuleStateText(text).read(); }

}  // namespace firegate::rules
