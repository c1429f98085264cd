#include "decode/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/all_drivers.h"
#include "unit/decode/lane_fixture.h"

namespace firegate::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LaneTest : public testing::Test {
 protected:
  LaneOutput send(std::string topic, std::string payload, bool duplicate = false, bool retained = false) {
    return send_all({{std::move(topic), std::move(payload)}}, duplicate, retained);
  }
  LaneOutput send_all(const std::vector<std::pair<std::string, std::string>>& messages, bool duplicate = false,
                      bool retained = false) {
    std::vector<RawMessage> batch;
    for (const auto& [topic, payload] : messages) batch.push_back({topic, payload, now_, retained, duplicate, ++seq_});
    return lane_->decode(batch, {map_, now_ + behind_, connected_at_});
  }
  static std::size_t items(const LaneOutput& output) {
    std::size_t count = 0;
    for (const auto& part : output.buildings) count += part.items.size();
    return count;
  }
  void restart() {
    lane_.emplace(Source{"scripted", &driver_, "t", {"t/#"}}, limits_,
                  LaneParts{models_, unmapped_, rejected_, faults_, metrics_});
  }
  void SetUp() override { restart(); }

  support::ScriptedDriver driver_;
  Models models_;
  OneUnmapped unmapped_;
  RejectedSamples rejected_;
  RecordedFaults faults_;
  metrics::Metrics metrics_;
  Limits limits_;
  DeviceMapPtr map_ = ten_devices();
  Instant now_{Millis{10'000'000}};
  Millis behind_{0};
  Instant connected_at_{};
  InboxSeq seq_ = 0;
  std::optional<Lane> lane_;
};

TEST_F(LaneTest, GroupsByBuildingInOrder) {
  const auto output = send_all({{"t/d1", "smoke=0"}, {"t/d2", "smoke=1"}, {"t/d1", "smoke=1"}});
  ASSERT_EQ(output.buildings.size(), 2u);
  EXPECT_EQ(output.buildings[0].building, "e/b1");
  ASSERT_EQ(output.buildings[0].items.size(), 2u);
  EXPECT_EQ(output.buildings[0].items[0].message.readings[0].value, Value{false});
  EXPECT_EQ(output.buildings[0].items[1].message.readings[0].value, Value{true});
  EXPECT_EQ(output.buildings[1].items[0].device->id, "d2");
  EXPECT_EQ(output.buildings[1].items[0].seq, 2u);
  EXPECT_FALSE(output.buildings[1].items[0].backlog);
  EXPECT_EQ(metrics_.messages_decoded.value(), 3u);
}

TEST_F(LaneTest, AnUnknownDeviceGoesToItsPseudoBuilding) {
  const auto output = send("t/stranger", "smoke=1");
  ASSERT_EQ(output.buildings.size(), 1u);
  EXPECT_EQ(output.buildings[0].building, "unmapped:scripted");
  EXPECT_FALSE(output.buildings[0].items[0].device->mapped);
}

TEST_F(LaneTest, ABridgeOfTheNetworkIsADeviceOnlyWhereItIsMapped) {
  EXPECT_THAT(send("t/bridge", "smoke=0 network").buildings, IsEmpty());
  EXPECT_EQ(send("t/d1", "smoke=0 network").buildings.at(0).building, "e/b1");
}

TEST_F(LaneTest, MoreUnknownDevicesThanAreKeptAreRejected) {
  unmapped_.full = true;
  EXPECT_EQ(items(send("t/stranger", "smoke=0")), 0u);
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::too_many_devices].value(), 1u);
}

TEST_F(LaneTest, LimitsDependOnTheTopic) {
  const std::string large(64 * 1024 + 1, ' ');
  send("t/d1", large.substr(1));
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::too_large].value(), 0u);
  send("t/d1", large);
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::too_large].value(), 1u);
  send("t/list", large);
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::too_large].value(), 1u);
}

