// MessageLine: one recorded message as a line of JSON, {topic, payload or payload_b64, retained?, at?}: the input of
// `decode` and `replay` (vocabulary, "The program's tools").
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"

namespace firegate::cli {

struct MessageLine {
  std::string topic, payload;
  bool retained = false;
  std::optional<Instant> at;
};

// bad_input: no JSON object, a member missing or of the wrong type, a time that is none.
Result<MessageLine> read_message_line(const std::string& text);

}  // namespace firegate::cli
