// Explainer: the path from the bytes of a message to its points, for people (`firegate decode --explain`). Nothing here
// repeats what a driver knows: a message is decoded again with one thing changed, and what then becomes of a reading
// shows where it came from. So an explanation holds for every format, and cannot differ from what is decoded.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/driver.h"

namespace firegate::cli {

// Which message taught a key of the link state.
struct Lesson {
  std::uint64_t line = 0;
  std::string topic;
};
using Lessons = std::map<std::string, Lesson, std::less<>>;

struct Explained {
  const Driver& driver;
  const RawMessage& message;
  const DecodeContext& context;  // as before the message was decoded
  const DecodeResult& result;
  const Lessons& lessons;
};

// Lines of text, each indented and ended.
std::string explain(const Explained& explained);

}  // namespace firegate::cli
