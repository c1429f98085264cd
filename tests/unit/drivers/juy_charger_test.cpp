// JUY charging stations: what vectors cannot say. Answers, order numbers, commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

using namespace std::string_literals;

constexpr const char* kImei = "861197062934387";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text;
}

std::string frame(unsigned code, const std::string& data) {
  std::string counted;
  counted += static_cast<char>(data.size() + 3);
  counted += '\0';
  counted += static_cast<char>(code);
  counted += '\0';
  counted += data;
  unsigned sum = 0;
  for (const char c : counted) sum += static_cast<unsigned char>(c);
  return "\x5A\xA5" + counted + static_cast<char>(sum & 0xFF);
}

std::string from_device(const char* code) { return fmt::format("JUY/D2S/{}/{}/DEV", kImei, code); }

std::string login(char version) {
  return frame(0x81, kImei + "\x0A"s + std::string(16 + 16 + 20, '0') + version + '\0');
}

// Port 2, order 0x01020304.
const std::string kPortAndOrder = "\x02\x04\x03\x02\x01"s;
std::string end_of_charge(const std::string& order = kPortAndOrder) {
  return frame(0x85, order + std::string(4, '\0') + "\x10\0\0\0"s + std::string(4, '\0') + "\x08"s + "\x0E\0"s);
}
std::string started() { return frame(0x83, kPortAndOrder + "\x01\0"s); }

Command cut(Port port) { return {.id = "c-1", .kind = CommandKind::cut_off, .port = port}; }

TEST(JuyCharger, AnswersALoginWithTheIntervalAndOk) {
  Source source("juy_charger");
  const auto result = source.decode(from_device("81"), login('\x1B'));
  ASSERT_TRUE(result) << text_of(result);
  ASSERT_EQ(result->replies.size(), 1u);
  EXPECT_EQ(result->replies[0].topic, fmt::format("JUY/S2D/{}/81/SERVER", kImei));
  EXPECT_EQ(hex(result->replies[0].payload), "5AA50C008100000000000000003C00C9");
  EXPECT_FALSE(result->replies[0].retain);
}

TEST(JuyCharger, AnswersAHeartbeatAsTheDocumentPrintsIt) {
  Source source("juy_charger");
  const auto result = source.decode(from_device("82"), frame(0x82, "\x1F\x1E\x01\0"s));
  ASSERT_EQ(result->replies.size(), 1u);
  EXPECT_EQ(hex(result->replies[0].payload), "5AA5040082000086");
}

TEST(JuyCharger, AnswersEndAndLocalStartWithPortAndOrder) {
  Source source("juy_charger");
  const auto ended = source.decode(from_device("85"), end_of_charge());
  ASSERT_EQ(ended->replies.size(), 1u);
  EXPECT_EQ(hex(ended->replies[0].payload), hex(frame(0x85, kPortAndOrder)));
  const auto coin = source.decode(from_device("86"), frame(0x86, kPortAndOrder + std::string(13, '\0')));
  ASSERT_EQ(coin->replies.size(), 1u);
  EXPECT_EQ(hex(coin->replies[0].payload), hex(frame(0x86, kPortAndOrder)));
}

TEST(JuyCharger, AnswersInTheSpellingOfTheDevice) {
  Source source("juy_charger");
  const auto result = source.decode(from_device("0x85"), end_of_charge());
  EXPECT_EQ(result->replies.at(0).topic, fmt::format("JUY/S2D/{}/0x85/SERVER", kImei));
}

TEST(JuyCharger, AnswersAnEndEachTimeItComes) {
  Source source("juy_charger");
  source.decode(from_device("85"), end_of_charge());
  EXPECT_EQ(source.decode(from_device("85"), end_of_charge())->replies.size(), 1u);
}

TEST(JuyCharger, DoesNotAnswerWhatTheBrokerKept) {
  RawMessage kept;
  const std::string topic = from_device("85"), payload = end_of_charge();
  kept.topic = topic;
  kept.payload = payload;
  kept.retained = true;
  const auto result = driver_of("juy_charger")->decode(kept, DecodeContext{"JUY", LinkState{}, models()});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->replies.empty());
}

TEST(JuyCharger, CutsAPortByTheNumberOfItsOrder) {
  for (const bool by_platform : {true, false}) {
    Source source("juy_charger");
    ASSERT_FALSE(source.encode(cut(2), kImei));
    if (by_platform) {
      source.decode(fmt::format("JUY/S2D/{}/83/SERVER", kImei), frame(0x83, kPortAndOrder + std::string(14, '\0')));
    } else {
      source.decode(from_device("83"), started());
    }
    const auto sent = source.encode(cut(2), kImei);
    ASSERT_TRUE(sent) << sent.error().detail;
    ASSERT_EQ(sent->messages.size(), 1u);
    EXPECT_EQ(sent->messages[0].topic, fmt::format("JUY/S2D/{}/84/SERVER", kImei));
    EXPECT_EQ(hex(sent->messages[0].payload), hex(frame(0x84, kPortAndOrder)));
  }
}

