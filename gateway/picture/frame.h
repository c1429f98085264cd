// Frame: what the gateway and its picture worker say to each other, once each, over the socket between them; numbers
// are big-endian. Request: use, type, size, the picture as sent. Answer: 0, type, width, height, size, the picture as
// drawn anew; or 1 and the refusal in the type's place, zeros, size, words for people. Pure; shared by both programs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/picture.h"

namespace firegate::picture {

constexpr std::size_t kRequestHeader = 6, kAnswerHeader = 14;  // bytes
constexpr std::size_t kMaxAnswer = 32u << 20;  // our choice: 4096 × 4096 of noise is 48 MB, of a plan 4 MB

struct RequestHeader {
  PictureUse use{};
  PictureType type{};
  std::uint32_t size = 0;
};
struct AnswerHeader {
  bool refused = false;
  std::uint8_t what = 0;  // PictureType, or PictureRefusal
  std::uint32_t width = 0, height = 0, size = 0;
};

std::array<char, kRequestHeader> to_bytes(const RequestHeader& header) noexcept;
std::array<char, kAnswerHeader> to_bytes(const AnswerHeader& header) noexcept;
// None: it is none of ours, or larger than one may be. `bytes`: exactly a header.
std::optional<RequestHeader> request_header(std::string_view bytes) noexcept;
std::optional<AnswerHeader> answer_header(std::string_view bytes) noexcept;

}  // namespace firegate::picture
