#include "picture_worker/exif.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace firegate::picture {
namespace {

constexpr unsigned kOrientation = 0x0112, kShort = 3;

// Numbers of TIFF, in the order of bytes that it begins with.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), big_(bytes.starts_with("MM")) {}

  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const noexcept {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | static_cast<unsigned char>(bytes_[big_ ? at + i : at + size - 1 - i]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool big_;
};

int orientation_of(std::string_view bytes) noexcept {
  const Tiff tiff(bytes);
  const auto directory = tiff.number(4, 4);
  const auto entries = directory ? tiff.number(*directory, 2) : std::nullopt;
  for (std::size_t i = 0; entries && i < *entries; ++i) {
    const std::size_t entry = *directory + 2 + 12 * i;
    if (tiff.number(entry, 2) != kOrientation || tiff.number(entry + 2, 2) != kShort) continue;
    const auto value = tiff.number(entry + 8, 2);
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view jpeg) noexcept {
  constexpr std::string_view kExif("Exif\0\0", 6);
  const auto byte = [&jpeg](std::size_t at) { return static_cast<unsigned char>(jpeg[at]); };
  // Segments from the second marker on, each with its own length, up to where the scan begins.
  for (std::size_t at = 2; at + 4 <= jpeg.size() && byte(at) == 0xFF && byte(at + 1) != 0xDA;) {
    const std::size_t length = std::size_t{byte(at + 2)} << 8 | byte(at + 3);
    if (length < 2) return 1;
    const std::string_view segment = jpeg.substr(at + 4, length - 2);
    if (byte(at + 1) == 0xE1 && segment.starts_with(kExif)) return orientation_of(segment.substr(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

}  // namespace firegate::picture
