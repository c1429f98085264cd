// firegate-picture-worker: draws one uploaded picture anew for the gateway, in a cage, and ends. Started by the gateway
// alone, with a socket as standard input and nothing else. Request and answer: picture/frame.h.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>

#include "cage/cage.h"
#include "picture/frame.h"
#include "picture_worker/formats.h"

namespace firegate::picture {
namespace {

constexpr int kChannel = STDIN_FILENO;
// 40 million points of three bytes, what the libraries keep of them beside, and the one drawn from them.
constexpr cage::Limits kLimits{640u << 20, 30};
constexpr std::uint32_t kPhotoSide = 2048;  // our choice: a label is read off it, and a thousand are 400 MB

bool read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(kChannel, to, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_whole(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(kChannel, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

struct Result {
  AnswerHeader header;
  std::string body;
};

Result refusal(const PictureProblem& problem) {
  Result result;
  result.header.refused = true;
  result.header.what = static_cast<std::uint8_t>(problem.why);
  result.body = problem.message;
  result.header.size = static_cast<std::uint32_t>(result.body.size());
  return result;
}

// What a file says of itself in its first bytes must be what its sender says.
bool is_type(std::string_view bytes, PictureType type) {
  switch (type) {
    case PictureType::png: return bytes.starts_with("\x89PNG\r\n\x1a\n");
    case PictureType::jpeg: return bytes.starts_with("\xFF\xD8\xFF");
    case PictureType::svg: break;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '<';
}

Drawn<Raster> decode(std::string_view bytes, PictureType type, std::uint32_t side) {
  switch (type) {
    case PictureType::png: return read_png(bytes);
    case PictureType::jpeg: return read_jpeg(bytes, side);
    case PictureType::svg: break;
  }
  return check_svg(bytes).and_then([&] { return draw_svg(bytes, side); });
}

// A photo becomes JPEG; a plan stays without loss where it came without.
Result draw(const RequestHeader& request, std::string_view bytes) {
  const std::uint32_t side = request.use == PictureUse::photo ? kPhotoSide : kMaxPictureSide;
  auto raster = decode(bytes, request.type, side);
  if (!raster) return refusal(raster.error());
  *raster = shrunk(std::move(*raster), side);
  const bool jpeg = request.use == PictureUse::photo || request.type == PictureType::jpeg;
  auto encoded = jpeg ? write_jpeg(*raster) : write_png(*raster);
  if (!encoded) return refusal(encoded.error());
  if (encoded->size() > kMaxAnswer)
    return refusal({PictureRefusal::too_costly, "found a picture that stays too large"});
  Result result;
  result.header.what = static_cast<std::uint8_t>(jpeg ? PictureType::jpeg : PictureType::png);
  result.header.width = raster->width;
  result.header.height = raster->height;
  result.header.size = static_cast<std::uint32_t>(encoded->size());
  result.body = std::move(*encoded);
  return result;
}

Result answer_to(const RequestHeader& request, std::string_view bytes) {
  if (!is_type(bytes, request.type)) {
    return refusal(
        {PictureRefusal::unknown_type, "found no " + std::string(label(request.type)) + " in what was sent as such"});
  }
  try {
    return draw(request, bytes);
  } catch (const std::bad_alloc&) {
    return refusal({PictureRefusal::too_costly, "found a picture that takes more memory than one may"});
  }
}

int run() {
  if (!cage::give_up_rights(kChannel, kLimits)) return 71;  // EX_OSERR
  ::setenv("RAYON_NUM_THREADS", "1", 1);                    // librsvg's filters
  ::setenv("PANGO_LANGUAGE", "zh-cn", 1);
  std::array<char, kRequestHeader> header{};
  if (!read_exactly(header.data(), header.size())) return 65;  // EX_DATAERR
  const auto request = request_header({header.data(), header.size()});
  if (!request) return 65;
  std::string bytes(request->size, '\0');
  if (!read_exactly(bytes.data(), bytes.size())) return 65;
  if (request->type == PictureType::svg) prepare_svg();
  if (!cage::allow_only_computing(cage::Tenant::library)) return 71;
  const Result result = answer_to(*request, bytes);
  const auto head = to_bytes(result.header);
  return write_whole({head.data(), head.size()}) && write_whole(result.body) ? 0 : 74;  // EX_IOERR
}

}  // namespace
}  // namespace firegate::picture

// Straight out: the libraries' ends would need calls that the cage refuses.
int main() { ::_exit(firegate::picture::run()); }
