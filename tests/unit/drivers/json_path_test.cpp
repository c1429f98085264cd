// Formats that files describe: problems of the files, templates, answers, commands, what is learned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

using json_path::JsonFormat;
using json_path::TextTemplate;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems_of(const std::string& yaml) {
  Problems problems;
  const auto node = settings::parse_yaml(yaml, "formats/mine.yaml", problems);
  if (node) JsonFormat::parse(*node, "mine", problems);
  problems.sort();
  std::vector<std::string> texts;
  for (const auto& problem : problems.list()) texts.push_back(to_text(problem));
  return texts;
}

std::unique_ptr<Driver> format_of_yaml(const std::string& yaml) {
  Problems problems;
  const auto node = settings::parse_yaml(yaml, "mine.yaml", problems);
  auto driver = json_path::make_driver(JsonFormat::parse(*node, "mine", problems));
  for (const auto& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return driver;
}

DecodeResult decode_with(const Driver& driver, std::string_view topic, std::string_view payload,
                         bool retained = false) {
  RawMessage message;
  message.topic = topic;
  message.payload = payload;
  message.retained = retained;
  return driver.decode(message, DecodeContext{driver.default_base(), LinkState{}, models()});
}

// ---- files ----

TEST(JsonFormatFile, ReportsEveryProblemAtOnceWithItsPlace) {
  const auto texts = problems_of(R"(source: mine
base: mine
topics: ["a/#/b", "<dev>/up"]
device: "${topics.dev}"
mesages: []
messages:
  - kind: snap
    fields:
      - {field: s, point: smok, words: {"1": true}}
      - {field: s, point: smoke, words: {"1": yes}}
      - {field: s, point: port_state, words: {"1": busy}}
      - {field: s, value: true, point: smoke}
  - reply: {id: i, result: r, results: {ok: fine}}
commands:
  explode: {topic: "${base}/x", payload: ""}
  cut_off: {topic: "${base}/${message.x}", payload: "", needs: time}
)");
  const std::vector<const char*> expected{
      ":3:10: error[E117]",  ":4:9: error[E110]",   ":5:1: error[E104]",   ":7:11: error[E108]",  ":9:27: error[E110]",
      ":10:47: error[E108]", ":11:52: error[E108]", ":12:27: error[E113]", ":13:12: error[E113]", ":13:45: error[E108]",
      ":15:3: error[E104]",  ":16:20: error[E110]", ":16:64: error[E108]"};
  ASSERT_EQ(texts.size(), expected.size()) << fmt::format("{}", fmt::join(texts, "\n"));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_THAT(texts[i], HasSubstr(expected[i]));
}

TEST(JsonFormatFile, NeedsTopicsDeviceAndMessages) {
  EXPECT_THAT(problems_of("source: x\nbase: y\n"),
              ElementsAre(HasSubstr("topics"), HasSubstr("device"), HasSubstr("messages")));
}

TEST(JsonFormatFile, MayBeAnything) {
  for (const char* yaml : {"[]", "7", "{messages: 7, topics: {}, device: {}, commands: [], recognise: 3}",
                           "{messages: [7, [], {fields: [7], port: [], each: \"*.*.*.*.*\"}]}", "{topics: [[], {}]}"}) {
    EXPECT_FALSE(problems_of(yaml).empty()) << yaml;
  }
}

// ---- templates ----

std::string filled(const char* text, const std::string& value) {
  Problems problems;
  const auto node = settings::parse_yaml(fmt::format("a: '{}'", text), "t.yaml", problems);
  constexpr std::array<std::string_view, 1> kRoots{"x"};
  const auto made = TextTemplate::parse(*node->find("a"), kRoots, problems);
  EXPECT_TRUE(problems.empty());
  return made.as_payload([&](std::string_view) { return std::optional(value); }).value_or("none");
}

TEST(JsonFormatTemplate, KeepsWhatIsFilledInInItsPlace) {
  EXPECT_EQ(filled(R"({"a":"${x}"})", R"(q"\)"), R"({"a":"q\"\\"})");
  EXPECT_EQ(filled(R"({"a":"${x}"})", "\n"), R"({"a":"\u000a"})");
  EXPECT_EQ(filled(R"({"a":${x}})", "7"), R"({"a":7})");
  EXPECT_EQ(filled(R"({"a":${x}})", "-0.5"), R"({"a":-0.5})");
  EXPECT_EQ(filled(R"({"a":${x}})", R"(1},"b":{"c":2)"), R"({"a":"1},\"b\":{\"c\":2"})");
  for (const char* text : {"007", "1.", ".5", "+1", "1.2.3", "-", "nan", ""}) {
    EXPECT_EQ(filled("${x}", text), fmt::format("\"{}\"", text));
  }
}