TEST(JuyCharger, StopsAsTheDocumentPrintsIt) {
  Source source("juy_charger");
  source.decode(from_device("83"), frame(0x83, "\x02\x01\0\0\0\x01\0"s));
  EXPECT_EQ(hex(source.encode(cut(2), kImei)->messages.at(0).payload), "5AA50800840002010000008F");
}

TEST(JuyCharger, RefusesToCutAPortWhoseOrderIsNotKnown) {
  Source source("juy_charger");
  const auto refused = source.encode(cut(2), kImei);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, RefuseReason::not_known_yet);
  source.decode(from_device("83"), started());
  EXPECT_FALSE(source.encode(cut(3), kImei)) << "another port";
  EXPECT_FALSE(source.encode(cut(2), "861197062934380")) << "another station";
  EXPECT_EQ(source.encode(cut(kNoPort), kImei).error().reason, RefuseReason::bad_port);
  EXPECT_EQ(source.encode(cut(300), kImei).error().reason, RefuseReason::bad_port);
}

TEST(JuyCharger, ForgetsAnOrderThatHasEnded) {
  Source source("juy_charger");
  source.decode(from_device("83"), started());
  source.decode(from_device("85"), end_of_charge("\x02\x09\0\0\0"s));
  EXPECT_TRUE(source.encode(cut(2), kImei)) << "the end of another order";
  source.decode(from_device("85"), end_of_charge());
  EXPECT_FALSE(source.encode(cut(2), kImei));
}

TEST(JuyCharger, MatchesTheAnswerToItsCommand) {
  struct Case {
    char outcome;
    const char* result;
  };
  for (const auto& [outcome, expected] : {Case{0, "done"}, Case{1, "done"}, Case{2, "failed"}, Case{9, "failed"}}) {
    Source source("juy_charger");
    source.decode(from_device("83"), started());
    ASSERT_TRUE(source.encode(cut(2), kImei));
    const auto answer = source.decode(from_device("84"), frame(0x84, kPortAndOrder + outcome));
    ASSERT_TRUE(answer && !answer->messages.empty());
    ASSERT_TRUE(answer->messages[0].reply);
    EXPECT_EQ(answer->messages[0].reply->command_id, "c-1");
    EXPECT_EQ(answer->messages[0].reply->result, expected);
    EXPECT_EQ(source.decode(from_device("84"), frame(0x84, kPortAndOrder + outcome))->ignored,
              IgnoreReason::not_a_measurement)
        << "one answer a command";
  }
}

TEST(JuyCharger, AsksForThePorts) {
  Source source("juy_charger");
  const auto asked = source.encode({.id = "q", .kind = CommandKind::query}, kImei);
  ASSERT_TRUE(asked);
  EXPECT_EQ(hex(asked->messages.at(0).payload), hex(frame(0x88, "\0"s)));
}

TEST(JuyCharger, RefusesWhatTheFormatCannotSay) {
  Source source("juy_charger");
  EXPECT_EQ(source.encode({.id = "x", .kind = CommandKind::hold_door}, kImei).error().reason,
            RefuseReason::not_supported);
}

TEST(JuyCharger, SaysNoEnergyWhereItsUnitIsInDoubt) {
  Source source("juy_charger");
  source.decode(from_device("81"), login('\x64'));
  const auto ended = source.decode(from_device("85"), end_of_charge());
  ASSERT_TRUE(ended);
  for (const auto& reading : ended->messages.back().readings) {
    EXPECT_TRUE(reading.point != Point::energy_kwh || is_unknown(reading.value));
  }
  EXPECT_EQ(ended->messages.front().readings.at(0).value, Value(true)) << "the smoke all the same";
}

TEST(JuyCharger, SurvivesForeignBytesInTheLinkState) {
  LinkState link;
  link.learn({fmt::format("order:{}:2", kImei), "\xFFnot a number"});
  EXPECT_EQ(driver_of("juy_charger")->encode(cut(2), kImei, EncodeContext{"JUY", link, {}}).error().reason,
            RefuseReason::not_known_yet);
}

TEST(JuyCharger, RecognisesTheBase) {
  const Driver& driver = *driver_of("juy_charger");
  EXPECT_EQ(driver.recognise("JUY/D2S/1/82/DEV", ""), "JUY");
  EXPECT_EQ(driver.recognise("park/JUY/S2D/1/82/SERVER", ""), "park/JUY");
  EXPECT_EQ(driver.recognise("XJUY/D2S/1/82/DEV", ""), std::nullopt);
  EXPECT_EQ(driver.recognise("JUY/D2S/1/82/SERVER", ""), std::nullopt);
  EXPECT_THAT(driver.filters("JUY"), testing::ElementsAre("JUY/D2S/+/+/DEV", "JUY/S2D/+/83/SERVER"));
}

}  // namespace
}  // namespace firegate::test
