// Raw payloads: parked until their codec has answered, in the order of their device, without holding up any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/lane.h"
#include "unit/decode/lane_fixture.h"

namespace firegate::decode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LaneCodecTest : public testing::Test {
 protected:
  LaneOutput send(const std::vector<std::pair<std::string, std::string>>& messages) {
    std::vector<RawMessage> batch;
    for (const auto& [topic, payload] : messages) batch.push_back({topic, payload, now_, false, false, ++seq_});
    return lane_.decode(batch, context());
  }
  LaneContext context() const { return {map_, now_, Instant{}}; }
  void answer(LaneOutput::Ticket ticket, CodecOutcome outcome, std::string data = {}) {
    CodecAnswer answer;
    answer.outcome = outcome;
    answer.data = std::move(data);
    answer.detail = "codecs/a.js: why not";
    lane_.answered(ticket, std::move(answer));
  }
  // The numbers of what may go on now, in order.
  std::vector<std::string> resumed() {
    std::vector<std::string> gone;
    while (auto next = lane_.resume(context())) {
      gone.push_back(std::to_string(next->ticket));
      for (auto& part : next->output.buildings) {
        for (ToPartition& item : part.items) last_.push_back(std::move(item));
      }
    }
    return gone;
  }
  static std::vector<std::string> devices(const LaneOutput& output) {
    std::vector<std::string> ids;
    for (const auto& part : output.buildings) {
      for (const ToPartition& item : part.items) ids.push_back(item.device->id);
    }
    return ids;
  }

  support::ScriptedDriver driver_;
  Models models_;
  OneUnmapped unmapped_;
  RejectedSamples rejected_;
  RecordedFaults faults_;
  metrics::Metrics metrics_;
  DeviceMapPtr map_ = ten_devices();
  Instant now_{Millis{10'000'000}};
  InboxSeq seq_ = 0;
  std::vector<ToPartition> last_;
  Lane lane_{Source{"scripted", &driver_, "t", {"t/#"}}, Limits{},
             LaneParts{models_, unmapped_, rejected_, faults_, metrics_}};
};

TEST_F(LaneCodecTest, ARawPayloadWaitsForItsCodecAndThenCounts) {
  const auto output = send({{"t/d1", "codec=codecs/a.js"}});
  EXPECT_THAT(output.buildings, IsEmpty());
  ASSERT_EQ(output.asks.size(), 1u);
  EXPECT_EQ(output.asks[0].request.script, "codecs/a.js");
  EXPECT_THAT(resumed(), IsEmpty());
  answer(output.asks[0].ticket, CodecOutcome::data, "1");
  EXPECT_THAT(resumed(), ElementsAre("1"));
  ASSERT_EQ(last_.size(), 1u);
  EXPECT_EQ(last_[0].message.readings.at(0).value, Value{true});
  EXPECT_EQ(last_[0].seq, 1u);
  EXPECT_EQ(metrics_.codec_calls[CodecOutcome::data].value(), 1u);
}

TEST_F(LaneCodecTest, OtherDevicesGoOnMeanwhile) {
  EXPECT_THAT(devices(send({{"t/d1", "codec=codecs/a.js"}, {"t/d2", "smoke=1"}, {"t/d3", "smoke=1"}})),
              testing::UnorderedElementsAre("d2", "d3"));
  EXPECT_THAT(devices(send({{"t/d4", "smoke=1"}})), ElementsAre("d4"));
}

TEST_F(LaneCodecTest, WhatTheDeviceSaysMeanwhileWaitsBehind) {
  auto output = send({{"t/d1", "codec=codecs/a.js"}, {"t/d1", "smoke=0"}, {"t/d1", "codec=codecs/a.js"}});
  EXPECT_THAT(output.parked, ElementsAre(1u, 2u, 3u));
  ASSERT_EQ(output.asks.size(), 2u);
  answer(output.asks[1].ticket, CodecOutcome::data, "0");  // the later one is answered first
  EXPECT_THAT(resumed(), IsEmpty());
  answer(output.asks[0].ticket, CodecOutcome::data, "1");
  EXPECT_THAT(resumed(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(last_.at(0).message.readings.at(0).value, Value{true});
  EXPECT_EQ(last_.at(1).message.readings.at(0).value, Value{false});
}

TEST_F(LaneCodecTest, ACodecThatFailsLosesNothingElse) {
  const auto output = send({{"t/d1", "temperature=20 codec=codecs/a.js"}});
  answer(output.asks.at(0).ticket, CodecOutcome::threw);
  EXPECT_THAT(resumed(), ElementsAre("1"));
  ASSERT_EQ(last_.size(), 1u);
  EXPECT_EQ(last_[0].message.readings.at(0).point, Point::temperature_c);
  EXPECT_EQ(metrics_.codec_calls[CodecOutcome::threw].value(), 1u);
  ASSERT_EQ(rejected_.list().size(), 1u);
  EXPECT_THAT(rejected_.list()[0].detail, HasSubstr("codec, threw: codecs/a.js: why not"));
}

// After a crash the parked message is read again: no position may have passed it.
TEST_F(LaneCodecTest, ThePositionStaysBelowWhatWaits) {
  auto output = send({{"t/d1", "smoke=0"}, {"t/d3", "codec=codecs/a.js"}, {"t/d5", "smoke=0"}});
  std::vector<InboxSeq> bounds;
  for (const auto& part : output.buildings) {
    for (const ToPartition& item : part.items) bounds.push_back(item.unfinished_from);
  }
  EXPECT_THAT(bounds, ElementsAre(0u, 2u));
  answer(2, CodecOutcome::data, "0");
  resumed();
  EXPECT_EQ(last_.at(0).unfinished_from, 0u);
  output = send({{"t/d5", "smoke=1"}});
  EXPECT_EQ(output.buildings.at(0).items.at(0).unfinished_from, 0u);
}

TEST_F(LaneCodecTest, ARepeatIsKnownAlsoWhileTheFirstStillWaits) {
  const std::vector<RawMessage> batch{{"t/d1", "codec=codecs/a.js", now_, false, false, 1},
                                      {"t/d1", "codec=codecs/a.js", now_, false, true, 2}};
  const auto output = lane_.decode(batch, context());
  for (const auto& ask : output.asks) answer(ask.ticket, CodecOutcome::data, "1");
  EXPECT_THAT(resumed(), ElementsAre("1", "2"));
  EXPECT_EQ(last_.size(), 1u);
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 1u);
}

TEST_F(LaneCodecTest, AnAnswerThatNobodyAskedForIsForgotten) {
  answer(77, CodecOutcome::data, "1");
  EXPECT_THAT(resumed(), IsEmpty());
}

}  // namespace
}  // namespace firegate::decode
