#include "picture/frame.h"

namespace firegate::picture {
namespace {

void put(char* at, std::uint32_t number) noexcept {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(number >> (24 - 8 * i));
}

std::uint32_t get(const char* at) noexcept {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(at[i]);
  return number;
}

}  // namespace

std::array<char, kRequestHeader> to_bytes(const RequestHeader& header) noexcept {
  std::array<char, kRequestHeader> bytes{static_cast<char>(header.use), static_cast<char>(header.type)};
  put(&bytes[2], header.size);
  return bytes;
}

std::array<char, kAnswerHeader> to_bytes(const AnswerHeader& header) noexcept {
  std::array<char, kAnswerHeader> bytes{static_cast<char>(header.refused), static_cast<char>(header.what)};
  put(&bytes[2], header.width);
  put(&bytes[6], header.height);
  put(&bytes[10], header.size);
  return bytes;
}

std::optional<RequestHeader> request_header(std::string_view bytes) noexcept {
  if (bytes.size() != kRequestHeader) return std::nullopt;
  const auto use = static_cast<unsigned char>(bytes[0]), type = static_cast<unsigned char>(bytes[1]);
  const std::uint32_t size = get(&bytes[2]);
  if (use >= label_count<PictureUse>() || type >= label_count<PictureType>() || size > kMaxPictureBytes) {
    return std::nullopt;
  }
  return RequestHeader{static_cast<PictureUse>(use), static_cast<PictureType>(type), size};
}

std::optional<AnswerHeader> answer_header(std::string_view bytes) noexcept {
  if (bytes.size() != kAnswerHeader) return std::nullopt;
  AnswerHeader header;
  const auto refused = static_cast<unsigned char>(bytes[0]);
  header.refused = refused == 1;
  header.what = static_cast<unsigned char>(bytes[1]);
  header.width = get(&bytes[2]);
  header.height = get(&bytes[6]);
  header.size = get(&bytes[10]);
  const bool known = header.refused ? header.what < label_count<PictureRefusal>()
                                    : header.what < static_cast<unsigned>(PictureType::svg) && header.width > 0 &&
                                          header.width <= kMaxPictureSide && header.height > 0 &&
                                          header.height <= kMaxPictureSide && header.size > 0;
  return refused <= 1 && known && header.size <= kMaxAnswer ? std::optional(header) : std::nullopt;
}

}  // namespace firegate::picture
