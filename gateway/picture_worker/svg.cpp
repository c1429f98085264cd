#include <fontconfig/fontconfig.h>
#include <librsvg/rsvg.h>

#include <algorithm>
#include <memory>

#include "picture_worker/formats.h"

namespace firegate::picture {
namespace {

// Texts in two languages, a filter (which has a thread), a gradient.
constexpr std::string_view kWarmUp = R"svg(<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">
<defs><filter id="f"><feGaussianBlur stdDeviation="2"/></filter>
<linearGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1"/></linearGradient></defs>
<rect width="40" height="40" fill="url(#g)" filter="url(#f)"/><text y="9">Aa1 楼层消防</text>
<text y="20" font-weight="bold" font-style="italic">Aa1 楼层消防</text></svg>)svg";

template <auto kFree>
struct Release {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Handle = std::unique_ptr<RsvgHandle, Release<&g_object_unref>>;
using Surface = std::unique_ptr<cairo_surface_t, Release<&cairo_surface_destroy>>;
using Pen = std::unique_ptr<cairo_t, Release<&cairo_destroy>>;
using Pattern = std::unique_ptr<FcPattern, Release<&FcPatternDestroy>>;

std::string words_of(GError* error) {
  std::string words = error ? error->message : "found no picture";
  if (error) ::g_error_free(error);
  return words;
}

// Every text is drawn with the machine's font for Chinese: other fonts could not be opened from inside the cage.
void use_one_font() {
  const Pattern wanted(::FcNameParse(reinterpret_cast<const FcChar8*>("sans-serif:lang=zh-cn")));
  if (!::FcInit() || !wanted) return;
  ::FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
  ::FcDefaultSubstitute(wanted.get());
  FcResult result{};
  const Pattern font(::FcFontMatch(nullptr, wanted.get(), &result));
  FcChar8* file = nullptr;
  if (!font || ::FcPatternGetString(font.get(), FC_FILE, 0, &file) != FcResultMatch) return;
  FcConfig* only = ::FcConfigCreate();
  if (only && ::FcConfigAppFontAddFile(only, file)) ::FcConfigSetCurrent(only);
}

struct Size {
  double width = 0, height = 0;
};

// How large the drawing says it is; its proportions are what counts.
Size size_of(RsvgHandle* svg) {
  Size size;
  if (::rsvg_handle_get_intrinsic_size_in_pixels(svg, &size.width, &size.height)) return size;
  gboolean has_width = FALSE, has_height = FALSE, has_box = FALSE;
  RsvgLength width{}, height{};
  RsvgRectangle box{};
  ::rsvg_handle_get_intrinsic_dimensions(svg, &has_width, &width, &has_height, &height, &has_box, &box);
  return has_box ? Size{box.width, box.height} : Size{1, 1};
}

Raster to_raster(cairo_surface_t* surface, std::uint32_t width, std::uint32_t height) {
  ::cairo_surface_flush(surface);
  const unsigned char* data = ::cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(::cairo_image_surface_get_stride(surface));
  Raster raster;
  raster.width = width;
  raster.height = height;
  raster.points.reserve(std::size_t{width} * height * 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(data + y * stride);
    for (std::uint32_t x = 0; x < width; ++x) {
      for (const int shift : {16, 8, 0}) raster.points.push_back(static_cast<std::uint8_t>(row[x] >> shift));
    }
  }
  return raster;
}

}  // namespace

void prepare_svg() {
  use_one_font();
  static_cast<void>(draw_svg(kWarmUp, 64));
}

Drawn<Raster> draw_svg(std::string_view bytes, std::uint32_t side) {
  GError* error = nullptr;
  const Handle svg(::rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(bytes.data()), bytes.size(), &error));
  if (!svg) return refuse(PictureRefusal::damaged, "reading SVG: " + words_of(error));
  const Size size = size_of(svg.get());
  const double longest = std::max(size.width, size.height);
  if (!(size.width > 0 && size.height > 0 && longest < 1e9)) {
    return refuse(PictureRefusal::damaged, "reading SVG: found no size");
  }
  const auto length = [&](double of) { return std::max(1U, static_cast<std::uint32_t>(of / longest * side)); };
  const std::uint32_t width = length(size.width), height = length(size.height);
  const Surface surface(
      ::cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  const Pen pen(::cairo_create(surface.get()));
  ::cairo_set_source_rgb(pen.get(), 1, 1, 1);
  ::cairo_paint(pen.get());
  const RsvgRectangle all{0, 0, static_cast<double>(width), static_cast<double>(height)};
  if (!::rsvg_handle_render_document(svg.get(), pen.get(), &all, &error)) {
    return refuse(PictureRefusal::damaged, "drawing SVG: " + words_of(error));
  }
  if (::cairo_status(pen.get()) != CAIRO_STATUS_SUCCESS) {
    return refuse(PictureRefusal::too_costly,
                  std::string("drawing SVG: ") + ::cairo_status_to_string(::cairo_status(pen.get())));
  }
  return to_raster(surface.get(), width, height);
}

}  // namespace firegate::picture
