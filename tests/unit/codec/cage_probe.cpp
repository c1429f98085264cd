// Goes into the workers' cage and tries to leave it: argument 1 says how. The cage ends the process with SIGSYS
// at the attempt; who gets past it ends with 0.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "cage/cage.h"

namespace {

void attempt(std::string_view what) {
  if (what == "open") static_cast<void>(::open("/etc/passwd", O_RDONLY));
  if (what == "create") static_cast<void>(::open("/tmp/firegate-cage", O_CREAT | O_WRONLY, 0600));
  if (what == "stat") {
    struct stat found {};
    static_cast<void>(::stat("/etc/passwd", &found));
  }
  if (what == "socket") static_cast<void>(::socket(AF_INET, SOCK_STREAM, 0));
  if (what == "fork") static_cast<void>(::fork());
  if (what == "exec") static_cast<void>(::execl("/bin/true", "true", nullptr));
  if (what == "kill") static_cast<void>(::kill(::getppid(), 0));
  if (what == "ptrace") static_cast<void>(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
  if (what == "executable") {
    static_cast<void>(::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string_view what(arguments[1]);
  if (!firegate::cage::give_up_rights(STDIN_FILENO, {128u << 20, 120})) return 3;
  if (what == "root") return ::geteuid() == 0 || ::setuid(0) == 0 ? 0 : 4;
  if (what == "memory") return std::malloc(256u << 20) ? 0 : 4;
  if (what == "descriptors") return ::write(STDOUT_FILENO, "", 0) < 0 && ::write(STDERR_FILENO, "", 0) < 0 ? 4 : 0;
  const bool denied = what == "denied";
  if (!firegate::cage::allow_only_computing(denied ? firegate::cage::Tenant::library : firegate::cage::Tenant::script)) return 3;
  if (denied) ::_exit(::open("/etc/passwd", O_RDONLY) < 0 && ::fork() < 0 && ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 4 : 0);
  attempt(what);
  ::_exit(0);
}
