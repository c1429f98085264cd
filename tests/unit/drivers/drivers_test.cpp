// What the vectors cannot say: answers, what is learned, numbers and times of messages, filters, limits of recognition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

using testing::ElementsAre;

// ---- native ----

TEST(Native, GivesNumberBootAndTimeOfTheMessage) {
  Source source("native");
  const auto result = source.decode(
      "fg/v1/e/d/up", R"({"seq":1207,"boot":"a1b2","at":"2026-11-22T03:14:15.926Z","readings":{"smoke":true}})");
  ASSERT_TRUE(result) << text_of(result);
  const auto& message = result->messages.at(0);
  EXPECT_EQ(message.seq, 1207u);
  EXPECT_EQ(message.boot, "a1b2");
  ASSERT_TRUE(message.measured_at);
  EXPECT_EQ(to_text(*message.measured_at), "2026-11-22T03:14:15.926Z");
}

TEST(Native, CountsPointsThatWeDoNotHave) {
  Source source("native");
  const auto result =
      source.decode("fg/v1/e/d/up", R"({"readings":{"smoke":true,"aura":1},"ports":{"2":{"mood":"good"}}})");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->unknown_fields, 2u);
  EXPECT_EQ(result->messages.at(0).readings.size(), 1u);
}

TEST(Native, GivesTheReasonOfAFailedCommand) {
  Source source("native");
  const auto result =
      source.decode("fg/v1/e/d/up", R"({"seq":9,"reply":{"id":"c","result":"failed","reason":"relay stuck"}})");
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->messages.at(0).reply);
  EXPECT_EQ(result->messages.at(0).reply->reason, "relay stuck");
  EXPECT_EQ(result->messages.at(0).seq, 9u);
}

TEST(Native, NumbersOnlyTheReadingsOfAMessageThatAlsoAnswers) {
  Source source("native");
  const auto result =
      source.decode("fg/v1/e/d/up", R"({"seq":9,"reply":{"id":"c","result":"done"},"readings":{"smoke":false}})");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->messages.size(), 2u);
  EXPECT_FALSE(result->messages[0].seq);
  EXPECT_EQ(result->messages[1].seq, 9u);
}

TEST(Native, ListensToMessagesAndWillsOnly) {
  EXPECT_THAT(driver_of("native")->filters("fg/v1"), ElementsAre("fg/v1/+/+/up", "fg/v1/+/+/online"));
}

// ---- Zigbee2MQTT ----

TEST(Zigbee2Mqtt, TakesTheTimeOfTheMessageInEveryForm) {
  Source source("zigbee2mqtt");
  for (const char* last_seen : {R"("2026-01-05T08:00:00+00:00")", "1767600000000", "1767600000"}) {
    const auto result = source.decode("zigbee2mqtt/d", fmt::format(R"({{"smoke":false,"last_seen":{}}})", last_seen));
    ASSERT_TRUE(result && result->messages.at(0).measured_at) << last_seen;
    EXPECT_EQ(to_text(*result->messages[0].measured_at), "2026-01-05T08:00:00.000Z") << last_seen;
  }
}

TEST(Zigbee2Mqtt, LearnsOnlyWhatChanged) {
  Source source("zigbee2mqtt");
  const auto list = [](const char* unit) {
    return fmt::format(
        R"([{{"friendly_name":"a","definition":{{"exposes":[{{"type":"numeric","property":"gas","unit":"{}","access":1}}]}}}},
                           {{"friendly_name":"b","definition":{{"exposes":[{{"type":"binary","property":"smoke","value_on":true,"value_off":false,"access":1}}]}}}}])",
        unit);
  };
  EXPECT_EQ(source.decode("zigbee2mqtt/bridge/devices", list("m³"))->learned.size(), 2u);
  EXPECT_EQ(source.decode("zigbee2mqtt/bridge/devices", list("m³"))->learned.size(), 0u);
  const auto changed = source.decode("zigbee2mqtt/bridge/devices", list("%LEL"));
  ASSERT_EQ(changed->learned.size(), 1u);
  EXPECT_EQ(changed->learned[0].key, "device:a");
}

