#include "core/clock.h"

#include <fmt/format.h>

#include <atomic>
#include <ctime>

namespace firegate {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;

class SystemClock final : public Clock {
 public:
  SystemClock() noexcept { re_anchor(); }

  Instant now() const noexcept override {
    return Instant{offset_.load(std::memory_order_relaxed) + since_boot()};
  }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  Millis drift() const noexcept override { return system_now() - now(); }
  void re_anchor() noexcept override {
    offset_.store(system_now().time_since_epoch() - since_boot(), std::memory_order_relaxed);
  }

 private:
  static Millis since_boot() noexcept {
    return duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
  }
  static Instant system_now() noexcept { return floor<Millis>(std::chrono::system_clock::now()); }

  std::atomic<Millis> offset_{};  // wall time at steady zero
};

// Reads exactly `count` digits at `text[at]`; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Reads the zone at `text[at]` up to the end: "Z", "z", "+hh:mm", "-hhmm".
std::optional<std::chrono::minutes> zone_offset(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return std::nullopt;
  if (text[at] == 'Z' || text[at] == 'z') {
    return at + 1 == text.size() ? std::optional(std::chrono::minutes{0}) : std::nullopt;
  }
  if (text[at] != '+' && text[at] != '-') return std::nullopt;
  const int hours = digits(text, at + 1, 2);
  const std::size_t colon = at + 3 < text.size() && text[at + 3] == ':' ? 1 : 0;
  const int minutes = digits(text, at + 3 + colon, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at + 5 + colon != text.size()) return std::nullopt;
  const std::chrono::minutes offset{hours * 60 + minutes};
  return text[at] == '-' ? -offset : offset;
}

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string to_text(Instant at) {
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<Instant> instant_from_text(std::string_view text) noexcept {
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (year < 0 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60)
    return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;

  std::size_t at = 19;
  int millis = 0;
  if (at < text.size() && text[at] == '.') {
    int weight = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      millis += (text[at] - '0') * weight;
      weight /= 10;
    }
  }
  const auto offset = zone_offset(text, at);
  if (!offset) return std::nullopt;
  return Instant{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                 std::chrono::seconds{second} + Millis{millis} - *offset};
}

}  // namespace firegate
