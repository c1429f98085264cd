#include "core/value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace firegate {

Value choice_value(Point point, std::string_view word) noexcept {
  const auto choices = info(point).choices;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == word) return Choice{static_cast<std::uint8_t>(i)};
  }
  return Unknown{};
}

bool fits(Point point, const Value& value) noexcept {
  switch (value.index()) {
    case 0: return true;
    case 1: return info(point).type == ValueType::boolean;
    case 2: return info(point).type == ValueType::number;
    case 3: return info(point).type == ValueType::choice && std::get<Choice>(value).ordinal < info(point).choices.size();
    default: return info(point).type == ValueType::text;
  }
}

std::string to_text(Point point, const Value& value) {
  switch (value.index()) {
    case 0: return "unknown";
    case 1: return std::get<bool>(value) ? "true" : "false";
    case 2: return fmt::format("{}", std::get<double>(value));
    case 3: {
      const auto choices = info(point).choices;
      const auto ordinal = std::get<Choice>(value).ordinal;
      return ordinal < choices.size() ? std::string(choices[ordinal]) : "unknown";
    }
    default: return std::string(std::get<Text>(value).view());
  }
}

std::string to_stored(const Value& value) {
  switch (value.index()) {
    case 0: return "?";
    case 1: return std::get<bool>(value) ? "t" : "f";
    case 2: return fmt::format("n{}", std::get<double>(value));
    case 3: return fmt::format("c{}", std::get<Choice>(value).ordinal);
    default: return fmt::format("s{}", std::get<Text>(value).view());
  }
}

Value value_from_stored(std::string_view text) noexcept {
  if (text.empty()) return Unknown{};
  const auto rest = text.substr(1);
  switch (text[0]) {
    case 't': return true;
    case 'f': return false;
    case 'n': {
      double number = 0;
      const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
      return read.ec == std::errc{} ? Value{number} : Value{Unknown{}};
    }
    case 'c': {
      std::uint8_t ordinal = 0;
      const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), ordinal);
      return read.ec == std::errc{} ? Value{Choice{ordinal}} : Value{Unknown{}};
    }
    case 's': return std::string(rest);
    default: return Unknown{};
  }
}

bool changed(Point point, const Value& before, const Value& now) noexcept {
  const double* was = as_number(before);
  const double* is = as_number(now);
  if (was && is) return std::abs(*is - *was) >= info(point).deadband;
  return before != now;
}

}  // namespace firegate
