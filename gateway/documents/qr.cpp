#include "documents/qr.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace firegate::documents {
namespace {

constexpr int kQuietZone = 4;  // ISO/IEC 18004, section 6.3.8

struct FreeCode {
  void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

bool is_dark(const QRcode& code, int x, int y) noexcept { return (code.data[y * code.width + x] & 1) != 0; }

// One path of horizontal runs: far smaller than a rectangle a module.
std::string path_of(const QRcode& code) {
  std::string path;
  for (int y = 0; y < code.width; ++y) {
    for (int x = 0; x < code.width;) {
      int run = 0;
      while (x + run < code.width && is_dark(code, x + run, y)) ++run;
      if (run > 0) path += fmt::format("M{} {}h{}v1h-{}z", x + kQuietZone, y + kQuietZone, run, run);
      x += run > 0 ? run : 1;
    }
  }
  return path;
}

}  // namespace

Result<std::string> qr_svg(std::string_view text) {
  if (text.empty() || text.size() > kMaxQrBytes || text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::bad_input, fmt::format("making a QR code: found {} bytes, expected 1 to {} without NUL",
                                                  text.size(), kMaxQrBytes));
  }
  const std::string terminated(text);
  const std::unique_ptr<QRcode, FreeCode> code(QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M));
  if (!code) return fail(ErrorCode::io_failed, fmt::format("making a QR code: {}", std::strerror(errno)));
  const int side = code->width + 2 * kQuietZone;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" width=\"{1}\" height=\"{1}\" "
      "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{0}v{0}h-{0}z\"/><path d=\"{2}\"/></svg>",
      side, side * 8, path_of(*code));
}

}  // namespace firegate::documents
