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

RuleState::RuleState(const RuleState& other)
    : due_(other.due_),
      held_(other.held_),
      active_(other.active_),
      level_(other.level_),
      unproven_(other.unproven_),
      memory_(other.memory_ ? std::make_unique<Memory>(*other.memory_) : nullptr) {}

RuleState& RuleState::operator=(const RuleState& other) {
  if (this != &other) *this = RuleState(other);
  return *this;
}

bool operator==(const RuleState& a, const RuleState& b) noexcept {
  if (a.due_ != b.due_ || a.held_ != b.held_ || a.active_ != b.active_) return false;
  if (a.level_ != b.level_ || a.unproven_ != b.unproven_) return false;
  if (a.memory_ && b.memory_) return *a.memory_ == *b.memory_;
  const auto& either = a.memory_ ? a.memory_ : b.memory_;
  return !either || *either == RuleState::Memory{};
}

RuleState::Memory& RuleState::memory() {
  if (!memory_) memory_ = std::make_unique<Memory>();
  return *memory_;
}

const Window* RuleState::window(std::size_t no) const noexcept {
  return memory_ && no < memory_->windows.size() ? &memory_->windows[no] : nullptr;
}

Instant RuleState::due_of(std::size_t step) const noexcept {
  if (step == 0) return due_;
  return memory_ ? memory_->due[step - 1] : kNever;
}

void RuleState::set_due(std::size_t step, Instant at) {
  if (step == 0) {
    due_ = at;
  } else if (memory_ || at != kNever) {
    memory().due[step - 1] = at;
  }
}

Instant RuleState::due() const noexcept {
  return memory_ ? std::min(due_, *std::min_element(memory_->due.begin(), memory_->due.end())) : due_;
}

std::size_t RuleState::bytes() const noexcept {
  std::size_t bytes = sizeof *this;
  if (!memory_) return bytes;
  bytes += sizeof *memory_ + memory_->windows.capacity() * sizeof(Window) +
           memory_->pattern.capacity() * sizeof(PatternState);
  for (const Window& window : memory_->windows) bytes += window.bytes();
  return bytes;
}

void RuleState::shift(Millis step) noexcept {
  shift_time(due_, step);
  if (!memory_) return;
  for (Instant& due : memory_->due) shift_time(due, step);
  for (Window& window : memory_->windows) window.shift(step);
  for (PatternState& pattern : memory_->pattern) {
    shift_time(pattern.fed_at, step);
    pattern.state.shift(step);
  }
}

void RuleState::forget_past() noexcept {
  held_ = 0;
  if (!memory_) return;
  memory_->windows.clear();
  memory_->pattern.clear();
}

// "a" active in the first step; else "s<bit per active step>l<level>" · "u" unproven · "h<bits>" held · "d<milliseconds
// since 1970>" end of the first step's delay · "e<step>:<milliseconds>" of another step's · "w" and the windows ·
// "p<fed at>,<shares>,<state>" the fire pattern, last.
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
  if (!memory_) return text;
  for (std::size_t i = 0; i < memory_->due.size(); ++i) {
    if (memory_->due[i] != kNever) fmt::format_to(out, "e{}:{}", i + 1, memory_->due[i].time_since_epoch().count());
  }
  if (!memory_->windows.empty()) text += 'w';
  for (const Window& window : memory_->windows) window.to_text(text);
  for (const PatternState& pattern : memory_->pattern) {
    fmt::format_to(out, "p{},{},{},{},{}", pattern.fed_at.time_since_epoch().count(), pattern.share_pct[0],
                   pattern.share_pct[1], pattern.share_pct[2], pattern.state.to_text());
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
      if (!window || state_.memory().windows.size() == kMaxConditions) return false;
      state_.memory().windows.push_back(std::move(*window));
    } while (!text_.empty() && text_.front() == '[');
    return true;
  }
  bool read_pattern() {
    if (!take('p')) return true;
    PatternState pattern;
    if (!instant(pattern.fed_at)) return false;
    for (std::uint8_t& share : pattern.share_pct) {
      if (!take(',') || !number(share)) return false;
    }
    if (!take(',')) return false;
    auto state = detection::State::from_text(text_);
    if (!state) return false;
    pattern.state = *state;
    state_.memory().pattern.push_back(pattern);
    text_ = {};
    return true;
  }

  std::string_view text_;
  RuleState state_;
};

std::optional<RuleState> RuleState::from_text(std::string_view text) noexcept { return RuleStateText(text).read(); }

}  // namespace firegate::rules
