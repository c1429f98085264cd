// A write that somebody waits for: through the writer, until it is committed. What was not committed within `patience`,
// or failed, is given up: nothing of it is written later. One case is left: a commit that seemed to fail had reached
// the disk. Any thread that may wait, but the writer's own.
#pragma once

#include <string_view>

#include "store/writer.h"

namespace firegate::store {

// `doing`: "recording devices". Errors: those of `work`, and timed_out.
Result<void> write_and_wait(Writer& writer, Writer::Work work, Millis patience, std::string_view doing);

}  // namespace firegate::store
