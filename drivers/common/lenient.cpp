#include "drivers/common/lenient.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace firegate {
namespace {

constexpr std::size_t kLongestUnit = 16;  // bytes; "kWh", "℃", "(low battery)" (our choice)

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_unit(std::string_view text) noexcept {
  return text.size() <= kLongestUnit && std::none_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || c == ':' || c == ',' || c == '.' || c == '-' || c == '+';
         });
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool same_word(std::string_view one, std::string_view other) noexcept {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<double> number_from_text(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign || !(is_digit(text[sign]) || text[sign] == '.')) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || !std::isfinite(number)) return std::nullopt;
  if (!is_unit(trimmed(text.substr(static_cast<std::size_t>(read.ptr - text.data()))))) return std::nullopt;
  return number;
}

std::optional<bool> truth_from_text(std::string_view text) noexcept {
  text = trimmed(text);
  if (same_word(text, "true") || same_word(text, "on") || same_word(text, "yes")) return true;
  if (same_word(text, "false") || same_word(text, "off") || same_word(text, "no")) return false;
  return std::nullopt;
}

std::optional<Port> port_from_text(std::string_view text) noexcept {
  if (text.empty() || text.size() > 4 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  Port port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

std::optional<Port> trailing_port(std::string_view text) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[text.size() - 1 - digits])) ++digits;
  return port_from_text(text.substr(text.size() - digits));
}

std::optional<double> number_of(const json::Element& element) noexcept {
  double number = 0;
  if (!element.get_double().get(number)) return number;
  const auto text = json::as_text(element);
  return text ? number_from_text(*text) : std::nullopt;
}

std::optional<bool> truth_of(const json::Element& element) noexcept {
  bool truth = false;
  if (!element.get_bool().get(truth)) return truth;
  const auto text = json::as_text(element);
  return text ? truth_from_text(*text) : std::nullopt;
}

std::optional<Instant> instant_from_seconds(double seconds) noexcept {
  constexpr double kSetClock = 1e9;  // 2001: a clock that was never set counts from its start
  constexpr double kMillis = 1e11;   // from here on it must be milliseconds (year 5138 otherwise)
  constexpr double kLatest = 1e14;
  if (!(seconds >= kSetClock) || seconds > kLatest) return std::nullopt;
  const double millis = seconds >= kMillis ? seconds : seconds * 1000;
  return Instant{Millis{std::llround(millis)}};
}

}  // namespace firegate
