// Raster: a picture as points of three bytes (red, green, blue), row by row without gaps: what every format is decoded
// to and encoded from. Transparent points have been laid on white: plans are drawn on paper.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/picture.h"

namespace firegate::picture {

struct Raster {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> points;
};

template <typename T>
using Drawn = tl::expected<T, PictureProblem>;

inline tl::unexpected<PictureProblem> refuse(PictureRefusal why, std::string message) {
  return tl::unexpected<PictureProblem>(PictureProblem{why, std::move(message)});
}

// Whether a picture of that size may be decoded at all.
Drawn<void> may_decode(std::uint64_t width, std::uint64_t height);
// No side longer than `side`: each point the mean of those that it stands for.
Raster shrunk(Raster raster, std::uint32_t side);
// As a camera says that it was held: the value of EXIF's tag Orientation (CIPA DC-008, 4.6.4 A), 1 to 8.
Raster upright(Raster raster, int orientation);

}  // namespace firegate::picture
