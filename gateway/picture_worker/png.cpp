#include <png.h>

#include "picture_worker/formats.h"

namespace firegate::picture {
namespace {

// libpng's own handle, freed whatever happens.
struct Image {
  Image() { image.version = PNG_IMAGE_VERSION; }
  ~Image() { ::png_image_free(&image); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  PictureProblem damaged() const { return {PictureRefusal::damaged, std::string("decoding PNG: ") + image.message}; }

  png_image image{};
};

}  // namespace

Drawn<Raster> read_png(std::string_view bytes) {
  Image png;
  if (!::png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size())) {
    return tl::unexpected(png.damaged());
  }
  if (auto allowed = may_decode(png.image.width, png.image.height); !allowed) return tl::unexpected(allowed.error());
  png.image.format = PNG_FORMAT_RGB;
  Raster raster;
  raster.width = png.image.width;
  raster.height = png.image.height;
  raster.points.resize(PNG_IMAGE_SIZE(png.image));
  const png_color white{255, 255, 255};
  if (!::png_image_finish_read(&png.image, &white, raster.points.data(), 0, nullptr)) {
    return tl::unexpected(png.damaged());
  }
  return raster;
}

Drawn<std::string> write_png(const Raster& raster) {
  Image png;
  png.image.width = raster.width;
  png.image.height = raster.height;
  png.image.format = PNG_FORMAT_RGB;
  png.image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png.image);
  std::string bytes(size, '\0');
  if (!::png_image_write_to_memory(&png.image, bytes.data(), &size, 0, raster.points.data(), 0, nullptr)) {
    return tl::unexpected(png.damaged());
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace firegate::picture
