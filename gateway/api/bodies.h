// Bodies: what people and consoles send, read from JSON with limits (reliability, T07): at most 16 deep; names and
// reasons bounded; no member twice. Errors are bad_input and name the member. Members that are not known are passed
// over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/event_ring.h"
#include "core/act.h"

namespace firegate::api {

constexpr std::size_t kMaxBodyBytes = 64 * 1024;  // reliability, T16 and T28
constexpr std::size_t kMaxReasonBytes = 1000;     // our choice

// `post` is required; `verdict` for a verdict; `until`, after `now`, for shelving. Who it is does not stand in the
// body.
Result<Act> read_act(ActKind kind, AlarmId alarm, std::string_view body, Instant now);

struct SilenceBody {
  std::string post;
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
// Narrows what comes, within what the client may see.
struct SubFrame {
  std::optional<std::vector<std::string>> estates;  // none: all it may see
  Topics topics = kEveryTopic;
};
struct OtherFrame {};  // a type that a later client may know
using ClientFrame = std::variant<OtherFrame, ResumeFrame, ConsoleFrame, SubFrame>;
Result<ClientFrame> read_client_frame(std::string_view text);

}  // namespace firegate::api
