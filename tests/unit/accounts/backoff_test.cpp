#include "accounts/backoff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace firegate::accounts {
namespace {

using namespace std::chrono_literals;

const Steady kStart{std::chrono::hours(10)};
const Backoff::Try kWang{"wangfang", true, "10.0.0.1"};

// 10,000 tries over `length`; how many were admitted.
std::size_t flood(Backoff& backoff, std::chrono::seconds length, const std::function<Backoff::Try(int)>& attempt) {
  std::size_t admitted = 0;
  for (int i = 0; i < 10000; ++i) {
    if (!backoff.admit(attempt(i), kStart + i * std::chrono::milliseconds(length) / 10000)) ++admitted;
  }
  return admitted;
}

TEST(Backoff, LetsThreeTypingErrorsPass) {
  Backoff backoff;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(backoff.admit(kWang, kStart));
  EXPECT_EQ(backoff.admit(kWang, kStart), 1s);
}

TEST(Backoff, DoublesUpToFifteenSecondsAndNoMore) {
  Backoff backoff;
  Steady now = kStart;
  std::vector<long> waits;
  for (int i = 0; i < 12; ++i) {
    const auto wait = backoff.wait(kWang, now);
    waits.push_back(wait.count());
    now += wait;
    ASSERT_FALSE(backoff.admit(kWang, now)) << i;
  }
  EXPECT_EQ(waits, (std::vector<long>{0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15, 15}));
}

TEST(Backoff, WaitEndsToTheSecond) {
  Backoff backoff;
  for (int i = 0; i < 4; ++i) backoff.admit(kWang, kStart + i * 1s);  // the fourth at 3 s
  EXPECT_EQ(backoff.wait(kWang, kStart + 3s), 2s);
  EXPECT_EQ(backoff.wait(kWang, kStart + 3001ms), 2s);
  EXPECT_EQ(backoff.wait(kWang, kStart + 4999ms), 1s);
  EXPECT_EQ(backoff.wait(kWang, kStart + 5s), 0s);
}

TEST(Backoff, EvaluatesAtMostTenOfTenThousandOnOneAccount) {
  struct Flood {
    const char* name;
    std::function<Backoff::Try(int)> attempt;
  };
  const Flood floods[] = {
      {"one address", [](int) { return kWang; }},
      {"an address each",
       [](int i) {
         return Backoff::Try{"wangfang", true, fmt::format("10.0.{}.{}", i / 250, i % 250)};
       }},
      {"two addresses",
       [](int i) {
         return Backoff::Try{"wangfang", true, i % 2 ? "10.0.0.1" : "10.0.0.2"};
       }},
      {"a name nobody has",
       [](int i) {
         return Backoff::Try{"nobody", false, fmt::format("10.0.{}.{}", i / 250, i % 250)};
       }},
  };
  for (const Flood& one : floods) {
    Backoff backoff;
    const std::size_t evaluated = flood(backoff, 60s, one.attempt);
    EXPECT_LE(evaluated, 10u) << one.name;
    EXPECT_GE(evaluated, 9u) << one.name;
  }
}

TEST(Backoff, TriesThatAreTurnedAwayProlongNothing) {
  Backoff backoff;
  for (int i = 0; i < 4; ++i) backoff.admit(kWang, kStart + (i == 3 ? 1s : 0s));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(backoff.admit(kWang, kStart + 1s + i * 1ms));
  EXPECT_FALSE(backoff.admit(kWang, kStart + 3s));
}

TEST(Backoff, LeavesATurnToTheOwnerDuringAFlood) {
  Backoff backoff;
  const Backoff::Try owner{"wangfang", true, "10.0.0.99"};
  Steady now = kStart;
  for (; now < kStart + 300s; now += 100ms) backoff.admit(kWang, now);
  const auto wait = backoff.wait(owner, now);
  EXPECT_LE(wait, 12s);
  for (const Steady until = now + wait; now < until; now += 100ms) backoff.admit(kWang, now);
  EXPECT_FALSE(backoff.admit(owner, now + 500ms));
}

TEST(Backoff, SuccessClearsItsOwnAccountAlone) {
  Backoff backoff;
  const Backoff::Try other{"liwei", true, "10.0.0.2"};
  for (int i = 0; i < 3; ++i) {
    backoff.admit(kWang, kStart);
    backoff.admit(other, kStart);
  }
  backoff.succeeded(kWang);
  EXPECT_EQ(backoff.wait(kWang, kStart), 0s);
  EXPECT_EQ(backoff.wait(other, kStart), 1s);
}

TEST(Backoff, SlowsAnAddressThatTriesManyNames) {
  Backoff backoff;
  const auto evaluated = flood(backoff, 60s, [](int i) {
    return Backoff::Try{fmt::format("user{}", i), false, "10.0.0.1"};
  });
  EXPECT_LE(evaluated, 30u);
  EXPECT_EQ(backoff.wait({"somebody", true, "10.0.0.2"}, kStart + 60s), 0s);
}

TEST(Backoff, SuccessDoesNotClearTheAddress) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) backoff.admit({fmt::format("user{}", i), false, "10.0.0.1"}, kStart);
  EXPECT_GT(backoff.wait({"own", true, "10.0.0.1"}, kStart), 0s);
  ASSERT_FALSE(backoff.admit({"own", true, "10.0.0.1"}, kStart + 1s));
  backoff.succeeded({"own", true, "10.0.0.1"});
  EXPECT_GT(backoff.wait({"next", false, "10.0.0.1"}, kStart + 1s), 0s);
}

