#include "decode/duplicates.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace firegate::decode {
namespace {

using Verdict = SeenNumbers::Verdict;

TEST(SeenNumbers, HigherIsFreshAndTheSameIsSeen) {
  SeenNumbers seen;
  EXPECT_EQ(seen.take("a", 5), Verdict::fresh);
  EXPECT_EQ(seen.take("a", 6), Verdict::fresh);
  EXPECT_EQ(seen.take("a", 5), Verdict::seen);
  EXPECT_EQ(seen.take("a", 6), Verdict::seen);
}

TEST(SeenNumbers, LowerThatNeverCameIsLate) {
  SeenNumbers seen;
  seen.take("a", 5);
  EXPECT_EQ(seen.take("a", 3), Verdict::late);
  EXPECT_EQ(seen.take("a", 3), Verdict::seen);
  EXPECT_EQ(seen.take("a", 4), Verdict::late);
}

TEST(SeenNumbers, ABacklogAfterALiveMessageIsLateNotDropped) {
  SeenNumbers seen;
  seen.take("a", 100);
  seen.take("a", 1100);
  for (std::uint64_t number = 101; number < 1100; ++number) ASSERT_EQ(seen.take("a", number), Verdict::late) << number;
  for (std::uint64_t number = 100; number <= 1100; ++number) ASSERT_EQ(seen.take("a", number), Verdict::seen) << number;
}

TEST(SeenNumbers, ANewRunStartsAnewAndTheRunBeforeIsOver) {
  SeenNumbers seen;
  seen.take("a", 7);
  EXPECT_EQ(seen.take("b", 1), Verdict::fresh);
  EXPECT_EQ(seen.take("a", 7), Verdict::seen);
  EXPECT_EQ(seen.take("a", 8), Verdict::late) << "from the run before";
  EXPECT_EQ(seen.take("b", 2), Verdict::fresh) << "the current run goes on";
}

TEST(SeenNumbers, WhatTheStoreKnewIsAssumedSeen) {
  SeenNumbers seen;
  seen.restore("a", 50);
  EXPECT_EQ(seen.take("a", 50), Verdict::assumed);
  EXPECT_EQ(seen.take("a", 50), Verdict::seen);
  EXPECT_EQ(seen.take("a", 12), Verdict::assumed);
  EXPECT_EQ(seen.take("a", 51), Verdict::fresh);
}

TEST(SeenNumbers, TheLargestNumberIsANumber) {
  SeenNumbers seen;
  EXPECT_EQ(seen.take("a", UINT64_MAX), Verdict::fresh);
  EXPECT_EQ(seen.take("a", UINT64_MAX), Verdict::seen);
  EXPECT_EQ(seen.take("a", 0), Verdict::late);
}

// Whatever the order: a number is never called seen that was not, and nothing is fresh twice.
TEST(SeenNumbers, NeverCallsSeenWhatWasNot) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    SeenNumbers seen;
    std::set<std::uint64_t> truth;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t number = random() % 60;
      const Verdict verdict = seen.take("a", number);
      const bool known = truth.contains(number);
      ASSERT_FALSE(verdict == Verdict::seen && !known) << "seed " << seed;
      ASSERT_FALSE(verdict == Verdict::fresh && (known || (!truth.empty() && number < *truth.rbegin())))
          << "seed " << seed;
      truth.insert(number);
    }
  }
}

TEST(RecentMessages, KnowsTheSameTopicAndPayloadOnly) {
  RecentMessages recent;
  const Instant at{Millis{1000}};
  EXPECT_FALSE(recent.take(RecentMessages::hash("t", "x"), at));
  EXPECT_EQ(recent.take(RecentMessages::hash("t", "x"), at + Millis{5}), at);
  EXPECT_FALSE(recent.take(RecentMessages::hash("t", "y"), at));
  EXPECT_FALSE(recent.take(RecentMessages::hash("u", "x"), at));
  EXPECT_NE(RecentMessages::hash("ab", "c"), RecentMessages::hash("a", "bc"));
  EXPECT_NE(RecentMessages::hash("a", "b"), RecentMessages::hash("b", "a"));
}

TEST(RecentMessages, ForgetsRatherThanMistakes) {
  RecentMessages recent(4);
  int known = 0;
  for (int i = 0; i < 1000; ++i)
    known += recent.take(RecentMessages::hash("t", std::to_string(i)), Instant{}).has_value();
  EXPECT_EQ(known, 0);
}

}  // namespace
}  // namespace firegate::decode
