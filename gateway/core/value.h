// Value of a point: unknown, true or false, a number, a choice of the point's closed list, or text.
// Unknown is a third answer: missing, null and empty are never "all clear".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/point.h"

namespace firegate {

struct Unknown {
  friend bool operator==(Unknown, Unknown) = default;
};
struct Choice {
  std::uint8_t ordinal;  // position in info(point).choices
  friend bool operator==(Choice, Choice) = default;
};
// Lies elsewhere: few points are text, and a district keeps a million values.
class Text {
 public:
  Text(std::string text) : text_(std::make_unique<const std::string>(std::move(text))) {}
  Text(const Text& other) : Text(std::string(other.view())) {}
  Text& operator=(const Text& other) { return *this = Text(other); }
  Text(Text&&) noexcept = default;
  Text& operator=(Text&&) noexcept = default;
  ~Text() = default;

  // Valid as long as the text. Empty after a move.
  std::string_view view() const noexcept { return text_ ? std::string_view(*text_) : std::string_view(); }
  friend bool operator==(const Text& a, const Text& b) noexcept { return a.view() == b.view(); }

 private:
  std::unique_ptr<const std::string> text_;
};
using Value = std::variant<Unknown, bool, double, Choice, Text>;
static_assert(sizeof(Value) == 16);

inline bool is_unknown(const Value& value) noexcept { return std::holds_alternative<Unknown>(value); }
inline const bool* as_bool(const Value& value) noexcept { return std::get_if<bool>(&value); }
inline const double* as_number(const Value& value) noexcept { return std::get_if<double>(&value); }

// The choice of `point` named `word`; Unknown when the list does not have it.
Value choice_value(Point point, std::string_view word) noexcept;

// True when the value is of the type that the point has (Unknown fits every point).
bool fits(Point point, const Value& value) noexcept;

// As a person reads it, without the unit: "true", "86.1", "over_temperature", "unknown".
std::string to_text(Point point, const Value& value);

// The form in which values are stored: "?", "t", "f", "n86.1", "c7", "sE2". Reading it back is exact.
std::string to_stored(const Value& value);
Value value_from_stored(std::string_view text) noexcept;

// Whether `now` differs from `before` enough to be stored: any change, for numbers beyond the point's deadband.
bool changed(Point point, const Value& before, const Value& now) noexcept;

}  // namespace firegate
