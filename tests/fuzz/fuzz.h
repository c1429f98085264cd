// What the fuzz targets share. A target is one parser behind LLVMFuzzerTestOneInput: replay.cpp drives it, or
// libFuzzer. Whatever the bytes are, a parser neither crashes nor hangs nor breaks one of
// its promises (`must`). Several texts of one input stand behind one another, parted by kNext.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace firegate::fuzz {

constexpr char kNext = '\x1e';  // RECORD SEPARATOR: no text of ours has it

// A promise of the parser. Ends the program when it is broken: both drivers of targets then keep the input.
inline void must(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// A copy of exactly these bytes, so that AddressSanitizer sees a read beyond either end.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(new char[text.size()]), size_(text.size()) {
    text.copy(bytes_.get(), size_);
  }
  std::string_view text() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return size == 0 ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(data), size);
}

// Cuts `rest` behind the first `end`; all of it when there is none.
inline std::string_view take(std::string_view& rest, char end) noexcept {
  const std::size_t at = rest.find(end);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

}  // namespace firegate::fuzz
