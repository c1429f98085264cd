// Whatever arrives, every driver gives an outcome: nothing crashes, hangs or throws.
#include <gtest/gtest.h>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

struct Sample {
  std::string topic, payload;
};

std::vector<Sample> samples_of(std::string_view format) {
  std::vector<Sample> samples;
  simdjson::dom::parser parser;
  for (const auto& text : lines_of(vectors_of(format))) {
    const Json line = parser.parse(text);
    if (has(line, "base")) continue;
    samples.push_back({text_of(line, "topic"), payload_of(line)});
  }
  return samples;
}

// An outcome is whole: messages or a reason to ignore, never both, never neither; values fit their points.
void expect_whole(const DecodeResult& result) {
  if (!result) {
    ASSERT_FALSE(result.error().detail.empty());
    return;
  }
  ASSERT_EQ(result->ignored.has_value(), result->messages.empty());
  for (const auto& message : result->messages) {
    ASSERT_FALSE(message.address.empty());
    for (const auto& reading : message.readings) {
      ASSERT_TRUE(fits(reading.point, reading.value)) << name(reading.point);
    }
  }
}

class AnyDriver : public testing::TestWithParam<std::string> {};

TEST_P(AnyDriver, SurvivesEveryTruncation) {
  Source source(GetParam());
  for (const auto& [topic, payload] : samples_of(GetParam())) {
    for (std::size_t length = 0; length < payload.size(); ++length) {
      expect_whole(source.decode(topic, std::string_view(payload).substr(0, length)));
    }
    for (std::size_t length = 0; length < topic.size(); ++length)
      expect_whole(source.decode(topic.substr(0, length), payload));
  }
}

TEST_P(AnyDriver, SurvivesFlippedBytes) {
  Source source(GetParam());
  for (const auto& [topic, payload] : samples_of(GetParam())) {
    for (std::size_t at = 0; at < payload.size(); ++at) {
      for (const char mask : {'\x01', '\x20', '\x80'}) {
        std::string flipped = payload;
        flipped[at] = static_cast<char>(flipped[at] ^ mask);
        expect_whole(source.decode(topic, flipped));
      }
    }
  }
}

std::string keys(int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) text += fmt::format("{}\"k{}\":{}", i ? "," : "", i, i);
  return text + "}";
}

std::vector<std::string> hostile_payloads() {
  using namespace std::string_literals;
  return {
      std::string(100'000, '['),
      std::string(100'000, '{'),
      R"({"readings":)" + std::string(100'000, '['),
      keys(10'000),
      R"({"readings":{"smoke":true,"smoke":false},"object":{"smoke":true,"smoke":false},"smoke":true,"smoke":false})",
      R"({"readings":{"temperature_c":1e308},"temperature":1e308,"object":{"temperature":1e308}})",
      R"({"readings":{"temperature_c":1e400},"temperature":1e400,"object":{"temperature":1e400}})",
      R"({"readings":{"temperature_c":-0.0},"temperature":-0.0,"object":{"temperature":-0.0}})",
      R"({"temperature":123456789012345678901234567890})",
      "{\"fault_code\":\"\\u0000\",\"readings\":{\"fault_code\":\"\\u0000x\"},\"devEui\":\"\\u0000\"}",
      "{\"a\":\"\xC0\xAF\"}",
      "\xFF\xFE\xFD",
      "{\"smoke\":true}\0\0\0"s,
      std::string(64, '\0'),
      std::string(1024 * 1024, ' '),
      "\"" + std::string(1024 * 1024, 'a') + "\"",
      "{}",
      "[]",
      "null",
      "true",
      "0",
      "\"\"",
      " ",
      "\n",
      "NaN",
      "{\"smoke\":NaN}",
      R"({"object":"text","deviceInfo":[],"objectJSON":5,"rxInfo":{"rssi":1}})",
      R"({"method":5,"params":[],"result":5,"id":null})",
      R"({"ENERGY":[],"ZbReceived":[],"StatusSNS":5,"Wifi":[]})",
      "\xEF\xBB\xBF{\"smoke\":true}",
  };
}

TEST_P(AnyDriver, SurvivesHostilePayloads) {
  Source source(GetParam());
  std::vector<std::string> topics;
  for (const auto& sample : samples_of(GetParam())) topics.push_back(sample.topic);
  for (const auto& topic : topics) {
    for (const auto& payload : hostile_payloads()) expect_whole(source.decode(topic, payload));
  }
}

TEST_P(AnyDriver, SurvivesHostileTopics) {
  using namespace std::string_literals;
  const std::string base(driver_of(GetParam())->default_base());
  for (const auto& rest : {""s,
                           "/"s,
                           "//"s,
                           "///up"s,
                           "a//b/up"s,
                           "\xFF/up"s,
                           "x\0y/up"s,
                           std::string(70'000, 'a'),
                           std::string(70'000, '/'),
                           "+/#"s,
                           "tele//LWT"s,
                           "device//event/up"s,
                           "1/device/x/event/"s,
                           "shellies/shellies/"s,
                           "/rpc"s,
                           "events/rpc"s,
                           "x/status/:"s,
                           "bridge"s,
                           "set"s,
                           "/set"s}) {
    for (const auto& topic : {rest, base + rest, base + "/" + rest}) {
      Source source(GetParam());
      for (const auto& payload : {"{}"s, "true"s, "{\"smoke\":true}"s}) expect_whole(source.decode(topic, payload));
      driver_of(GetParam())->recognise(topic, "{}");
      driver_of(GetParam())->limits(base, topic);
    }
  }
}

// A list of devices may be large, but no node or depth limit may be passed by it either.
TEST(Limits, BridgeListsAreLargerThanMessages) {
  const Driver& driver = *driver_of("zigbee2mqtt");
  EXPECT_EQ(driver.limits("zigbee2mqtt", "zigbee2mqtt/bridge/devices").bytes, kListLimits.bytes);
  EXPECT_EQ(driver.limits("zigbee2mqtt", "zigbee2mqtt/bridgehead").bytes, PayloadLimits{}.bytes);
  EXPECT_EQ(driver.limits("zigbee2mqtt", "zigbee2mqtt/kitchen").bytes, PayloadLimits{}.bytes);
}

TEST(Limits, AreKeptByTheDriverItself) {
  Source source("zigbee2mqtt");
  const auto large = source.decode("zigbee2mqtt/d", "{\"a\":\"" + std::string(70'000, 'x') + "\"}");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().reason, RejectReason::too_large);
  const auto many = source.decode("zigbee2mqtt/d", keys(5000));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().reason, RejectReason::too_deep);
  const auto deep = source.decode("zigbee2mqtt/d", "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().reason, RejectReason::too_deep);
}

TEST(Limits, SixteenLevelsAreRead) {
  Source source("zigbee2mqtt");
  const auto fits_in =
      source.decode("zigbee2mqtt/d", "{\"smoke\":true,\"a\":" + std::string(15, '[') + std::string(15, ']') + "}");
  ASSERT_TRUE(fits_in) << text_of(fits_in);
  const auto over =
      source.decode("zigbee2mqtt/d", "{\"smoke\":true,\"a\":" + std::string(16, '[') + std::string(16, ']') + "}");
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, RejectReason::too_deep);
}

std::vector<std::string> formats() {
  std::vector<std::string> list;
  for (const auto& driver : every_driver()) list.emplace_back(driver->format());
  return list;
}
INSTANTIATE_TEST_SUITE_P(All, AnyDriver, testing::ValuesIn(formats()), [](const auto& param) { return param.param; });

}  // namespace
}  // namespace firegate::test
