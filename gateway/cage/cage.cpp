#include "cage/cage.h"

#include <grp.h>
#include <linux/close_range.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace firegate::cage {
namespace {

constexpr uid_t kNobody = 65534;  // Debian's nobody and nogroup

bool limit(int what, rlim_t most) noexcept {
  const rlimit both{most, most};
  return ::setrlimit(static_cast<__rlimit_resource>(what), &both) == 0;
}

// Root would be allowed everything again: it becomes nobody. Where the system does not let it, the filter still holds.
void become_nobody() noexcept {
  if (::geteuid() != 0) return;
  const bool left = ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                    ::setresuid(kNobody, kNobody, kNobody) == 0;
  static_cast<void>(left);
}

bool allow(scmp_filter_ctx filter, int call) noexcept {
  return ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
}

// Memory may be had and changed, never made executable.
bool allow_memory(scmp_filter_ctx filter, int call) noexcept {
  const scmp_arg_cmp no_exec{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
  return ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &no_exec) == 0;
}

// Threads of this process, never another process. What clone3 is asked for the filter cannot see; the C library takes
// clone where there is no clone3.
bool allow_threads(scmp_filter_ctx filter) noexcept {
  const scmp_arg_cmp thread{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD};
  return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
         ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread) == 0 &&
         allow(filter, SCMP_SYS(rseq)) && allow(filter, SCMP_SYS(set_robust_list));
}

// Whether a font could be read that is open already: nothing is looked up, the answer is yes. It opens nothing.
bool pretend_access(scmp_filter_ctx filter) noexcept {
  return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(access), 0) == 0 &&
         ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(faccessat), 0) == 0;
}

bool load_filter(scmp_filter_ctx filter) noexcept {
  constexpr std::array kComputing{
      SCMP_SYS(read),          SCMP_SYS(write),        SCMP_SYS(futex),          SCMP_SYS(brk),
      SCMP_SYS(munmap),        SCMP_SYS(mremap),       SCMP_SYS(madvise),        SCMP_SYS(getrandom),
      SCMP_SYS(getrusage),     SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(clock_nanosleep),
      SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sched_yield)};
  if (::seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0) return false;
  for (const int call : kComputing) {
    if (!allow(filter, call)) return false;
  }
  return allow_memory(filter, SCMP_SYS(mmap)) && allow_memory(filter, SCMP_SYS(mprotect)) &&
         ::seccomp_load(filter) == 0;
}

}  // namespace

bool give_up_rights(int channel, Limits limits) noexcept {
  if (channel != STDIN_FILENO && ::dup2(channel, STDIN_FILENO) < 0) return false;
  if (::close_range(STDIN_FILENO + 1, ~0U, 0) != 0) return false;
  become_nobody();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;  // after the change of user, which would clear it
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return limit(RLIMIT_DATA, limits.data_bytes) && limit(RLIMIT_CPU, limits.cpu_seconds) && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_MSGQUEUE, 0) && limit(RLIMIT_MEMLOCK, 0);
}

bool allow_only_computing(Tenant tenant) noexcept {
  const bool script = tenant == Tenant::script;
  // The engine has its threads now, and has read where its stack lies.
  if (::prctl(PR_SET_DUMPABLE, 0) != 0 || !limit(RLIMIT_NOFILE, 1)) return false;
  if (script && !limit(RLIMIT_NPROC, 0)) return false;
  const scmp_filter_ctx filter = ::seccomp_init(script ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
  if (!filter) return false;
  const bool loaded = (script || (allow_threads(filter) && pretend_access(filter))) && load_filter(filter);
  ::seccomp_release(filter);
  return loaded;
}

}  // namespace firegate::cage
