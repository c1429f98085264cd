#include "decode/progress.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace firegate::decode {
namespace {

class ProgressTest : public testing::Test {
 protected:
  InboxHold begin(InboxSeq last) {
    Undone undone(progress_.begin(last));
    InboxHold hold = undone.hold();
    undone.handed_on();
    return hold;
  }
  std::vector<InboxSeq> told_;
  Progress progress_{[this](InboxSeq seq) { told_.push_back(seq); }};
};

TEST_F(ProgressTest, TellsWhenTheLastCopyGoes) {
  InboxHold one = begin(10);
  InboxHold copy = one;
  one.reset();
  EXPECT_TRUE(told_.empty());
  copy.reset();
  EXPECT_EQ(told_, std::vector<InboxSeq>{10});
}

TEST_F(ProgressTest, AnUnfinishedPullHoldsBackTheOnesBehindIt) {
  InboxHold one = begin(10);
  begin(20).reset();
  InboxHold three = begin(30);
  EXPECT_TRUE(told_.empty());
  one.reset();
  EXPECT_EQ(told_, std::vector<InboxSeq>{20});
  three.reset();
  EXPECT_EQ(told_, (std::vector<InboxSeq>{20, 30}));
}

TEST_F(ProgressTest, WorkThatWasThrownAwayIsNeverFinished) {
  { Undone thrown(progress_.begin(10)); }
  begin(20).reset();
  EXPECT_TRUE(told_.empty()) << "the inbox must give 1 to 10 again";
}

TEST_F(ProgressTest, OneShareThrownAwayIsEnough) {
  {
    Undone first(progress_.begin(10));
    const Undone second = first.share();
    first.handed_on();
  }
  EXPECT_TRUE(told_.empty());
}

TEST(Progress, NeverGoesBackBehindWhatWasFinishedBeforeTheStart) {
  std::vector<InboxSeq> told;
  Progress progress([&told](InboxSeq seq) { told.push_back(seq); }, 25);
  for (const InboxSeq last : {10u, 25u, 30u}) {
    Undone undone(progress.begin(last));
    undone.handed_on();
  }
  EXPECT_EQ(told, std::vector<InboxSeq>{30});
}

TEST(Progress, AHoldMayOutliveIt) {
  int told = 0;
  InboxHold hold;
  {
    Progress progress([&told](InboxSeq) { ++told; });
    Undone undone(progress.begin(1));
    hold = undone.hold();
    undone.handed_on();
  }
  hold.reset();
  EXPECT_EQ(told, 1);
}

// Random orders of finishing: what is told ascends, and is the watermark of the lowest unfinished pull.
TEST(Progress, IsTheWatermarkInEveryOrder) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    InboxSeq told = 0;
    Progress progress([&told](InboxSeq seq) {
      ASSERT_GT(seq, told);
      told = seq;
    });
    std::vector<std::pair<InboxSeq, InboxHold>> open;
    InboxSeq last = 0;
    for (int i = 0; i < 100 || !open.empty(); ++i) {
      if (i < 100 && (open.empty() || random() % 2 == 0)) {
        last += 1 + random() % 5;
        Undone undone(progress.begin(last));
        open.emplace_back(last, undone.hold());
        undone.handed_on();
      } else {
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(random() % open.size()));
      }
      const InboxSeq lowest = open.empty() ? last + 1 : open.front().first;
      ASSERT_LT(told, lowest) << "seed " << seed;
      ASSERT_TRUE(!open.empty() || told == last);
    }
  }
}

TEST(Progress, HoldsMayGoOnManyThreads) {
  std::vector<InboxSeq> told;
  Progress progress([&told](InboxSeq seq) { told.push_back(seq); });
  std::vector<InboxHold> holds;
  for (InboxSeq seq = 1; seq <= 4000; ++seq) {
    Undone undone(progress.begin(seq));
    holds.push_back(undone.hold());
    undone.handed_on();
  }
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&holds, t] {
      for (std::size_t i = t; i < holds.size(); i += 4) holds[i].reset();
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), 4000u);
  EXPECT_TRUE(std::ranges::is_sorted(told));
}

}  // namespace
}  // namespace firegate::decode
