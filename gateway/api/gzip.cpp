#include "api/gzip.h"

#include <zlib.h>

#include <limits>

namespace firegate::api {
namespace {

constexpr int kLevel = 1;             // our choice: higher ones take several times as long for a few per cent
constexpr int kWindowBits = 15 + 16;  // zlib.h: the largest window; 16 asks for gzip's header and trailer
constexpr int kMemory = 8;            // zlib's own default

}  // namespace

std::optional<std::string> gzip(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return std::nullopt;
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  // zlib reads through a pointer to non-const, and leaves what is there as it is.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return whole ? std::optional(std::move(packed)) : std::nullopt;
}

}  // namespace firegate::api
