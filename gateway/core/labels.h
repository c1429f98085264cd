// Labels of closed enums: the snake_case words that stand in JSON, YAML, metrics and the API.
// An enum gets labels by specialising `Labels`; its values must count up from zero in the order of the list.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace firegate {

template <typename Enum>
struct Labels;  // specialisation: static constexpr std::array<std::string_view, N> list

template <typename Enum>
constexpr std::string_view label(Enum value) noexcept {
  return Labels<Enum>::list[static_cast<std::size_t>(value)];
}

template <typename Enum>
constexpr std::size_t label_count() noexcept {
  return Labels<Enum>::list.size();
}

// The value whose label is exactly `text`; none when no label matches.
template <typename Enum>
constexpr std::optional<Enum> from_label(std::string_view text) noexcept {
  for (std::size_t i = 0; i < Labels<Enum>::list.size(); ++i) {
    if (Labels<Enum>::list[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace firegate
