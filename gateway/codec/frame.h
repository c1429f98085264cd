// Frame: what the gateway and a codec worker say to each other over their socket: four bytes of length (little endian),
// then a kind and its fields. Both ends read it as if the other were hostile. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/codec.h"

namespace firegate::codec {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kMaxBody = 1u << 20;           // our choice: the largest script of the published ones has 90 KiB
constexpr std::size_t kMaxScriptBytes = 512u << 10;  // our choice
constexpr std::size_t kMaxAnswerBytes = 256u << 10;  // our choice: an object of the network may have 64 KiB
constexpr std::size_t kMaxDetailBytes = 1024;        // our choice

// Gateway → worker: keep this script under a number. Not answered.
struct Load {
  std::uint32_t script = 0;
  std::string name;  // as errors name it
  std::string text;
};
// Gateway → worker: read this payload. Answered.
struct Call {
  std::uint32_t script = 0;
  std::uint8_t f_port = 0;
  std::optional<std::int64_t> arrived_ms;  // Unix time
  std::string bytes;
  std::string variables;  // a JSON object, or empty
};
using Request = std::variant<Load, Call>;

// Whole frames.
std::string to_frame(const Load& load);
std::string to_frame(const Call& call);
std::string to_frame(const CodecAnswer& answer);
std::string hello_frame();  // worker → gateway: in the cage, ready

// The length that a header announces; none where it is zero or above kMaxBody.
std::optional<std::size_t> body_size(std::string_view header) noexcept;

// A body, wholly and nothing else; none where it is anything else.
std::optional<Request> read_request(std::string_view body);
std::optional<CodecAnswer> read_answer(std::string_view body);
bool is_hello(std::string_view body) noexcept;

}  // namespace firegate::codec
