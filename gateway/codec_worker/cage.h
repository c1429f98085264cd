// Cage: takes everything from this process that a script of a stranger must never have. It is the boundary of security,
// not the engine (Debian: mozjs 102 is for trusted content only). Afterwards the process can compute, take memory up to
// a limit, and read and write what is open already; any other system call ends it at once.
#pragma once

namespace firegate::codec {

// Before the engine starts: the end with the parent, no descriptors but `channel` (as standard input), no privileges,
// limits on memory and computing time. False where the system refuses one of them; the reason is in errno.
bool give_up_rights(int channel) noexcept;
// After the engine has started and before the first script: no thread, no descriptor, no process more, and the filter
// of system calls, for every thread.
bool allow_only_computing() noexcept;

}  // namespace firegate::codec
