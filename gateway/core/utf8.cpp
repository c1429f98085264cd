#include "core/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) noexcept { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t from, std::size_t to) noexcept {
  for (std::size_t i = from; i < to; ++i) {
    if ((byte_at(text, i) & 0xC0u) != 0x80u) return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length || !continues(text, 1, length)) return 0;
  const unsigned second = byte_at(text, 1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90)) return 0;  // overlong
  if ((first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F)) return 0;  // surrogates, beyond U+10FFFF
  return length;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string readable(std::string_view bytes, std::size_t limit) {
  std::string text;
  std::string_view rest = bytes.substr(0, std::min(limit, bytes.size()));
  text.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t length = utf8_length(rest);
    const unsigned first = byte_at(rest, 0);
    if (length == 0 || first < 0x20 || first == 0x7F) {
      text += fmt::format("\\x{:02x}", first);
      rest.remove_prefix(1);
    } else {
      text.append(rest.substr(0, length));
      rest.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace firegate
