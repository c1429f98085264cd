// Whether anybody can hear a post.
#include "duty/listening.h"

#include <gtest/gtest.h>

namespace firegate::duty {
namespace {

using std::chrono::seconds;

TEST(Listening, CountsThePostsThatCanBeHeard) {
  Listening listening;
  EXPECT_EQ(listening.audible(), 0u);
  listening.heard("desk", Steady{seconds{0}});
  listening.heard("gate", Steady{seconds{30}});
  EXPECT_EQ(listening.audible(), 2u);
  EXPECT_EQ(listening.tick(Steady{seconds{60}}), std::vector<std::string>{"desk"});
  EXPECT_EQ(listening.audible(), 1u);
  EXPECT_TRUE(listening.heard("desk", Steady{seconds{61}}));
  EXPECT_EQ(listening.audible(), 2u);
}

}  // namespace
}  // namespace firegate::duty