TEST(Zigbee2Mqtt, ForgetsWhatIsNoLongerListed) {
  Source source("zigbee2mqtt");
  const auto list = [](std::string_view devices) {
    return fmt::format(R"([{{"friendly_name":"Coordinator","definition":null}}{}])", devices);
  };
  constexpr std::string_view kSmoke =
      R"(,{"friendly_name":"a","definition":{"exposes":[{"type":"binary","property":"smoke","value_on":true,"value_off":false,"access":1}]}})";
  ASSERT_EQ(source.decode("zigbee2mqtt/bridge/devices", list(kSmoke))->learned.size(), 1u);
  EXPECT_EQ(source.decode("zigbee2mqtt/bridge/devices", "[]")->learned.size(), 0u) << "an empty list says nothing";
  EXPECT_EQ(
      source.decode("zigbee2mqtt/bridge/devices", list(R"(,{"friendly_name":"a","definition":null})"))->learned.size(),
      0u)
      << "it is listed, and not understood just now";
  const auto gone = source.decode("zigbee2mqtt/bridge/devices", list(""));
  ASSERT_EQ(gone->learned.size(), 1u);
  EXPECT_EQ(gone->learned[0].key, "device:a");
  EXPECT_EQ(gone->learned[0].bytes, "");
  EXPECT_EQ(source.decode("zigbee2mqtt/bridge/devices", list(""))->learned.size(), 0u);
}

TEST(Zigbee2Mqtt, TheStateOfTheBridgeIsOfTheNetwork) {
  Source source("zigbee2mqtt");
  EXPECT_TRUE(source.decode("zigbee2mqtt/bridge/state", "online")->messages.at(0).of_the_network);
  EXPECT_FALSE(source.decode("zigbee2mqtt/d/availability", "online")->messages.at(0).of_the_network);
}

TEST(Zigbee2Mqtt, SurvivesForeignBytesInTheLinkState) {
  LinkState link;
  link.learn({"device:d", "\xFF\x00garbage\n\n\t\t\t"});
  RawMessage message;
  message.topic = "zigbee2mqtt/d";
  message.payload = R"({"smoke":true})";
  const auto result = driver_of("zigbee2mqtt")->decode(message, DecodeContext{"zigbee2mqtt", link, models()});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->messages.at(0).readings.at(0).value, Value(true));
}

TEST(Zigbee2Mqtt, RecognisesABaseOfAnotherNameByContent) {
  const Driver& driver = *driver_of("zigbee2mqtt");
  EXPECT_EQ(driver.recognise("zigbee/smoke", R"({"smoke":true,"linkquality":26})"), "zigbee");
  EXPECT_EQ(driver.recognise("home/zigbee2mqtt/hall/smoke", "{}"), "home/zigbee2mqtt");
  EXPECT_EQ(driver.recognise("z/bridge/devices", "[]"), "z");
  EXPECT_EQ(driver.recognise("homeassistant/switch/0x1/config", R"({"linkquality":1})"), std::nullopt);
  EXPECT_EQ(driver.recognise("zigbee/smoke", R"({"smoke":true})"), std::nullopt);
}

// ---- Tasmota ----

TEST(Tasmota, AsksForTheStateOfADeviceThatComes) {
  Source source("tasmota");
  const auto online = source.decode("tele/hall/plug/LWT", "Online");
  ASSERT_TRUE(online);
  ASSERT_EQ(online->replies.size(), 1u);
  EXPECT_EQ(online->replies[0].topic, "cmnd/hall/plug/STATUS");
  EXPECT_EQ(online->replies[0].payload, "8");
  EXPECT_FALSE(online->replies[0].retain);
  EXPECT_TRUE(source.decode("tele/hall/plug/LWT", "Offline")->replies.empty());
}

TEST(Tasmota, AsksInTheOrderOfTheTopicThatCame) {
  Source reversed("tasmota");
  EXPECT_EQ(reversed.decode("compteur/tele/LWT", "Online")->replies.at(0).topic, "compteur/cmnd/STATUS");
  Source below("tasmota", "iot");
  EXPECT_EQ(below.decode("iot/tele/plug/LWT", "Online")->replies.at(0).topic, "iot/cmnd/plug/STATUS");
}

TEST(Tasmota, RecognisesTheBase) {
  const Driver& driver = *driver_of("tasmota");
  EXPECT_EQ(driver.recognise("tele/plug/SENSOR", "{}"), "");
  EXPECT_EQ(driver.recognise("iot/tele/plug/SENSOR", "{}"), "iot");
  EXPECT_EQ(driver.recognise("compteur/tele/SENSOR", "{}"), "");
  EXPECT_EQ(driver.recognise("iot/sonoff/tele/SENSOR", "{}"), "iot");
  EXPECT_EQ(driver.recognise("tele/plug/whatever", "{}"), std::nullopt);
}

// ---- Shelly ----

