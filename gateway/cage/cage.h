// Cage: takes everything from this process that the work of a stranger (a vendor's script, an uploaded picture) must
// never have. It is the boundary of security, not the engine or library inside. Afterwards the process can compute,
// take memory up to a limit, and read and write what is open already; nothing else of the system answers it. Compiled
// into the workers only; their parent's side is cage/spawn.h.
#pragma once

#include <cstdint>

namespace firegate::cage {

struct Limits {
  std::uint64_t data_bytes = 0;   // RLIMIT_DATA: heap and private mappings; a bomb ends here
  std::uint64_t cpu_seconds = 0;  // the parent ends a worker long before
};

// Before the work's engine starts: the end with the parent, no descriptors but `channel` (as standard input), no
// privileges, limits on memory and computing time. False where the system refuses one of them; the reason is in errno.
bool give_up_rights(int channel, Limits limits) noexcept;

// Who lives in the cage.
enum class Tenant : std::uint8_t {
  script,   // code of a stranger: whatever else it asks of the system ends the process, and no thread more
  library,  // our code that reads a stranger's bytes: may have threads; whatever else it asks for is refused (EPERM),
            // because libraries do without, say, a font that they would like to look for
};
// After the engine has started and before it sees the first foreign byte: no descriptor, no process more, and the
// filter of system calls, for every thread.
bool allow_only_computing(Tenant tenant = Tenant::script) noexcept;

}  // namespace firegate::cage
