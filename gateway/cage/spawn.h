// Spawn: starts a worker program for its cage (cage/cage.h): the parent's side. Any thread; the kernel ends a worker
// with the thread that started it.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "core/result.h"

namespace firegate::cage {

struct Child {
  pid_t pid = 0;
  int channel = -1;  // our end of a socket pair, close-on-exec; the child has the other as standard input
};

// The child gets nothing of ours but the channel: no descriptor, no variable, no signal blocked. Errors: io_failed,
// naming the program.
Result<Child> spawn(const std::filesystem::path& program);
// Kills it and waits for its end.
void end(pid_t pid) noexcept;

}  // namespace firegate::cage
