#include "app/file_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace firegate::app {
namespace {

// In a process of its own: a hard limit that was lowered cannot be raised again.
int soft_after(rlim_t soft, rlim_t hard, std::uint64_t needed) {
  const rlimit limit{soft, hard};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const auto raised = raise_file_limit(needed);
  rlimit now{};
  if (!raised || ::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur != raised->soft) return 2;
  return static_cast<int>(now.rlim_cur);
}

TEST(FileLimit, IsRaisedToWhatIsNeeded) {
  EXPECT_EXIT(_exit(soft_after(60, 200, 90)), testing::ExitedWithCode(90), "");
}

TEST(FileLimit, IsRaisedToTheHardOneWhereThatIsLess) {
  EXPECT_EXIT(_exit(soft_after(60, 70, 90)), testing::ExitedWithCode(70), "");
}

TEST(FileLimit, IsNeverLowered) { EXPECT_EXIT(_exit(soft_after(120, 200, 90)), testing::ExitedWithCode(120), ""); }

TEST(FileLimit, CoversEverySocketOfTheWebPart) {
  api::Settings settings;
  settings.max_connections = 3000;
  settings.max_live = 500;
  EXPECT_GT(files_needed(settings), 3500u);
}

}  // namespace
}  // namespace firegate::app