TEST_F(LaneTest, CountsAndKeepsExamplesOfWhatItCannotRead) {
  for (int i = 0; i < 20; ++i)
    send("t/d1", "bad " + std::to_string(i) + std::string("\0\xFF", 2) + std::string(1000, 'x'));
  send("t/d1", "ignore");
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::unparsable].value(), 20u);
  EXPECT_EQ(metrics_.messages_ignored[IgnoreReason::command_echo].value(), 1u);
  const auto samples = rejected_.list();
  ASSERT_EQ(samples.size(), kSamplesEach);
  EXPECT_TRUE(samples[0].payload_start.starts_with("bad 19\\x00\\xff")) << samples[0].payload_start.substr(0, 20);
  EXPECT_EQ(samples[0].payload_bytes, 1008u);
}

TEST_F(LaneTest, ManyRejectionsAreAFaultThatEndsWithCalm) {
  for (int i = 0; i < 200; ++i) send("t/d1", "bad");
  EXPECT_THAT(faults_.raised, ElementsAre("scripted"));
  lane_->settle(now_ + Millis{59'000});
  EXPECT_THAT(faults_.cleared, IsEmpty());
  lane_->settle(now_ + Millis{60'000});
  EXPECT_THAT(faults_.cleared, ElementsAre("scripted"));
}

TEST_F(LaneTest, WhatIsLearnedIsKnownToTheNextMessageAndRecorded) {
  const auto output = send_all({{"t/d1", "learn=model:x"}, {"t/d1", "known=model"}});
  ASSERT_EQ(output.links.size(), 1u);
  EXPECT_EQ(output.links[0].source, "scripted");
  EXPECT_EQ(output.buildings[0].items[1].message.readings[0].value, Value{true});
}

TEST_F(LaneTest, RestoresWhatWasLearned) {
  Restored restored;
  restored.links = {{"scripted", {"model", "x"}}, {"other", {"else", "x"}}};
  lane_->restore(restored, *map_);
  EXPECT_EQ(send("t/d1", "known=model").buildings[0].items[0].message.readings[0].value, Value{true});
  EXPECT_EQ(send("t/d1", "known=else").buildings[0].items[0].message.readings[0].value, Value{false});
}

TEST_F(LaneTest, AnswersLeaveOnlyWhileTheyAreFresh) {
  EXPECT_EQ(send("t/d1", "answer=ok").answers.size(), 1u);
  behind_ = Millis{10'001};
  EXPECT_EQ(send("t/d1", "answer=late").answers.size(), 0u);
}

TEST_F(LaneTest, ARedeliveredMessageIsAnsweredAgain) {
  send("t/d1", "answer=ok");
  const auto again = send("t/d1", "answer=ok", true);
  EXPECT_EQ(items(again), 0u);
  EXPECT_EQ(again.answers.size(), 1u) << "the device may not have had the first one";
}

TEST_F(LaneTest, ARepeatIsASignOfLife) {
  EXPECT_EQ(items(send("t/d1", "smoke=0")), 1u);
  EXPECT_EQ(items(send("t/d1", "smoke=0")), 1u);
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 0u);
}

TEST_F(LaneTest, ARedeliveredMessageCollapses) {
  send("t/d1", "smoke=1");
  EXPECT_EQ(items(send("t/d1", "smoke=1", true)), 0u);
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 1u);
  EXPECT_EQ(items(send("t/d1", "smoke=0", true)), 1u) << "redelivered, but never seen";
}

TEST_F(LaneTest, AfterAReconnectWhatCameJustBeforeCollapses) {
  send("t/d1", "smoke=1");
  now_ += Millis{3'600'000};  // the link was away for an hour
  connected_at_ = now_;
  EXPECT_EQ(items(send("t/d1", "smoke=1")), 0u);
  EXPECT_EQ(items(send("t/d1", "smoke=1")), 1u) << "the second repeat is news";
  now_ += limits_.redelivery_window;
  EXPECT_EQ(items(send("t/d1", "smoke=1")), 1u);
}

TEST_F(LaneTest, AHeartbeatFromLongBeforeTheReconnectIsASignOfLife) {
  send("t/d1", "smoke=0");
  now_ += Millis{600'000};
  send("t/d2", "smoke=0");
  connected_at_ = now_ += Millis{1000};
  EXPECT_EQ(items(send("t/d1", "smoke=0")), 1u);
}

TEST_F(LaneTest, APressedButtonIsNotARedelivery) {
  send("t/d1", "event smoke=1");
  connected_at_ = now_ += Millis{1000};
  EXPECT_EQ(items(send("t/d1", "event smoke=1")), 1u);
}

TEST_F(LaneTest, NumberedMessagesCollapseByNumber) {
  EXPECT_EQ(items(send("t/d1", "boot=a seq=5 smoke=1")), 1u);
  EXPECT_EQ(items(send("t/d1", "boot=a seq=5 smoke=1")), 0u);
  EXPECT_EQ(items(send("t/d1", "boot=a seq=6 smoke=1")), 1u);
  EXPECT_EQ(items(send("t/d1", "boot=b seq=5 smoke=1")), 1u);
  EXPECT_EQ(items(send("t/d2", "boot=a seq=5 smoke=1")), 1u);
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 1u);
}

TEST_F(LaneTest, AnOlderNumberNeverSeenIsLate) {
  send("t/d1", "boot=a seq=5 smoke=0");
  const auto output = send("t/d1", "boot=a seq=3 smoke=1");
  ASSERT_EQ(items(output), 1u);
  EXPECT_TRUE(output.buildings[0].items[0].backlog);
}

TEST_F(LaneTest, ANumberUsedTwiceForDifferentContentIsNotDropped) {
  send("t/d1", "boot=a seq=5 smoke=0");
  const auto output = send("t/d1", "boot=a seq=5 smoke=1");
  ASSERT_EQ(items(output), 1u);
  EXPECT_TRUE(output.buildings[0].items[0].backlog);
}

TEST_F(LaneTest, AReplayedStreamChangesNothing) {
  std::vector<std::pair<std::string, std::string>> stream;
  for (int i = 1; i <= 100; ++i)
    stream.emplace_back("t/d1", "boot=a seq=" + std::to_string(i) + " smoke=" + std::to_string(i % 2));
  EXPECT_EQ(items(send_all(stream)), 100u);
  for (const auto shift : {Millis{60'000}, Millis{3'600'000}, Millis{86'400'000}}) {
    now_ += shift;
    EXPECT_EQ(items(send_all(stream)), 0u);
  }
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 300u);
}

TEST_F(LaneTest, WhatIsReplayedFromTheInboxCollapsesByStoredNumbers) {
  Restored restored;
  restored.devices = {{"d1", now_, "a", 50}};
  lane_->restore(restored, *map_);
  EXPECT_EQ(items(send("t/d1", "boot=a seq=49 smoke=1")), 0u) << "not connected yet: it lay in the inbox";
  EXPECT_EQ(items(send("t/d1", "boot=a seq=51 smoke=1")), 1u);
}

TEST_F(LaneTest, AfterARestartStoredNumbersCollapseWhenRedelivered) {
  connected_at_ = now_ - Millis{60'000};
  Restored restored;
  restored.devices = {{"d1", now_, "a", 50}};
  lane_->restore(restored, *map_);
  EXPECT_EQ(items(send("t/d1", "boot=a seq=50 smoke=1", true)), 0u);
  EXPECT_EQ(items(send("t/d1", "boot=a seq=51 smoke=1", true)), 1u) << "acknowledged by nobody, seen by nobody";
  const auto late = send("t/d1", "boot=a seq=49 smoke=1");
  ASSERT_EQ(items(late), 1u) << "no redelivery: perhaps never seen";
  EXPECT_TRUE(late.buildings[0].items[0].backlog);
}

TEST_F(LaneTest, WhatABuildingHadFinishedIsNotDoneAgain) {
  Restored restored;
  restored.positions = {{"e/b1", "scripted", 2}, {"e/b2", "other", 100}};
  lane_->restore(restored, *map_);
  const auto output = send_all({{"t/d1", "smoke=1"}, {"t/d2", "smoke=1"}, {"t/d1", "smoke=0"}});  // 1, 2, 3
  ASSERT_EQ(items(output), 2u);
  EXPECT_EQ(output.buildings[0].building, "e/b2");
  EXPECT_EQ(output.buildings[1].items[0].seq, 3u);
}

TEST_F(LaneTest, RememberedMessagesAreRecognisedWhenRedelivered) {
  const std::vector<RawMessage> before{{"t/d1", "smoke=1", now_, false, false, 1}};
  lane_->remember(before);
  EXPECT_EQ(items(send("t/d1", "smoke=1", true)), 0u);
}

TEST_F(LaneTest, WhatWaitedLongIsLate) {
  behind_ = limits_.backlog_age + Millis{1};
  EXPECT_TRUE(send("t/d1", "smoke=1").buildings[0].items[0].backlog);
}

TEST_F(LaneTest, TheRetainFlagGoesOn) {
  EXPECT_TRUE(send("t/d1", "smoke=1", false, true).buildings[0].items[0].retained);
}

TEST_F(LaneTest, AMappedDevicesMessageGoesAlongAsItCame) {
  const auto output = send("t/d1", "smoke=1", false, true);
  const ToPartition& item = output.buildings[0].items[0];
  ASSERT_TRUE(item.raw);
  EXPECT_EQ(item.raw->at, now_);
  EXPECT_EQ(item.raw->source, "scripted");
  EXPECT_EQ(item.raw->topic, "t/d1");
  EXPECT_EQ(item.raw->payload, "smoke=1");
  EXPECT_TRUE(item.raw->retained);
  EXPECT_FALSE(send("t/stranger", "smoke=1").buildings[0].items[0].raw)
      << "the tray has an unmapped device's first one";
}

TEST_F(LaneTest, MessagesBeyondADevicesAllowanceGoWithoutACopy) {
  const auto output = send_all(std::vector<std::pair<std::string, std::string>>(30, {"t/d1", "smoke=0"}));
  ASSERT_EQ(items(output), 30u);
  const auto& all = output.buildings[0].items;
  EXPECT_EQ(std::ranges::count_if(all, [](const ToPartition& item) { return item.raw != nullptr; }), kRawBurst);
}

class FloodTest : public LaneTest {
 protected:
  void SetUp() override {
    limits_.device_burst = 10;
    limits_.device_messages_per_second = 1;
    restart();
  }
  std::vector<std::pair<std::string, std::string>> flood(int count) {
    std::vector<std::pair<std::string, std::string>> list;
    for (int i = 0; i < count; ++i) list.emplace_back("t/d1", "temperature=" + std::to_string(i));
    return list;
  }
};

TEST_F(FloodTest, WhatIsBeyondTheAllowanceIsMergedToItsLastValues) {
  const auto output = send_all(flood(1000));
  ASSERT_EQ(items(output), 11u);
  EXPECT_EQ(output.buildings[0].items.back().message.readings[0].value, Value{999.0});
  EXPECT_EQ(output.buildings[0].items.back().seq, 1000u);
  EXPECT_EQ(metrics_.flood_merged.value(), 990u);
}

TEST_F(FloodTest, RaisesOneFaultThatEndsWithCalm) {
  send_all(flood(1000));
  send_all(flood(1000));
  EXPECT_THAT(faults_.raised, ElementsAre("d1"));
  lane_->settle(now_ + Millis{60'000});
  EXPECT_THAT(faults_.cleared, ElementsAre("d1"));
}

TEST_F(FloodTest, AFireGoesThroughTheFlood) {
  auto messages = flood(1000);
  messages[500].second = "smoke=1 temperature=80";
  messages[501].second = "smoke=0 temperature=20";
  const auto output = send_all(messages);
  ASSERT_EQ(items(output), 12u);
  const auto& merged = output.buildings[0].items[10].message.readings;
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[1].point, Point::smoke);
  EXPECT_EQ(merged[1].value, Value{true}) << "the fire, although it was taken back at once";
  EXPECT_EQ(output.buildings[0].items[11].message.readings[0].value, Value{false});
}

TEST_F(FloodTest, TheMessageAsItCameGoesThroughTheFloodOnce) {
  limits_.device_burst = 1;
  restart();
  auto messages = flood(5);
  messages[2].second = "smoke=1";
  messages[3].second = "smoke=0";
  const auto output = send_all(messages);
  const auto& all = output.buildings[0].items;
  ASSERT_EQ(all.size(), 3u);  // the first, the merged one with the fire, what came after the fire
  EXPECT_EQ(all[1].raw->payload, "temperature=4");
  EXPECT_FALSE(all[2].raw);
}

TEST_F(FloodTest, AMessageWithoutItsCopyTakesNoOtherOnesAway) {
  const auto output = send_all(flood(1000));
  ASSERT_EQ(items(output), 11u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(output.buildings[0].items[i].raw) << i;
  now_ += Millis{10'000};
  limits_.device_messages_per_second = 0;
  restart();
  send_all(flood(10));
  now_ += Millis{10'000};
  const auto merged = send_all(flood(3));
  ASSERT_EQ(items(merged), 1u);
  ASSERT_TRUE(merged.buildings[0].items[0].raw);
  EXPECT_EQ(merged.buildings[0].items[0].raw->payload, "temperature=0");
}

TEST_F(FloodTest, AnEventInTheFloodStaysAnEvent) {
  auto messages = flood(100);
  messages[50].second = "event smoke=1";
  const auto output = send_all(messages);
  const auto& all = output.buildings[0].items;
  EXPECT_EQ(std::ranges::count_if(all, [](const ToPartition& item) { return item.message.kind == MessageKind::event; }),
            1);
}

TEST_F(FloodTest, OthersAreNotTouched) {
  auto messages = flood(1000);
  for (int i = 0; i < 5; ++i) messages.emplace_back("t/d2", "smoke=1");
  const auto output = send_all(messages);
  ASSERT_EQ(output.buildings[1].building, "e/b2");
  EXPECT_EQ(output.buildings[1].items.size(), 5u);
}

TEST_F(FloodTest, TheAllowanceReturnsWithArrivalTime) {
  send_all(flood(1000));
  now_ += Millis{5'000};
  EXPECT_EQ(items(send_all(flood(5))), 5u);
}

TEST_F(FloodTest, RepliesInAFloodAreBounded) {
  std::vector<std::pair<std::string, std::string>> messages(1000, {"t/d1", "reply"});
  EXPECT_EQ(items(send_all(messages)), 10u + 16u);
}

TEST(LaneNative, CollapsesDuplicatesOfTheRealDriver) {
  for (const auto& driver : all_drivers()) {
    if (driver->format() != "native") continue;
    Models models;
    OneUnmapped unmapped;
    RejectedSamples rejected;
    RecordedFaults faults;
    metrics::Metrics metrics;
    Lane lane({"native", driver.get(), "fg/v1", {}}, {}, {models, unmapped, rejected, faults, metrics});
    const std::string payload = R"({"seq": 7, "boot": "a1b2", "readings": {"smoke": true}})";
    const Instant at{Millis{1'000'000}};
    const std::vector<RawMessage> batch{{"fg/v1/e/s1/up", payload, at, false, false, 1},
                                        {"fg/v1/e/s1/up", payload, at, false, true, 2},
                                        {"fg/v1/e/../up", payload, at, false, false, 3}};
    const auto output = lane.decode(batch, {std::make_shared<const DeviceMap>(), at, {}});
    ASSERT_EQ(output.buildings.size(), 1u);
    EXPECT_EQ(output.buildings[0].items.size(), 1u);
    EXPECT_EQ(metrics.duplicates_collapsed.value(), 1u);
    EXPECT_EQ(metrics.messages_rejected[RejectReason::bad_address].value(), 1u);
    return;
  }
  FAIL() << "no native driver in this build";
}

}  // namespace
}  // namespace firegate::decode
