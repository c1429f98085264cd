// Sparkplug B: sequences, rebirths and models; what vectors cannot say.
#include <gtest/gtest.h>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

std::string field(char tag, std::string_view bytes) {
  return fmt::format("{}{}{}", tag, static_cast<char>(bytes.size()), bytes);
}
// A payload with one boolean metric.
std::string data(std::string_view name, bool value, int seq) {
  std::string metric = field('\x0A', name);
  metric += std::string("\x20\x0B\x70") + static_cast<char>(value ? 1 : 0);
  std::string payload = field('\x12', metric) + '\x18';
  if (seq >= 128) payload += static_cast<char>((seq & 0x7F) | 0x80);
  payload += static_cast<char>(seq >= 128 ? seq >> 7 : seq);
  return payload;
}

class Sparkplug : public testing::Test {
 protected:
  DecodeResult decode(std::string_view kind, std::string_view payload, Millis at = Millis{1'000}, bool retained = false,
                      const KnownDevices* devices = nullptr, const Models& known = models()) {
    const std::string topic = fmt::format("spBv1.0/G/{}/E{}", kind, kind.starts_with('D') ? "/dev" : "");
    RawMessage message;
    message.topic = topic;
    message.payload = payload;
    message.arrived_at = Instant{at};
    message.retained = retained;
    auto result = driver_of("sparkplug_b")->decode(message, DecodeContext{"spBv1.0", link_, known, devices});
    if (result) {
      for (const auto& learned : result->learned) link_.learn(learned);
    }
    return result;
  }
  std::size_t asks(const DecodeResult& result) {
    EXPECT_TRUE(result) << text_of(result);
    return result ? result->replies.size() : 0;
  }

  LinkState link_;
};

TEST_F(Sparkplug, AGapInTheSequenceAsksForARebirth) {
  ASSERT_EQ(asks(decode("NBIRTH", data("smoke", false, 0))), 0u);
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 1))), 0u);
  const auto gap = decode("NDATA", data("smoke", true, 3));
  ASSERT_EQ(asks(gap), 1u);
  EXPECT_EQ(gap->replies[0].topic, "spBv1.0/G/NCMD/E");
  EXPECT_NE(gap->replies[0].payload.find("Node Control/Rebirth"), std::string::npos);
  EXPECT_EQ(text_of(gap), "[delta G/E: smoke=true]") << "what it says holds all the same";
}

TEST_F(Sparkplug, TheSequenceBeginsAgainAfter255) {
  decode("NBIRTH", data("smoke", false, 255));
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 0))), 0u);
}

TEST_F(Sparkplug, AsksOnceAndAgainAfterAMinute) {
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 7), Millis{1'000})), 1u) << "nobody has seen its birth";
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 9), Millis{60'999})), 0u);
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 11), Millis{61'000})), 1u);
  EXPECT_EQ(asks(decode("NBIRTH", data("smoke", false, 0), Millis{61'500})), 0u);
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 5), Millis{62'000})), 1u) << "a birth ends the wait";
}

TEST_F(Sparkplug, WhatTheBrokerKeptIsNotAnswered) {
  EXPECT_EQ(asks(decode("NDATA", data("smoke", false, 7), Millis{1'000}, true)), 0u);
}

TEST_F(Sparkplug, TheBirthOfANodeForgetsTheAliasesOfItsDevices) {
  const std::string birth = std::string("\x12\x0D\x0A\x05smoke\x10\x0A\x20\x0B\x70\x00\x18\x01", 17);
  const std::string by_alias("\x12\x06\x10\x0A\x20\x0B\x70\x01\x18\x02", 10);
  decode("NBIRTH", data("x", false, 0));
  EXPECT_EQ(text_of(decode("DBIRTH", birth)), "[will G/E/dev: online=true][snapshot G/E/dev: smoke=false]");
  EXPECT_EQ(text_of(decode("DDATA", by_alias)), "[delta G/E/dev: smoke=true]");
  decode("NBIRTH", data("x", false, 0));
  const auto after = decode("DDATA", by_alias);
  EXPECT_EQ(text_of(after), "ignored no_known_point");
  EXPECT_EQ(asks(after), 1u);
}

class OneModel final : public KnownDevices {
 public:
  std::string_view model_of(std::string_view address) const override {
    return address == "G/E" ? "acme/panel" : std::string_view();
  }
};

TEST_F(Sparkplug, AModelSaysWhatTheMetricsOfADeviceMean) {
  Problems problems;
  const auto file = settings::parse_yaml(
      "source: made\nfields:\n  - {field: Inputs/Zone 1, point: fire, words: {\"true\": true, \"false\": false}}\n",
      "acme/panel.yaml", problems);
  ASSERT_TRUE(file);
  Models known;
  known.add(Model::parse(*file, "acme", "panel", problems));
  ASSERT_TRUE(problems.empty());
  const OneModel devices;
  EXPECT_EQ(text_of(decode("NDATA", data("Inputs/Zone 1", true, 1), Millis{1'000}, false, &devices, known)),
            "[delta G/E: fire=true]");
  EXPECT_EQ(text_of(decode("NDATA", data("Inputs/Zone 1", true, 2))), "ignored no_known_point") << "never guessed";
}

TEST_F(Sparkplug, AQueryIsARequestForARebirth) {
  Source source("sparkplug_b");
  Command command;
  command.id = "c-1";
  command.kind = CommandKind::query;
  const auto asked = source.encode(command, "G/E/dev");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->messages.at(0).topic, "spBv1.0/G/NCMD/E");
  EXPECT_FALSE(source.encode(command, "nobody"));
}

}  // namespace
}  // namespace firegate::test
