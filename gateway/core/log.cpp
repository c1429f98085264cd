#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "core/clock.h"

namespace firegate::log {
namespace {

// Standard error, so that what a command prints on standard output stays clean.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("firegate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spdlog_level(Level level) noexcept {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::critical: return spdlog::level::critical;
  }
  return spdlog::level::critical;
}

}  // namespace

void set_lowest(Level level) noexcept { logger().set_level(spdlog_level(level)); }

std::string escaped(std::string_view value) {
  bool quote = value.empty();
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ' || c == '=') quote = true;
    if (c == '"' || c == '\\') {
      quote = true;
      text += '\\';
      text += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quote = true;
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return quote ? '"' + text + '"' : text;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) noexcept {
  if (!logger().should_log(spdlog_level(level))) return;
  std::string line = fmt::format("{} level={} event={}", to_text(system_clock().now()), label(level), event);
  for (const Field& field : fields) line += fmt::format(" {}={}", field.key, escaped(field.value));
  logger().log(spdlog_level(level), line);
}

}  // namespace firegate::log
