// Exif: how the camera was held, read from a JPEG file (CIPA DC-008, 4.5.4 and 4.6.4 A). Everything else in there, such
// as where the photo was taken, is left behind. Pure.
#pragma once

#include <string_view>

namespace firegate::picture {

// 1 to 8; 1 where the file does not say, or says it wrongly.
int exif_orientation(std::string_view jpeg) noexcept;

}  // namespace firegate::picture
