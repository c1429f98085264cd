#include "cli/base64.h"

#include <boost/archive/iterators/binary_from_base64.hpp>
#include <boost/archive/iterators/transform_width.hpp>

namespace firegate::cli {

std::optional<std::string> from_base64(std::string_view text) {
  using Bytes = boost::archive::iterators::transform_width<
      boost::archive::iterators::binary_from_base64<std::string_view::const_iterator>, 8, 6>;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  const auto valid = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  for (const char c : text) {
    if (!valid(c)) return std::nullopt;
  }
  const std::size_t size = text.size() * 3 / 4;
  std::string bytes;
  bytes.reserve(size);
  Bytes from(text.begin());
  for (std::size_t i = 0; i < size; ++i, ++from) bytes += static_cast<char>(*from);
  return bytes;
}

}  // namespace firegate::cli
