#include "drivers/gb26875/hex.h"

namespace firegate::gb26875 {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_of(char c) noexcept {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const auto found = kDigits.find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const int high = digit_of(text[at]);
    const int low = at + 1 < text.size() ? digit_of(text[at + 1]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return bytes.empty() ? std::nullopt : std::optional(std::move(bytes));
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 0xF];
  }
  return text;
}

}  // namespace firegate::gb26875
