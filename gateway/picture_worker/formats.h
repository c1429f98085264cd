// Formats: each library behind two functions at most: bytes to a Raster, a Raster to bytes. A header says how large a
// picture is before anything of it is decoded. One call at a time.
#pragma once

#include <string>
#include <string_view>

#include "picture_worker/raster.h"

namespace firegate::picture {

Drawn<Raster> read_png(std::string_view bytes);
Drawn<std::string> write_png(const Raster& raster);

// As small as it may be without having a side shorter than `side`; turned upright.
Drawn<Raster> read_jpeg(std::string_view bytes, std::uint32_t side);
Drawn<std::string> write_jpeg(const Raster& raster);

// Before the cage closes: opens the one font that texts are drawn with, and starts what starts at its first use. No
// foreign byte is looked at.
void prepare_svg();
// Refuses scripts, entities, and whatever would be fetched from elsewhere.
Drawn<void> check_svg(std::string_view bytes);
// Its longer side has `side` points.
Drawn<Raster> draw_svg(std::string_view bytes, std::uint32_t side);

}  // namespace firegate::picture
