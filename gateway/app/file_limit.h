// The process's limit of open files: every console and every request is a socket, and the usual soft limit of 1,024 is
// below what the web part admits. Linux gives a process its soft limit and lets it raise that to the hard one.
#pragma once

#include <cstdint>

#include "api/settings.h"
#include "core/result.h"

namespace firegate::app {

struct FileLimit {
  std::uint64_t soft = 0, hard = 0;
};

// What we may have open at once: the web part's sockets, and 200 for all else (record, inbox, broker, channels; our
// choice).
std::uint64_t files_needed(const api::Settings& settings) noexcept;

// Raises the soft limit to `needed` or, where that is lower, to the hard limit; never lowers it. What holds afterwards.
Result<FileLimit> raise_file_limit(std::uint64_t needed);

// At start: raises the limit and logs what was got; a warning with the remedy where it is too low.
void ensure_file_limit(std::uint64_t needed);

}  // namespace firegate::app
