#include "picture_worker/raster.h"

#include <algorithm>
#include <array>

namespace firegate::picture {
namespace {

constexpr std::size_t kChannels = 3;

// The mean of columns [x0, x1) of rows [y0, y1), into `to`.
void mean(const Raster& raster, std::uint32_t x0, std::uint32_t x1, std::uint32_t y0, std::uint32_t y1,
          std::uint8_t* to) {
  std::array<std::uint64_t, kChannels> sum{};
  for (std::uint32_t y = y0; y < y1; ++y) {
    const std::uint8_t* point = &raster.points[(std::size_t{y} * raster.width + x0) * kChannels];
    for (std::uint32_t x = x0; x < x1; ++x) {
      for (std::size_t c = 0; c < kChannels; ++c) sum[c] += *point++;
    }
  }
  const std::uint64_t count = std::uint64_t{x1 - x0} * (y1 - y0);
  for (std::size_t c = 0; c < kChannels; ++c) to[c] = static_cast<std::uint8_t>((sum[c] + count / 2) / count);
}

std::uint32_t scaled(std::uint64_t length, std::uint64_t to, std::uint64_t from) {
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, length * to / from));
}

}  // namespace

Drawn<void> may_decode(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return refuse(PictureRefusal::damaged, "found a picture without points");
  if (width > kMaxPicturePixels / height) {
    return refuse(PictureRefusal::too_many_pixels, "found " + std::to_string(width) + " x " + std::to_string(height) +
                                                       " points, expected at most " +
                                                       std::to_string(kMaxPicturePixels / 1'000'000) + " million");
  }
  return {};
}

Raster shrunk(Raster raster, std::uint32_t side) {
  const std::uint32_t longest = std::max(raster.width, raster.height);
  if (longest <= side) return raster;
  Raster small;
  small.width = scaled(raster.width, side, longest);
  small.height = scaled(raster.height, side, longest);
  small.points.resize(std::size_t{small.width} * small.height * kChannels);
  const auto edge = [](std::uint64_t at, std::uint64_t from, std::uint64_t to) {
    return static_cast<std::uint32_t>(at * from / to);
  };
  for (std::uint32_t y = 0; y < small.height; ++y) {
    const std::uint32_t y0 = edge(y, raster.height, small.height), y1 = edge(y + 1, raster.height, small.height);
    for (std::uint32_t x = 0; x < small.width; ++x) {
      const std::uint32_t x0 = edge(x, raster.width, small.width), x1 = edge(x + 1, raster.width, small.width);
      mean(raster, x0, x1, y0, y1, &small.points[(std::size_t{y} * small.width + x) * kChannels]);
    }
  }
  return small;
}

Raster upright(Raster raster, int orientation) {
  if (orientation < 2 || orientation > 8) return raster;
  const bool turned = orientation >= 5;  // rows have become columns
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Raster up;
  up.width = turned ? raster.height : raster.width;
  up.height = turned ? raster.width : raster.height;
  up.points.resize(raster.points.size());
  for (std::uint32_t y = 0; y < up.height; ++y) {
    for (std::uint32_t x = 0; x < up.width; ++x) {
      const std::uint32_t along = turned ? y : x, across = turned ? x : y;
      const std::uint32_t from_x = from_right ? raster.width - 1 - along : along;
      const std::uint32_t from_y = from_below ? raster.height - 1 - across : across;
      std::copy_n(&raster.points[(std::size_t{from_y} * raster.width + from_x) * kChannels], kChannels,
                  &up.points[(std::size_t{y} * up.width + x) * kChannels]);
    }
  }
  return up;
}

}  // namespace firegate::picture
