// The stored form of a State: its fields in one order, a space between them, numbers in their shortest exact form.
#include <charconv>
#include <cmath>

#include "rules/detection/fire_pattern.h"

namespace firegate::rules::detection {

// The one list of the fields. Each is given to `f`, which returns false to stop.
class StateFields {
 public:
  template <typename S, typename F>
  static bool each(S& s, F f) {
    for (auto& ms : s.since_ms_) {
      if (!f(ms)) return false;
    }
    if (!f(s.points_)) return false;
    for (std::size_t i = 0; i < s.points_ && i < State::kPoints; ++i) {
      if (!f(s.older_ms_[i]) || !f(s.centi_[i])) return false;
    }
    for (auto& half_pct : s.humidity_) {
      if (!f(half_pct)) return false;
    }
    return f(s.held_ms_) && f(s.heat_base_) && f(s.raised_rise_) && f(s.smoke_base_) && f(s.smoke_old_) &&
           f(s.smoke_) && f(s.dense_peak_) && f(s.smoke_before_[0]) && f(s.smoke_before_[1]) && f(s.co_base_) &&
           f(s.co_mean_) && f(s.extremes_);
  }
  static constexpr std::uint32_t kUnset = State::kUnset;
  static constexpr std::size_t kPoints = State::kPoints;
};

namespace {

class Writer {
 public:
  explicit Writer(std::string& text) noexcept : text_(text) {}

  template <typename T>
  bool operator()(const T& number) const {
    if (!text_.empty()) text_ += ' ';
    if constexpr (std::is_same_v<T, std::uint32_t>) {
      if (number == StateFields::kUnset) {
        text_ += '-';
        return true;
      }
    }
    std::array<char, 32> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    text_.append(digits.data(), written.ptr);
    return true;
  }

 private:
  std::string& text_;
};

class Reader {
 public:
  explicit Reader(std::string_view& text) noexcept : text_(text) {}

  template <typename T>
  bool operator()(T& number) const noexcept {
    if constexpr (std::is_same_v<T, std::uint32_t>) {
      if (text_.substr(0, text_.find(' ')) == "-") {
        number = StateFields::kUnset;
        return next(1);
      }
    }
    const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    if (read.ec != std::errc{}) return false;
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(number)) return false;
    }
    return next(static_cast<std::size_t>(read.ptr - text_.data()));
  }

 private:
  // Past the field of this length and the space after it.
  bool next(std::size_t length) const noexcept {
    text_.remove_prefix(length);
    if (text_.empty()) return true;
    if (text_.front() != ' ') return false;
    text_.remove_prefix(1);
    return !text_.empty();
  }

  std::string_view& text_;
};

// A value of an enumeration whose last one is `last`.
template <typename E>
bool read_choice(const Reader& read, E& choice, E last) noexcept {
  std::uint8_t number = 0;
  if (!read(number) || number > static_cast<std::uint8_t>(last)) return false;
  choice = static_cast<E>(number);
  return true;
}

}  // namespace

void State::shift(Millis step) noexcept {
  if (at_ != Instant::min()) at_ += step;
}

std::string State::to_text() const {
  std::string text;
  if (at_ == Instant::min()) return text;
  const Writer write(text);
  write(at_.time_since_epoch().count());
  write(static_cast<std::uint8_t>(level_));
  write(static_cast<std::uint8_t>(because_));
  StateFields::each(*this, write);
  return text;
}

std::optional<State> State::from_text(std::string_view text) noexcept {
  State state;
  if (text.empty()) return state;
  const Reader read(text);
  Millis::rep at = 0;
  const bool whole = read(at) && read_choice(read, state.level_, Level::alarm) &&
                     read_choice(read, state.because_, Because::static_heat) && StateFields::each(state, read) &&
                     state.points_ <= kPoints && text.empty();
  if (!whole) return std::nullopt;
  state.at_ = Instant{Millis{at}};
  return state;
}

}  // namespace firegate::rules::detection