TEST(JsonFormatTemplate, MakesNoTopicFromHostileValues) {
  const auto driver = format_of_yaml(R"(source: x
base: m
topics: ["#"]
device: "${message.d}"
messages:
  - has: [id]
    answer: {topic: "${base}/${message.id}/down", payload: "ok"}
)");
  EXPECT_EQ(decode_with(*driver, "m/x", R"({"d":"a","id":"7"})")->replies.at(0).topic, "m/7/down");
  for (const char* id : {"a/b", "#", "+", R"(a\u0000b)", "../x"}) {
    EXPECT_TRUE(decode_with(*driver, "m/x", fmt::format(R"({{"d":"a","id":"{}"}})", id))->replies.empty()) << id;
  }
}

// ---- answers, commands ----

TEST(JsonPath, AnswersWhatIsNotKeptByTheBroker) {
  const Driver& alink = *driver_of("alink");
  const char* topic = "/sys/p/d/thing/event/property/post";
  const auto result = decode_with(alink, topic, R"({"id":"12","params":{"temperature":20}})");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->replies.size(), 1u);
  EXPECT_EQ(result->replies[0].topic, "/sys/p/d/thing/event/property/post_reply");
  EXPECT_EQ(result->replies[0].payload, R"({"id":"12","code":200,"data":{}})");
  EXPECT_TRUE(decode_with(alink, topic, R"({"id":"12","params":{"temperature":20}})", true)->replies.empty());
  EXPECT_TRUE(decode_with(alink, topic, R"({"params":{"temperature":20}})")->replies.empty()) << "nobody waits";
}

TEST(JsonPath, StopsAChargeByItsTransaction) {
  Source source("ocpp");
  const Command cut{.id = "c-1", .kind = CommandKind::cut_off, .port = 1};
  EXPECT_EQ(source.encode(cut, "cp-1").error().reason, RefuseReason::not_known_yet);
  ASSERT_TRUE(
      source.decode("ocpp/cp-1/up", R"([2,"m","MeterValues",{"connectorId":1,"transactionId":4711,"meterValue":[]}])"));
  const auto sent = source.encode(cut, "cp-1");
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(sent->messages.at(0).topic, "ocpp/cp-1/down");
  EXPECT_EQ(sent->messages[0].payload, R"([2,"c-1","RemoteStopTransaction",{"transactionId":4711}])");
  EXPECT_FALSE(source.encode({.id = "c-2", .kind = CommandKind::cut_off, .port = 2}, "cp-1")) << "another port";
  EXPECT_EQ(source.encode({.id = "c-3", .kind = CommandKind::cut_off}, "cp-1").error().reason, RefuseReason::bad_port);
}

TEST(JsonPath, HoldsNoDoorWithoutAnEnd) {
  Source source("lift_relay");
  EXPECT_FALSE(source.encode({.id = "c", .kind = CommandKind::hold_door}, "r1"));
  const auto held =
      source.encode({.id = "c", .kind = CommandKind::hold_door, .until = Instant{Millis{1'767'600'000'000}}}, "r1");
  ASSERT_TRUE(held);
  EXPECT_EQ(held->messages.at(0).topic, "lift-relay/r1/down");
  EXPECT_EQ(held->messages[0].payload, R"({"id":"c","command":"hold_door","until":"2026-01-05T08:00:00.000Z"})");
  const auto released = source.encode({.id = "d", .kind = CommandKind::release_door}, "r1");
  ASSERT_TRUE(released);
  EXPECT_EQ(released->messages.at(0).payload, R"({"id":"d","command":"release_door"})");
}

TEST(JsonPath, CutsACellOfACabinet) {
  Source source("swap_cabinet");
  const auto sent = source.encode({.id = "c", .kind = CommandKind::cut_off, .port = 3}, "cab");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->messages.at(0).payload, R"({"id":"c","command":"cut_off","cell":3})");
  EXPECT_FALSE(source.encode({.id = "c", .kind = CommandKind::sound}, "cab"));
}

TEST(JsonPath, GivesTheReasonOfARefusal) {
  Source source("lift_relay");
  const auto result = source.decode("lift-relay/r1/up", R"({"reply":{"id":"c","result":"no","reason":"fire recall"}})");
  EXPECT_EQ(result->messages.at(0).reply->reason, "fire recall");
  const auto bare = source.decode("lift-relay/r1/up", R"({"reply":{"id":"c","result":"no"}})");
  EXPECT_EQ(bare->messages.at(0).reply->reason, "the device says no");
}

// ---- the example of drivers/README.md ----

