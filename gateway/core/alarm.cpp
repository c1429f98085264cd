#include "core/alarm.h"

#include <fmt/format.h>

#include <charconv>

#include "core/hash.h"

namespace firegate {

AlarmId alarm_id(std::string_view rule, std::string_view subject, Instant first_raise) noexcept {
  return AlarmId{StableHash{}.add(rule).add(subject).add(first_raise.time_since_epoch().count()).value()};
}

std::string to_text(AlarmId id) { return fmt::format("{:016x}", static_cast<std::uint64_t>(id)); }

std::optional<AlarmId> alarm_id_from_text(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, 16);
  if (text.size() != 16 || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return AlarmId{value};
}

std::string Subject::text() const { return port == kNoPort ? device : fmt::format("{}/{}", device, port); }

}  // namespace firegate
