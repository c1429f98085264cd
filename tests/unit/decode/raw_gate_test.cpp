#include "decode/raw_gate.h"

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace firegate::decode {
namespace {

using namespace std::chrono_literals;

class RawGates : public testing::Test {
 protected:
  RawCopyPtr offer(RawGate& gate, Instant at, std::string_view payload = "{}") {
    return gate.take({"t/d1", payload, at, false, false, ++seq_}, "site", budget_);
  }
  // How many of `count` messages, one every `every`, are kept.
  int kept(RawGate& gate, int count, Millis every) {
    int kept = 0;
    for (int i = 0; i < count; ++i, now_ += every) kept += offer(gate, now_) != nullptr;
    return kept;
  }

  RawGate gate_;
  TokenBucket budget_;
  Instant now_{Millis{1'795'316'055'000}};
  InboxSeq seq_ = 0;
};

TEST_F(RawGates, KeepsEveryMessageOfADeviceThatSpeaksOnceInTenSeconds) { EXPECT_EQ(kept(gate_, 1000, 10s), 1000); }

TEST_F(RawGates, KeepsABurstOfTenWhole) {
  EXPECT_EQ(kept(gate_, 10, 0s), 10);
  EXPECT_EQ(kept(gate_, 10, 0s), 0);
}

TEST_F(RawGates, ABurstComesBackOneMessageInTenSeconds) {
  kept(gate_, 10, 0s);
  now_ += 9'999ms;
  EXPECT_EQ(kept(gate_, 1, 0s), 0);
  now_ += 1ms;
  EXPECT_EQ(kept(gate_, 2, 0s), 1);
  now_ += 1h;
  EXPECT_EQ(kept(gate_, 11, 0s), 10);
}

TEST_F(RawGates, AChattererKeepsOneMessageInTenSeconds) {
  EXPECT_EQ(kept(gate_, 100'000, 10ms), 10 + 99);  // 1,000 s
}

TEST_F(RawGates, AClockThatIsSetBackKeepsNoDeviceOutForLonger) {
  kept(gate_, 5, 0s);
  now_ -= 24h;
  EXPECT_EQ(kept(gate_, 2, 10s), 0);  // its own bucket fills from the first message on, that of all from the second
  EXPECT_EQ(kept(gate_, 100, 10s), 100);
}

TEST_F(RawGates, AllDevicesTogetherKeepFiftyASecond) {
  std::vector<RawGate> gates(4000);
  int kept_in_all = 0;
  for (int second = 0; second < 20; ++second, now_ += 1s) {
    for (std::size_t i = 0; i < 1000; ++i) kept_in_all += offer(gates[(i + 1000 * second) % 4000], now_) != nullptr;
  }
  EXPECT_LE(kept_in_all, 500 + 20 * 50);
  EXPECT_GE(kept_in_all, 500 + 19 * 50);
}

TEST_F(RawGates, ADeviceThatHasBeenQuietComesBeforeChatterers) {
  std::vector<RawGate> chatterers(100);
  for (RawGate& gate : chatterers) kept(gate, 10, 0s);  // more than the allowance of all
  EXPECT_EQ(kept(chatterers[90], 1, 0s), 0);
  EXPECT_EQ(kept(gate_, 1, 0s), 1);
}

TEST_F(RawGates, WhatAllTogetherRefuseCostsTheDeviceNothing) {
  std::vector<RawGate> others(1200);
  for (RawGate& gate : others) kept(gate, 1, 0s);
  EXPECT_EQ(kept(gate_, 50, 0s), 0);
  now_ += 5s;
  EXPECT_EQ(kept(gate_, 12, 0s), 10);
}

TEST_F(RawGates, OneMessageIsKeptOnceForADevice) {
  const RawMessage raw{"t/d1", "{}", now_, false, false, 7};
  EXPECT_TRUE(gate_.take(raw, "site", budget_));
  EXPECT_FALSE(gate_.take(raw, "site", budget_));
  RawGate other;
  EXPECT_TRUE(other.take(raw, "site", budget_));
}

TEST_F(RawGates, CopiesTheMessage) {
  const auto copy = gate_.take({"t/d1", std::string_view("\0\xff", 2), now_, true, false, 3}, "site", budget_);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->at, now_);
  EXPECT_EQ(copy->source, "site");
  EXPECT_EQ(copy->topic, "t/d1");
  EXPECT_EQ(copy->payload, std::string("\0\xff", 2));
  EXPECT_EQ(copy->bytes, 2u);
  EXPECT_TRUE(copy->retained);
  EXPECT_FALSE(copy->cut());
}

TEST_F(RawGates, CutsAfterFourKibibytesAndSaysHowLongItWas) {
  EXPECT_FALSE(offer(gate_, now_, std::string(4096, 'x'))->cut());
  const auto copy = offer(gate_, now_, std::string(4097, 'x'));
  EXPECT_EQ(copy->payload.size(), 4096u);
  EXPECT_EQ(copy->bytes, 4097u);
  EXPECT_TRUE(copy->cut());
}

TEST_F(RawGates, TextStaysTextWhenItIsCut) {
  for (int before = 0; before < 4; ++before) {
    std::string text(static_cast<std::size_t>(before), 'x');
    while (text.size() < 6000) text += "\xf0\x9f\x94\xa5";
    const auto copy = offer(gate_, now_, text);
    EXPECT_TRUE(is_utf8(copy->payload)) << before;
    EXPECT_GT(copy->payload.size(), 4092u);
  }
  EXPECT_GE(offer(gate_, now_, std::string(6000, '\x80'))->payload.size(), 4093u);  // no text at all
}

}  // namespace
}  // namespace firegate::decode