TEST(Backoff, ShiftBehindOneRouterSignsInAtOnce) {
  Backoff backoff;
  for (int i = 0; i < 100; ++i) {
    const Backoff::Try one{fmt::format("user{}", i), true, "10.0.0.1"};
    ASSERT_FALSE(backoff.admit(one, kStart)) << i;
    backoff.succeeded(one);
  }
}

TEST(Backoff, ForgetsAfterAQuarterOfAnHour) {
  Backoff backoff;
  for (int i = 0; i < 10; ++i) backoff.admit(kWang, kStart + i * 20s);
  const Steady last = kStart + 180s;
  EXPECT_GT(backoff.wait(kWang, last), 0s);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(backoff.admit(kWang, last + kTriesForgotten));
}

TEST(Backoff, CountsAnIpv6NetworkAsOneAddress) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i)
    backoff.admit({fmt::format("u{}", i), false, fmt::format("2001:db8:0:1::{:x}", i + 1)}, kStart);
  EXPECT_GT(backoff.wait({"x", false, "2001:db8:0:1:ffff::9"}, kStart), 0s);
  EXPECT_EQ(backoff.wait({"x", false, "2001:db8:0:2::1"}, kStart), 0s);
}

TEST(Backoff, CountsAMappedAddressAsItself) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) backoff.admit({fmt::format("u{}", i), false, "::ffff:10.0.0.1"}, kStart);
  EXPECT_GT(backoff.wait({"x", false, "10.0.0.1"}, kStart), 0s);
  EXPECT_EQ(backoff.wait({"x", false, "::ffff:10.0.0.2"}, kStart), 0s);
}

TEST(Backoff, InventedNamesNeitherGrowItNorPushOutAccounts) {
  Backoff backoff;
  for (int i = 0; i < 7; ++i) backoff.admit(kWang, kStart + i * 15s);
  const Steady after = kStart + 90s;
  for (int i = 0; i < 100000; ++i) {
    backoff.admit({fmt::format("invented{}", i), false, fmt::format("10.{}.{}.{}", i / 62500, i / 250 % 250, i % 250)},
                  after);
  }
  EXPECT_LE(backoff.remembered(), kNamesRemembered + kAddressesRemembered + 1);
  EXPECT_EQ(backoff.wait({"wangfang", true, "10.9.9.9"}, after), 12s);
}

TEST(Backoff, CutsEndlessNames) {
  Backoff backoff;
  const std::string endless(1 << 20, 'x');
  for (int i = 0; i < 3; ++i) backoff.admit({endless + std::to_string(i), false, ""}, kStart);
  EXPECT_GT(backoff.wait({endless, false, ""}, kStart), 0s);
}

}  // namespace
}  // namespace firegate::accounts