std::string example_of_the_readme() {
  std::string yaml;
  bool inside = false, of_ours = false;
  for (const auto& line : lines_of(tree() / "drivers/README.md")) {
    of_ours = of_ours || line.starts_with("## Add a format of JSON messages");
    if (of_ours && inside && line == "```") return yaml;
    if (inside) yaml += line + "\n";
    inside = inside || (of_ours && line == "```yaml");
  }
  return yaml;
}

TEST(JsonPath, TheExampleOfTheReadmeWorks) {
  const auto driver = format_of_yaml(example_of_the_readme());
  const auto result = decode_with(*driver, "acme/north",
                                  R"({"sn":"A17","t":1703123456,"alarm":1,"outlets":[{"n":1,"w":85.5,"st":2}]})");
  EXPECT_EQ(text_of(result), "[delta A17: smoke=true power_w/1=85.5 port_state/1=charging]");
  const auto sent =
      driver->encode({.id = "c", .kind = CommandKind::cut_off, .port = 1}, "A17", {"acme", LinkState{}, Instant{}});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->messages.at(0).topic, "acme/A17/cmd");
  EXPECT_EQ(sent->messages[0].payload, R"({"id":"c","off":1})");
}

// ---- what is read ----

TEST(JsonPath, TakesTheTimeOfTheMessage) {
  const auto zinx =
      decode_with(*driver_of("iot_zinx"), "iot-zinx/x",
                  R"({"event_id":"e","event_type":"device_online","device_id":"04A228CD","timestamp":1703123400})");
  EXPECT_EQ(to_text(*zinx->messages.at(0).measured_at), "2023-12-21T01:50:00.000Z");
  const auto bird = decode_with(
      *driver_of("xinhaosi"), "xinhaosi/x",
      R"({"data":{"physicalNumber":"1","currentEvents":[{"time":1564994994000}],"currentStatus":[{"category":1}]}})");
  EXPECT_EQ(to_text(*bird->messages.at(0).measured_at), "2019-08-05T08:49:54.000Z");
}

TEST(JsonPath, MarksTestsAndRecordsOfThePast) {
  const auto driver = format_of_yaml(R"(source: x
base: m
topics: ["<d>"]
device: "${topic.d}"
simulated: {when: {mode: drill}}
historical: {has: [log]}
messages: [{fields: [{field: smoke, point: smoke}]}]
)");
  const auto quality = [&](const char* payload) {
    return decode_with(*driver, "m/a", payload)->messages.at(0).readings.at(0).quality;
  };
  EXPECT_EQ(quality(R"({"smoke":true})"), Quality::good);
  EXPECT_EQ(quality(R"({"smoke":true,"mode":"drill"})"), Quality::simulated);
  EXPECT_EQ(quality(R"({"smoke":true,"log":1})"), Quality::historical);
}

TEST(JsonPath, RecognisesBaseAndContent) {
  constexpr const char* kOnline = R"({"event_id":"e","event_type":"device_online","device_id":"04A228CD"})";
  EXPECT_EQ(driver_of("iot_zinx")->recognise("iot-zinx/a", kOnline), "iot-zinx");
  EXPECT_EQ(driver_of("iot_zinx")->recognise("bridge/http", kOnline), "");
  EXPECT_EQ(driver_of("iot_zinx")->recognise("bridge/http", "{}"), std::nullopt);
  EXPECT_EQ(driver_of("alink")->recognise("/sys/p/d/thing/event/property/post", "{}"), "/sys");
  EXPECT_EQ(driver_of("alink")->recognise("/topic/sys/p/d/thing/event/alarm/post", "{}"), "/topic/sys");
  EXPECT_EQ(driver_of("ocpp")->recognise("site/ocpp/cp/up", "[]"), "site/ocpp");
  EXPECT_EQ(driver_of("ocpp")->recognise("xocpp/cp/up", "[]"), std::nullopt);
  EXPECT_THAT(driver_of("ocpp")->filters("ocpp"), ElementsAre("ocpp/+/up", "ocpp/+/down"));
  EXPECT_THAT(driver_of("alink")->filters("/sys"), testing::Contains("/sys/+/+/thing/event/+/post"));
}

TEST(JsonPath, ReadsNoMoreThanALimitedMessage) {
  std::string many = R"({"cells":[)";
  for (int i = 0; i < 2000; ++i) many += fmt::format(R"({}{{"no":{},"smoke":true}})", i ? "," : "", i);
  many += "]}";
  Source source("swap_cabinet");
  const auto result = source.decode("swap-cabinet/c/status", many);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, RejectReason::too_deep);
}

}  // namespace
}  // namespace firegate::test