TEST(Shelly, AsksForTheStateOfADeviceThatComes) {
  Source source("shelly");
  const auto online = source.decode("shellyplugs-1/online", "true");
  ASSERT_TRUE(online);
  ASSERT_EQ(online->replies.size(), 1u);
  EXPECT_EQ(online->replies[0].topic, "shellyplugs-1/rpc");
  EXPECT_EQ(online->replies[0].payload, R"({"id":1,"src":"firegate/shellyplugs-1","method":"Shelly.GetStatus"})");
  EXPECT_TRUE(source.decode("shellyplugs-1/online", "false")->replies.empty());
}

TEST(Shelly, AsksADeviceOfUnknownGenerationInBothWays) {
  Source source("shelly", "shellies");
  const auto first = source.decode("shellies/plus1pm/online", "true");
  ASSERT_EQ(first->replies.size(), 2u);
  EXPECT_EQ(first->replies[1].topic, "shellies/plus1pm/command");
  EXPECT_EQ(first->replies[1].payload, "update");
  ASSERT_TRUE(source.decode("shellies/plus1pm/status/switch:0", R"({"output":true})"));
  EXPECT_EQ(source.decode("shellies/plus1pm/online", "true")->replies.size(), 1u) << "it has shown its generation";
}

TEST(Shelly, HasTheSameAddressWhateverTheTopic) {
  Source source("shelly");
  for (const auto& [topic, payload] :
       {std::pair{"shellies/plus1pm/online", "true"},
        std::pair{"shellies/plus1pm/status/switch:0", R"({"output":true})"},
        std::pair{"shellies/plus1pm/relay/0", "on"},
        std::pair{"firegate/shellies/plus1pm/rpc", R"({"id":1,"result":{"switch:0":{"output":true}}})"}}) {
    const auto result = source.decode(topic, payload);
    ASSERT_TRUE(result) << topic;
    EXPECT_EQ(result->messages.at(0).address, "plus1pm") << topic;
  }
}

TEST(Shelly, TakesNoTimeFromAClockThatWasNeverSet) {
  Source source("shelly");
  const auto unset = source.decode("shellyplussmoke-1/events/rpc",
                                   R"({"method":"NotifyStatus","params":{"ts":1.33,"smoke:0":{"alarm":true}}})");
  EXPECT_FALSE(unset->messages.at(0).measured_at);
  const auto set = source.decode("shellyplussmoke-1/events/rpc",
                                 R"({"method":"NotifyStatus","params":{"ts":1661517385.44,"smoke:0":{"alarm":true}}})");
  ASSERT_TRUE(set->messages.at(0).measured_at);
  EXPECT_EQ(to_text(*set->messages[0].measured_at), "2022-08-26T12:36:25.440Z");
}

TEST(Shelly, FiltersCoverBothGenerationsAndAnswers) {
  EXPECT_THAT(driver_of("shelly")->filters("shellies"), ElementsAre("shellies/#", "firegate/shellies/+/rpc"));
  EXPECT_THAT(driver_of("shelly")->filters(""), testing::Contains("+/events/rpc"));
}

// ---- ChirpStack ----

TEST(ChirpStack, MarksKeptRecordsAsHistoryOfTheirOwnTime) {
  Source source("chirpstack");
  const auto result = source.decode(
      "application/1/device/24E124136B502217/event/up",
      R"({"time":"2026-01-05T08:00:00Z","deviceInfo":{"devEui":"24E124136B502217","deviceProfileName":"Milesight EM300-ZLD"},
          "object":{"history":[{"leakage_status":"leak","timestamp":1665561758}]}})");
  ASSERT_TRUE(result) << text_of(result);
  ASSERT_EQ(result->messages.size(), 1u);
  const auto& record = result->messages[0];
  EXPECT_EQ(record.address, "24e124136b502217");
  EXPECT_EQ(record.readings.at(0).quality, Quality::historical);
  EXPECT_EQ(to_text(*record.measured_at), "2022-10-12T08:02:38.000Z");
}

