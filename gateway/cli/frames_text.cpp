#include "cli/frames_text.h"

#include <iconv.h>

#include <array>
#include <cerrno>

namespace firegate::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

class Converter {
 public:
  Converter() : handle_(iconv_open("UTF-8", "GB18030")) {}
  ~Converter() {
    if (usable()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool usable() const noexcept { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

  // Appends what can be converted from the front and takes it off. True when nothing is left.
  bool convert(std::string& bytes, std::string& text) {
    std::array<char, 256> room{};
    char* in = bytes.data();
    std::size_t left = bytes.size();
    bool full = true;
    while (full && left > 0) {
      char* out = room.data();
      std::size_t space = room.size();
      const bool failed = iconv(handle_, &in, &left, &out, &space) == static_cast<std::size_t>(-1);
      full = failed && errno == E2BIG;
      text.append(room.data(), room.size() - space);
    }
    bytes.erase(0, bytes.size() - left);
    return bytes.empty();
  }

 private:
  iconv_t handle_;
};

std::string ascii_of(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (static_cast<unsigned char>(byte) < 0x80) {
      text += byte;
    } else {
      text += kReplacement;
    }
  }
  return text;
}

}  // namespace

std::string text_from_gb18030(std::string_view bytes) {
  const auto end = bytes.find_last_not_of(std::string_view("\0 ", 2));
  std::string rest(bytes.substr(0, end == std::string_view::npos ? 0 : end + 1));
  Converter converter;
  if (!converter.usable()) return ascii_of(rest);
  std::string text;
  while (!converter.convert(rest, text)) {
    text += kReplacement;
    rest.erase(0, 1);
  }
  return text;
}

}  // namespace firegate::cli
