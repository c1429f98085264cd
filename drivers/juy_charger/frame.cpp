#include "drivers/juy_charger/frame.h"

#include <fmt/format.h>

#include <numeric>

namespace firegate::juy {
namespace {

constexpr std::string_view kHead = "\x5A\xA5";
constexpr std::size_t kBeforeLength = 4;  // head and length, which the length does not count
constexpr std::size_t kShortest = 3;      // code, result, sum

std::uint8_t byte_of(char c) noexcept { return static_cast<std::uint8_t>(c); }

std::uint8_t sum_of(std::string_view bytes) noexcept {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0},
                         [](std::uint8_t sum, char c) { return static_cast<std::uint8_t>(sum + byte_of(c)); });
}

void append(std::string& bytes, std::uint32_t number, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
}

}  // namespace

tl::expected<Frame, Rejection> read_frame(std::string_view bytes) {
  if (!bytes.starts_with(kHead) || bytes.size() < kBeforeLength + kShortest) {
    return reject(RejectReason::unparsable,
                  fmt::format("reading a frame: found {} bytes, expected 5A A5, length, command, result, data, sum",
                              bytes.size()));
  }
  const std::size_t length = byte_of(bytes[2]) | static_cast<std::size_t>(byte_of(bytes[3])) << 8;
  if (length != bytes.size() - kBeforeLength) {
    return reject(RejectReason::unparsable, fmt::format("reading a frame: found the length {}, expected {}", length,
                                                        bytes.size() - kBeforeLength));
  }
  const std::uint8_t sum = sum_of(bytes.substr(2, bytes.size() - 3));
  if (sum != byte_of(bytes.back())) {
    return reject(RejectReason::unparsable,
                  fmt::format("reading a frame: found the sum {:02X}, expected {:02X}", byte_of(bytes.back()), sum));
  }
  return Frame{byte_of(bytes[4]), bytes.substr(6, bytes.size() - 7)};
}

std::string write_frame(Code code, std::string_view data) {
  std::string bytes(kHead);
  append(bytes, static_cast<std::uint32_t>(data.size() + kShortest), 2);
  append(bytes, static_cast<std::uint32_t>(code), 1);
  append(bytes, 0, 1);  // RESULT: says nothing in frames of a server (all printed examples have 00)
  bytes += data;
  bytes += static_cast<char>(sum_of(std::string_view(bytes).substr(2)));
  return bytes;
}

std::uint32_t DataReader::number(std::size_t bytes) noexcept {
  const std::string_view text = this->text(bytes);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < text.size(); ++i) number |= static_cast<std::uint32_t>(byte_of(text[i])) << (8 * i);
  return number;
}

std::string_view DataReader::text(std::size_t bytes) noexcept {
  ok_ = ok_ && rest_.size() >= bytes;
  if (!ok_) return {};
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::string port_and_order(Port port, std::uint32_t order) {
  std::string data;
  append(data, static_cast<std::uint32_t>(port), 1);
  append(data, order, 4);
  return data;
}

}  // namespace firegate::juy
