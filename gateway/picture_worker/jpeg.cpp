#include <turbojpeg.h>

#include <algorithm>
#include <memory>

#include "picture_worker/exif.h"
#include "picture_worker/formats.h"

namespace firegate::picture {
namespace {

constexpr int kQuality = 85;  // our choice: no loss that an eye sees, a tenth of PNG's size for a photo

struct Close {
  void operator()(void* handle) const noexcept { ::tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Close>;

PictureProblem damaged(const Handle& handle) {
  return {PictureRefusal::damaged, std::string("decoding JPEG: ") + ::tjGetErrorStr2(handle.get())};
}

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// The library decodes in eighths: the fewest that leave no side shorter than it may be.
tjscalingfactor scale_for(std::uint32_t longest, std::uint32_t side) {
  for (const int eighths : {1, 2, 4}) {
    const tjscalingfactor factor{eighths, 8};
    if (TJSCALED(longest, factor) >= side) return {1, 8 / eighths};
  }
  return {1, 1};
}

}  // namespace

Drawn<Raster> read_jpeg(std::string_view bytes, std::uint32_t side) {
  const Handle jpeg(::tjInitDecompress());
  int width = 0, height = 0, sampling = 0, colours = 0;
  if (!jpeg || ::tjDecompressHeader3(jpeg.get(), raw(bytes), bytes.size(), &width, &height, &sampling, &colours) != 0) {
    return tl::unexpected(damaged(jpeg));
  }
  const auto wide = static_cast<std::uint32_t>(width), high = static_cast<std::uint32_t>(height);
  if (auto allowed = may_decode(wide, high); !allowed) return tl::unexpected(allowed.error());
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    return refuse(PictureRefusal::damaged, "decoding JPEG: found colours for print, expected RGB or grey");
  }
  const tjscalingfactor factor = scale_for(std::max(wide, high), side);
  Raster raster;
  raster.width = static_cast<std::uint32_t>(TJSCALED(width, factor));
  raster.height = static_cast<std::uint32_t>(TJSCALED(height, factor));
  raster.points.resize(std::size_t{raster.width} * raster.height * 3);
  // Warnings are failures: what is cut short is not evidence. A file with thousands of scans is no photo.
  const int decoded =
      ::tjDecompress2(jpeg.get(), raw(bytes), bytes.size(), raster.points.data(), static_cast<int>(raster.width), 0,
                      static_cast<int>(raster.height), TJPF_RGB, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS);
  if (decoded != 0) return tl::unexpected(damaged(jpeg));
  return upright(std::move(raster), exif_orientation(bytes));
}

Drawn<std::string> write_jpeg(const Raster& raster) {
  const Handle jpeg(::tjInitCompress());
  const int width = static_cast<int>(raster.width), height = static_cast<int>(raster.height);
  unsigned long size = ::tjBufSize(width, height, TJSAMP_420);
  std::string bytes(size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(bytes.data());
  if (!jpeg || ::tjCompress2(jpeg.get(), raster.points.data(), width, 0, height, TJPF_RGB, &to, &size, TJSAMP_420,
                             kQuality, TJFLAG_NOREALLOC) != 0) {
    return tl::unexpected(damaged(jpeg));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace firegate::picture
