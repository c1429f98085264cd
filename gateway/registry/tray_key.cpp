#include "registry/tray_key.h"

#include <cstdint>

namespace firegate::registry {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kLongestKey = 1400;  // of a source, a format and an address of 1,000 bytes; our choice

std::string to_base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    waiting = (waiting << 8) | static_cast<unsigned char>(c);
    bits += 8;
    for (; bits >= 6; bits -= 6) text += kLetters[(waiting >> (bits - 6)) & 63u];
  }
  if (bits > 0) text += kLetters[(waiting << (6 - bits)) & 63u];
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = kLetters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    waiting = (waiting << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((waiting >> bits) & 0xFFu);
  }
  return bytes;
}

}  // namespace

std::string tray_key(std::string_view source, std::string_view format, std::string_view address) {
  std::string bytes(source);
  bytes += '\0';
  bytes += format;
  bytes += '\0';
  bytes += address;
  return to_base64url(bytes);
}

std::optional<DeviceAddress> address_of_key(std::string_view key) {
  if (key.size() > kLongestKey) return std::nullopt;
  const auto bytes = from_base64url(key);
  if (!bytes) return std::nullopt;
  const std::size_t first = bytes->find('\0');
  const std::size_t second = first == std::string::npos ? first : bytes->find('\0', first + 1);
  const bool whole = second != std::string::npos && first > 0 && second > first + 1 && second + 1 < bytes->size();
  if (!whole) return std::nullopt;
  DeviceAddress address{bytes->substr(0, first), bytes->substr(first + 1, second - first - 1),
                        bytes->substr(second + 1)};
  return tray_key(address.source, address.format, address.address) == key ? std::optional(address) : std::nullopt;
}

}  // namespace firegate::registry
