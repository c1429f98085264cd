// Picture files for tests, written by hand: PNG without compression (ISO/IEC 15948), so that each byte can be wrong on
// purpose.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace firegate::picture_test {

inline std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1u ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  return ~crc;
}

inline std::string chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc32(body));
}

inline std::string png_with(std::uint32_t width, std::uint32_t height, std::string_view compressed) {
  const std::string header = big_endian(width) + big_endian(height) + std::string("\x08\x02\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", compressed) + chunk("IEND", "");
}

// Rows as zlib keeps them without compression (RFC 1950, 1951).
inline std::string stored(std::string_view rows) {
  std::uint32_t a = 1, b = 0;
  for (const char c : rows) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  std::string bytes("\x78\x01", 2);
  do {
    const std::string_view block = rows.substr(0, 0xFFFF);
    rows.remove_prefix(block.size());
    const auto size = static_cast<std::uint16_t>(block.size());
    for (const int byte : {rows.empty() ? 1 : 0, size & 0xFF, size >> 8, ~size & 0xFF, (~size >> 8) & 0xFF}) {
      bytes += static_cast<char>(byte);
    }
    bytes += block;
  } while (!rows.empty());
  return bytes + big_endian(b << 16 | a);
}

// Of one colour, but for its left upper quarter, which is black.
inline std::string png(std::uint32_t width, std::uint32_t height,
                       std::array<unsigned char, 3> colour = {200, 100, 50}) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';
    for (std::uint32_t x = 0; x < width; ++x) {
      const bool black = x < width / 2 && y < height / 2;
      for (const unsigned char c : colour) rows += static_cast<char>(black ? 0 : c);
    }
  }
  return png_with(width, height, stored(rows));
}

// A JPEG as a camera writes it: held on its side, with where it was taken.
inline std::string with_exif(std::string jpeg, char orientation) {
  std::string tiff("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  tiff += orientation;
  tiff += std::string("\0\0\0\0\0\0", 6) + "GPS 31.2304N 121.4737E";
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  const auto length = static_cast<std::uint16_t>(body.size() + 2);
  return jpeg.insert(
      2, std::string("\xFF\xE1") + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) + body);
}

}  // namespace firegate::picture_test
