#include "cage/cage.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <string>

namespace firegate::codec {
namespace {

// How the process ended that went into the cage and tried this.
int end_of(std::string what) {
  std::string program = FIREGATE_CAGE_PROBE;
  std::array<char*, 3> arguments{program.data(), what.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

class CageAttempt : public testing::TestWithParam<const char*> {};

TEST_P(CageAttempt, EndsTheProcess) {
  const int status = end_of(GetParam());
  EXPECT_TRUE(WIFSIGNALED(status)) << "status " << status;
  EXPECT_EQ(WTERMSIG(status), SIGSYS);
}
INSTANTIATE_TEST_SUITE_P(Codec, CageAttempt,
                         testing::Values("open", "create", "stat", "socket", "fork", "exec", "kill", "ptrace",
                                         "executable"),
                         [](const auto& attempt) { return std::string(attempt.param); });

TEST(Cage, LetsWhoOnlyComputesEndInPeace) { EXPECT_EQ(end_of("compute"), 0); }

TEST(Cage, TakesPrivilegesMemoryAndDescriptors) {
  for (const char* what : {"root", "memory", "descriptors", "denied"}) {
    const int status = end_of(what);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 4) << what << " ended with " << status;
  }
}

}  // namespace
}  // namespace firegate::codec