TEST(ChirpStack, NumbersNoMessageBecauseCountersStartAgain) {
  Source source("chirpstack");
  const auto result = source.decode(
      "application/1/device/24e124136b502217/event/up",
      R"({"deviceInfo":{"devEui":"24e124136b502217"},"devAddr":"00189440","fCnt":7,"object":{"temperature":1}})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->messages.at(0).seq);
  EXPECT_TRUE(result->messages.at(0).boot.empty());
}

// ---- raw payloads of LoRaWAN ----

class OneModelHouse final : public KnownDevices {
 public:
  std::string_view model_of(std::string_view address) const override {
    return address == "24e124136b502217" ? "acme/smoke-1" : "";
  }
};

class RawPayloads : public testing::Test {
 protected:
  void SetUp() override {
    Model model;
    model.brand = "acme";
    model.model = "smoke-1";
    model.codec = "codecs/smoke.js";
    FieldMeaning& smoke = model.fields.emplace_back();
    smoke.field = "state";
    smoke.point = Point::smoke;
    smoke.words.emplace_back("alarm", true);
    smoke.words.emplace_back("normal", false);
    models_.add(std::move(model));
  }
  Decoded decode(const CodecAnswer* answer) {
    const RawMessage message{topic_, payload_, Instant{Millis{1'795'316'055'123}}, false, false, 1};
    auto result = driver_of(format_)->decode(message, DecodeContext{base_, link_, models_, &house_, answer});
    EXPECT_TRUE(result) << text_of(result);
    return result ? std::move(*result) : Decoded{};
  }
  Decoded answered(CodecOutcome outcome, std::string data = {}) {
    CodecAnswer answer;
    answer.outcome = outcome;
    answer.data = std::move(data);
    return decode(&answer);
  }
  static const Reading* reading_of(const Decoded& decoded, Point point) {
    for (const DeviceMessage& message : decoded.messages) {
      for (const Reading& reading : message.readings) {
        if (reading.point == point) return &reading;
      }
    }
    return nullptr;
  }
  void use_the_things_stack() {
    format_ = "the_things_stack";
    base_ = "v3";
    topic_ = "v3/app@ttn/devices/d/up";
    payload_ = R"({"end_device_ids":{"device_id":"d","dev_eui":"24E124136B502217"},
        "uplink_message":{"f_port":85,"frm_payload":"AXX//w==","rx_metadata":[{"rssi":-80,"snr":7}]}})";
  }

  Models models_;
  LinkState link_;
  OneModelHouse house_;
  std::string format_ = "chirpstack", base_ = "application", topic_ = "application/1/device/24e124136b502217/event/up";
  std::string payload_ = R"({"deviceInfo":{"devEui":"24e124136b502217"},"fPort":85,"data":"AXX//w==","rxInfo":[{"rssi":-80}]})";
};

TEST_F(RawPayloads, AskForTheScriptOfTheModelThatTheInventoryNames) {
  for (int network = 0; network < 2; ++network) {
    const auto decoded = decode(nullptr);
    ASSERT_TRUE(decoded.codec) << format_;
    EXPECT_EQ(decoded.codec->script, "codecs/smoke.js");
    EXPECT_EQ(decoded.codec->address, "24e124136b502217");
    EXPECT_EQ(decoded.codec->bytes, "\x01\x75\xff\xff");
    EXPECT_EQ(decoded.codec->f_port, 85);
    EXPECT_EQ(decoded.codec->arrived_at, Instant{Millis{1'795'316'055'123}});
    EXPECT_TRUE(reading_of(decoded, Point::signal_dbm)) << "what is known without the script";
    use_the_things_stack();
  }
}

TEST_F(RawPayloads, TakeTheObjectOfTheScriptAsTheNetworks) {
  for (int network = 0; network < 2; ++network) {
    const auto alarm = answered(CodecOutcome::data, R"({"state":"alarm"})");
    EXPECT_FALSE(alarm.codec);
    ASSERT_TRUE(reading_of(alarm, Point::smoke)) << format_;
    EXPECT_EQ(reading_of(alarm, Point::smoke)->value, Value{true});
    EXPECT_EQ(reading_of(answered(CodecOutcome::data, R"({"state":"normal"})"), Point::smoke)->value, Value{false});
    use_the_things_stack();
  }
}

// Nobody sees any more what the device says: that is its fault. What the script itself does not know is none.
TEST_F(RawPayloads, AScriptThatFailsIsAFaultOfItsDevice) {
  for (const CodecOutcome outcome : {CodecOutcome::threw, CodecOutcome::deadline, CodecOutcome::memory, CodecOutcome::killed,
                                     CodecOutcome::quarantined, CodecOutcome::overloaded, CodecOutcome::unavailable}) {
    const auto failed = answered(outcome);
    ASSERT_TRUE(reading_of(failed, Point::fault)) << label(outcome);
    EXPECT_EQ(failed.messages.at(0).kind, MessageKind::event);
    EXPECT_TRUE(reading_of(failed, Point::signal_dbm)) << "and a sign of life";
    EXPECT_FALSE(reading_of(failed, Point::smoke));
  }
  EXPECT_TRUE(reading_of(answered(CodecOutcome::data, "[1,2]"), Point::fault)) << "data that is no object";
  for (const auto& fine : {answered(CodecOutcome::errors), answered(CodecOutcome::data, "null")}) {
    EXPECT_FALSE(reading_of(fine, Point::fault));
    EXPECT_TRUE(reading_of(fine, Point::signal_dbm));
  }
}

