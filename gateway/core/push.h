// Push: a message that a platform hands over by HTTP instead of publishing it. The web part takes it from the wire;
// whoever has the inbox judges the proof, stores the body as a message of the source, and only then says that it is
// taken.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/labels.h"

namespace firegate {

// Why a push is not taken. Labels: reasons of the metric firegate_requests_refused_total, and `code` of the answer.
enum class PushRefusal : std::uint8_t {
  unknown_source,  // nobody pushes to a source of this name
  unproved,        // no proof, or not that of the source
  not_private,     // a secret that anybody on the way could read
  clock_off,       // signed too long ago, or in the future
  replayed,        // this very signature was taken before
  overloaded,      // as many signatures as are remembered
  not_stored,      // the inbox cannot be written
};
template <>
struct Labels<PushRefusal> {
  static constexpr std::array<std::string_view, 7> list{"push_unknown_source", "push_unproved", "push_not_private",
                                                        "push_clock_off",      "push_replayed", "push_overloaded",
                                                        "push_not_stored"};
};

// As it came; views are valid during the call.
struct Push {
  std::string_view source;
  std::string_view signature;  // of the header X-Firegate-Signature
  std::string_view bearer;     // of the header Authorization
  std::string_view secret;     // of the address
  std::string_view body;
  bool is_private = false;  // nobody on the way can read it: TLS, or this machine
};

class PushIntake {
 public:
  virtual ~PushIntake() = default;
  // Web thread; never blocks. `done` runs once, on any thread: with nothing once the message is on disk.
  virtual void take(const Push& push, std::function<void(std::optional<PushRefusal>)> done) = 0;
};

}  // namespace firegate
