// Whether every loop of the program still goes round.
#include "app/loop_watch.h"

#include <gtest/gtest.h>

#include "support/fakes_api.h"

namespace firegate::app {
namespace {

using std::chrono::seconds;

class LoopWatchTest : public testing::Test {
 protected:
  fakes::StillClock clock_;
  metrics::Metrics metrics_;
  Pulse lanes_, writer_;
  LoopWatch watch_{clock_,
                   metrics_,
                   {{metrics::Loop::lanes, [this] { return lanes_.last(); }, LoopWatch::kPatience},
                    {metrics::Loop::writer, [this] { return writer_.last(); }, LoopWatch::kDiskPatience}}};

  // A second passes in which all beat that are given.
  bool second(std::initializer_list<Pulse*> beating) {
    clock_.advance(seconds{1});
    for (Pulse* pulse : beating) pulse->beat(clock_.steady_now());
    return watch_.look();
  }
};

TEST_F(LoopWatchTest, IsContentWhileAllGoRound) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(second({&lanes_, &writer_}));
  EXPECT_TRUE(watch_.stuck().empty());
}

TEST_F(LoopWatchTest, NamesTheOneThatIsStuck) {
  second({&lanes_, &writer_});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(second({&writer_})) << i;
  EXPECT_FALSE(second({&writer_}));
  EXPECT_EQ(watch_.stuck(), std::vector<std::string>{"lanes silent for 21 s"});
}

TEST_F(LoopWatchTest, IsContentAgainWhenItGoesOn) {
  for (int i = 0; i < 30; ++i) second({&writer_});
  EXPECT_FALSE(watch_.stuck().empty());
  EXPECT_TRUE(second({&lanes_, &writer_}));
}

TEST_F(LoopWatchTest, WaitsLongerForTheDisk) {
  for (int i = 0; i < 120; ++i) EXPECT_TRUE(second({&lanes_})) << i;
  EXPECT_FALSE(second({&lanes_}));
  EXPECT_EQ(watch_.stuck(), std::vector<std::string>{"writer silent for 121 s"});
}

TEST_F(LoopWatchTest, SeesTheLoopThatLooks) {
  second({&lanes_, &writer_});
  clock_.advance(seconds{25});
  lanes_.beat(clock_.steady_now());
  EXPECT_EQ(watch_.stuck(), std::vector<std::string>{"io silent for 25 s"});
}

TEST_F(LoopWatchTest, TellsTheSilenceOfEachLoop) {
  second({&lanes_, &writer_});
  clock_.advance(seconds{3});
  watch_.look();
  EXPECT_DOUBLE_EQ(metrics_.loop_silence_seconds[metrics::Loop::lanes].value(), 3);
  EXPECT_DOUBLE_EQ(metrics_.loop_silence_seconds[metrics::Loop::io].value(), 3);
}

TEST(Pulse, IsAskedOnceUntilItAnswers) {
  Pulse pulse;
  EXPECT_TRUE(pulse.ask());
  EXPECT_FALSE(pulse.ask());
  pulse.beat(Steady{seconds{5}});
  EXPECT_TRUE(pulse.ask());
  EXPECT_EQ(pulse.last(), Steady{seconds{5}});
}

}  // namespace
}  // namespace firegate::app
