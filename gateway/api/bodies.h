// Bodies: what people and consoles send, read from JSON with limits (reliability, T07): at most 16 deep; names and
// reasons bounded. Errors are bad_input and name the member. Members that are not known are passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/act.h"

namespace firegate::api {

constexpr std::size_t kMaxJsonDepth = 16;         // reliability, T07
constexpr std::size_t kMaxBodyBytes = 64 * 1024;  // reliability, T16 and T28
constexpr std::size_t kMaxNameBytes = 64;         // of a person or a post; our choice
constexpr std::size_t kMaxReasonBytes = 1000;     // our choice

// `by` and `post` are required; `verdict` for a verdict; `until`, after `now`, for shelving.
Result<Act> read_act(ActKind kind, AlarmId alarm, std::string_view body, Instant now);

struct SilenceBody {
  std::string post, by;
};
Result<SilenceBody> read_silence(std::string_view body);

// Frames of the live feed's client.
struct ResumeFrame {
  std::string server_id;  // empty: fresh
  std::uint64_t seq = 0;
};
struct ConsoleFrame {
  std::string post, build;
  bool visible = false;
  bool audio_running = false;
};
struct OtherFrame {};  // a type that a later client may know
using ClientFrame = std::variant<ResumeFrame, ConsoleFrame, OtherFrame>;
Result<ClientFrame> read_client_frame(std::string_view text);

}  // namespace firegate::api
