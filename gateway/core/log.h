// The log: one line an event, key=value, UTC with milliseconds. `event` is a snake_case word that stays the same for ever;
// values are escaped, so that one event is one line whatever a device is called. Any thread.
// critical: people may not be warned; error: a duty was not done; warning: degraded or refused; info: life-cycle and acts
// of people; debug: the rest. Payloads only in debug.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/labels.h"

namespace firegate::log {

enum class Level : std::uint8_t { debug, info, warning, error, critical };

struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  template <typename Number>
    requires std::is_arithmetic_v<Number>
  Field(std::string_view k, Number v) : key(k), value(fmt::format("{}", v)) {}
};

void write(Level level, std::string_view event, std::initializer_list<Field> fields = {}) noexcept;
void set_lowest(Level level) noexcept;  // default: info

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) noexcept { write(Level::debug, event, fields); }
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) noexcept { write(Level::info, event, fields); }
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) noexcept { write(Level::warning, event, fields); }
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) noexcept { write(Level::error, event, fields); }
inline void critical(std::string_view event, std::initializer_list<Field> fields = {}) noexcept { write(Level::critical, event, fields); }

// The value as it stands in a line: quoted when it has spaces or quotes, control characters escaped.
std::string escaped(std::string_view value);

}  // namespace firegate::log

template <>
struct firegate::Labels<firegate::log::Level> {
  static constexpr std::array<std::string_view, 5> list{"debug", "info", "warning", "error", "critical"};
};