TEST_F(RawPayloads, AskForNothingWhereTheNetworkHasDecodedOrThereIsNothing) {
  payload_ = R"({"deviceInfo":{"devEui":"24e124136b502217"},"fPort":85,"data":"AXX//w==","object":{"state":"alarm"}})";
  const auto decoded = decode(nullptr);
  EXPECT_FALSE(decoded.codec);
  ASSERT_TRUE(reading_of(decoded, Point::smoke)) << "by the model of the inventory";
  for (const char* data : {"", "A", "A*==", "AXX//w"}) {
    payload_ = fmt::format(R"({{"deviceInfo":{{"devEui":"24e124136b502217"}},"fPort":1,"data":"{}"}})", data);
    EXPECT_EQ(decode(nullptr).codec.has_value(), std::string_view(data) == "AXX//w") << data;
  }
  payload_ = R"({"deviceInfo":{"devEui":"24e124136b502218"},"fPort":85,"data":"AXX//w=="})";
  topic_ = "application/1/device/24e124136b502218/event/up";
  EXPECT_FALSE(decode(nullptr).codec) << "nobody knows this device's model";
}

TEST_F(RawPayloads, OfASimulationRaiseNothing) {
  use_the_things_stack();
  payload_.insert(1, R"("simulated":true,)");
  const auto decoded = answered(CodecOutcome::data, R"({"state":"alarm"})");
  ASSERT_TRUE(reading_of(decoded, Point::smoke));
  EXPECT_EQ(reading_of(decoded, Point::smoke)->quality, Quality::simulated);
}

TEST(ChirpStack, FiltersOneOrEveryApplication) {
  EXPECT_THAT(driver_of("chirpstack")->filters("application"), ElementsAre("application/+/device/+/event/+"));
  EXPECT_THAT(driver_of("chirpstack")->filters("application/7"), ElementsAre("application/7/device/+/event/+"));
}

// ---- common ----

TEST(Lenient, ReadsNumbersWithUnits) {
  EXPECT_EQ(number_from_text("25 ℃"), 25);
  EXPECT_EQ(number_from_text("100.00"), 100);
  EXPECT_EQ(number_from_text(" -3.5V "), -3.5);
  EXPECT_EQ(number_from_text("+7"), 7);
  EXPECT_EQ(number_from_text("2.4(low battery)"), 2.4);
}

TEST(Lenient, TakesNothingElseForANumber) {
  for (const char* text : {"", " ", "NaN", "nan", "inf", "-inf", "null", "twelve", "2026-11-22", "12:30", "26,69",
                           "1.2.3", "1e999", "0x10", "--5", "-", "."}) {
    EXPECT_EQ(number_from_text(text), std::nullopt) << text;
  }
}

TEST(Lenient, ReadsTruthsButNotDigits) {
  EXPECT_EQ(truth_from_text("ON"), true);
  EXPECT_EQ(truth_from_text("No"), false);
  EXPECT_EQ(truth_from_text("1"), std::nullopt);
  EXPECT_EQ(truth_from_text(""), std::nullopt);
}

TEST(Lenient, ReadsSecondsAndMilliseconds) {
  EXPECT_EQ(instant_from_seconds(1.33), std::nullopt);
  EXPECT_EQ(instant_from_seconds(1661517385.44), Instant{Millis{1661517385440}});
  EXPECT_EQ(instant_from_seconds(1661517385440.0), Instant{Millis{1661517385440}});
  EXPECT_EQ(instant_from_seconds(1e300), std::nullopt);
}

TEST(Topic, SplitsBelowABase) {
  EXPECT_EQ(below_base("a/b/c", "a"), "b/c");
  EXPECT_EQ(below_base("a/b/c", "a/b"), "c");
  EXPECT_EQ(below_base("ab/c", "a"), std::nullopt);
  EXPECT_EQ(below_base("a", "a"), std::nullopt);
  EXPECT_EQ(below_base("a/b", ""), "a/b");
}

TEST(Topic, TakesNoHostileAddress) {
  EXPECT_TRUE(is_address("3号楼/烟感 01"));
  EXPECT_FALSE(is_address(""));
  EXPECT_FALSE(is_address("a\nb"));
  EXPECT_FALSE(is_address("a/+"));
  EXPECT_FALSE(is_address("\xFF\xFE"));
  EXPECT_FALSE(is_address(std::string(300, 'a')));
}

}  // namespace
}  // namespace firegate::test
