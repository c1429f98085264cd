// Commands in the words of native, Zigbee2MQTT, Shelly, Tasmota, Home Assistant and Sparkplug devices, and their
// answers.
#include <gtest/gtest.h>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

using test::text_of;  // of what was decoded

Command command_of(CommandKind kind, Port port = kNoPort) {
  Command command;
  command.id = "c-1";
  command.kind = kind;
  command.port = port;
  return command;
}

// "topic payload" of each message; or why there is none.
std::string text_of(const EncodeResult& result) {
  if (!result) return fmt::format("{}: {}", label(result.error().reason), result.error().detail);
  std::string text;
  for (const Outgoing& one : result->messages) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", one.topic, one.payload);
    EXPECT_FALSE(one.retain) << "a kept command would be obeyed again";
  }
  return text;
}
std::string sent(Source& source, CommandKind kind, std::string_view address, Port port = kNoPort) {
  return text_of(source.encode(command_of(kind, port), address));
}
RefuseReason refusal(Source& source, CommandKind kind, std::string_view address, Port port = kNoPort) {
  const auto result = source.encode(command_of(kind, port), address);
  EXPECT_FALSE(result) << text_of(result);
  return result ? RefuseReason::not_supported : result.error().reason;
}

TEST(NativeCommands, GoToTheEstateThatTheDeviceSpeaksFrom) {
  Source source("native");
  EXPECT_EQ(refusal(source, CommandKind::cut_off, "d1", 3), RefuseReason::not_known_yet);
  source.decode("fg/v1/east/d1/up", R"({"readings":{"smoke":false}})");
  EXPECT_EQ(sent(source, CommandKind::cut_off, "d1", 3),
            R"(fg/v1/east/d1/down {"id":"c-1","command":"cut_off","port":3})");
  EXPECT_EQ(sent(source, CommandKind::sound, "d1"), R"(fg/v1/east/d1/down {"id":"c-1","command":"sound"})");
}

TEST(NativeCommands, SayWhenTheyEnd) {
  Source source("native");
  source.decode("fg/v1/east/d1/online", "true");
  Command command = command_of(CommandKind::hold_door);
  command.until = Instant{Millis{1'767'600'060'000}};
  EXPECT_EQ(text_of(source.encode(command, "d1")),
            R"(fg/v1/east/d1/down {"id":"c-1","command":"hold_door","until":"2026-01-05T08:01:00.000Z"})");
}

TEST(NativeCommands, AreAnsweredByTheirId) {
  Source source("native");
  EXPECT_EQ(text_of(source.decode("fg/v1/east/d1/up", R"({"reply":{"id":"c-1","result":"done"}})")),
            "[reply d1: reply c-1 done ]");
}

TEST(NativeCommands, FollowADeviceThatMoves) {
  Source source("native");
  source.decode("fg/v1/east/d1/online", "true");
  source.decode("fg/v1/west/d1/online", "true");
  EXPECT_EQ(sent(source, CommandKind::query, "d1"), R"(fg/v1/west/d1/down {"id":"c-1","command":"query"})");
}

TEST(Zigbee2MqttCommands, UseTheSwitchThatTheBridgeLists) {
  Source source("zigbee2mqtt");
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "plug"), RefuseReason::not_known_yet);
  source.decode("zigbee2mqtt/bridge/devices",
                R"([{"friendly_name":"plug","definition":{"exposes":[{"type":"switch","features":[)"
                R"({"type":"binary","property":"state","value_on":"ON","value_off":"OFF","access":7}]}]}},)"
                R"({"friendly_name":"a/two","definition":{"exposes":[{"type":"switch","features":[)"
                R"({"type":"binary","property":"state_l1","value_on":"ON","value_off":"OFF","access":7}]},)"
                R"({"type":"switch","features":[)"
                R"({"type":"binary","property":"state_l2","value_on":"ON","value_off":"OFF","access":7}]}]}},)"
                R"({"friendly_name":"lock","definition":{"exposes":[)"
                R"({"type":"binary","property":"state","value_on":"LOCK","value_off":"UNLOCK","access":7}]}},)"
                R"({"friendly_name":"smoke","definition":{"exposes":[)"
                R"({"type":"binary","property":"smoke","value_on":true,"value_off":false,"access":1}]}}])");
  EXPECT_EQ(sent(source, CommandKind::switch_off, "plug"), R"(zigbee2mqtt/plug/set {"state":"OFF"})");
  EXPECT_EQ(sent(source, CommandKind::switch_on, "plug"), R"(zigbee2mqtt/plug/set {"state":"ON"})");
  EXPECT_EQ(sent(source, CommandKind::cut_off, "a/two", 2), R"(zigbee2mqtt/a/two/set {"state_l2":"OFF"})");
  EXPECT_EQ(sent(source, CommandKind::query, "plug"), R"(zigbee2mqtt/plug/get {"state":""})");
  EXPECT_EQ(refusal(source, CommandKind::cut_off, "a/two"), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::cut_off, "a/two", 3), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::switch_on, "smoke"), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::switch_on, "lock"), RefuseReason::not_supported);
  EXPECT_EQ(refusal(source, CommandKind::hold_door, "plug"), RefuseReason::not_supported);
}

TEST(ShellyCommands, OfTheSecondGenerationAreAnsweredByTheirId) {
  Source source("shelly");
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "shellyplus1-a"), RefuseReason::not_known_yet);
  source.decode("shellyplus1-a/status/switch:0", R"({"id":0,"output":true})");
  EXPECT_EQ(
      sent(source, CommandKind::switch_off, "shellyplus1-a", 1),
      R"(shellyplus1-a/rpc {"id":"c-1","src":"firegate/shellyplus1-a","method":"Switch.Set","params":{"id":1,"on":false}})");
  EXPECT_EQ(sent(source, CommandKind::silence_device, "shellyplus1-a"),
            R"(shellyplus1-a/rpc {"id":"c-1","src":"firegate/shellyplus1-a","method":"Smoke.Mute","params":{"id":0}})");
  EXPECT_EQ(text_of(source.decode("firegate/shellyplus1-a/rpc",
                                  R"({"id":"c-1","src":"shellyplus1-a","result":{"was_on":true}})")),
            "[reply shellyplus1-a: reply c-1 done ]");
  EXPECT_EQ(
      text_of(source.decode("firegate/shellyplus1-a/rpc",
                            R"({"id":"c-1","src":"shellyplus1-a","error":{"code":-105,"message":"no such switch"}})")),
      "[reply shellyplus1-a: reply c-1 failed no such switch]");
}

TEST(ShellyCommands, AQueryIsAnsweredWithTheStateAndIsDone) {
  Source source("shelly");
  source.decode("shellyplus1-a/status/switch:0", R"({"id":0,"output":true})");
  EXPECT_EQ(sent(source, CommandKind::query, "shellyplus1-a"),
            R"(shellyplus1-a/rpc {"id":"c-1","src":"firegate/shellyplus1-a","method":"Shelly.GetStatus"})");
  EXPECT_EQ(text_of(source.decode("firegate/shellyplus1-a/rpc",
                                  R"({"id":"c-1","result":{"smoke:0":{"id":0,"alarm":false}}})")),
            "[snapshot shellyplus1-a: smoke=false][reply shellyplus1-a: reply c-1 done ]");
  EXPECT_EQ(
      text_of(source.decode("firegate/shellyplus1-a/rpc", R"({"id":1,"result":{"smoke:0":{"id":0,"alarm":false}}})")),
      "[snapshot shellyplus1-a: smoke=false]")
      << "our own question at the start is nobody's command";
}

TEST(ShellyCommands, OfTheFirstGenerationGoToTheRelay) {
  Source source("shelly");
  source.decode("shellies/shelly1-b/relay/0", "on");
  EXPECT_EQ(sent(source, CommandKind::switch_off, "shelly1-b"), "shellies/shelly1-b/relay/0/command off");
  EXPECT_EQ(sent(source, CommandKind::switch_on, "shelly1-b", 1), "shellies/shelly1-b/relay/1/command on");
  EXPECT_EQ(sent(source, CommandKind::query, "shelly1-b"), "shellies/shelly1-b/command update");
  EXPECT_EQ(refusal(source, CommandKind::silence_device, "shelly1-b"), RefuseReason::not_supported);
}

TEST(ShellyCommands, GoToThePrefixThatTheDeviceUses) {
  Source source("shelly");
  source.decode("shellies/shellies/em3/relay/0", "on");
  EXPECT_EQ(sent(source, CommandKind::switch_off, "em3"), "shellies/shellies/em3/relay/0/command off");
  Source below = Source::at("shelly", "east/hall");
  below.decode("east/hall/plus-c/events/rpc",
               R"({"src":"c","method":"NotifyStatus","params":{"ts":1700000000,"switch:0":{"output":true}}})");
  EXPECT_EQ(
      sent(below, CommandKind::switch_off, "plus-c"),
      R"(east/hall/plus-c/rpc {"id":"c-1","src":"firegate/east/hall/plus-c","method":"Switch.Set","params":{"id":0,"on":false}})");
}

TEST(TasmotaCommands, AreBuiltAsTheTopicsOfTheDevice) {
  Source source("tasmota");
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "plug"), RefuseReason::not_known_yet);
  source.decode("tele/plug/LWT", "Online");
  source.decode("fan/tele/STATE", R"({"POWER":"ON"})");
  source.decode("iot/tele/far/STATE", R"({"POWER":"ON"})");
  EXPECT_EQ(sent(source, CommandKind::switch_off, "plug"), "cmnd/plug/POWER OFF");
  EXPECT_EQ(sent(source, CommandKind::switch_on, "plug", 2), "cmnd/plug/POWER2 ON");
  EXPECT_EQ(sent(source, CommandKind::cut_off, "fan"), "fan/cmnd/POWER OFF");
  EXPECT_EQ(sent(source, CommandKind::cut_off, "far"), "iot/cmnd/far/POWER OFF");
  EXPECT_EQ(sent(source, CommandKind::query, "plug"), "cmnd/plug/STATUS 8; cmnd/plug/STATUS 11");
  EXPECT_EQ(refusal(source, CommandKind::switch_on, "plug", 0), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::recall, "plug"), RefuseReason::not_supported);
}

TEST(HaDiscoveryCommands, AreTheWordsThatWereAnnounced) {
  Source source("ha_discovery");
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "plug"), RefuseReason::not_known_yet);
  source.decode("homeassistant/switch/plug/relay/config",
                R"({"stat_t":"p","cmd_t":"p/set","pl_on":"1","pl_off":"0","dev":{"ids":["plug"]}})");
  EXPECT_EQ(sent(source, CommandKind::switch_off, "plug"), "p/set 0");
  EXPECT_EQ(sent(source, CommandKind::switch_on, "plug"), "p/set 1");
  EXPECT_EQ(refusal(source, CommandKind::switch_on, "plug", 2), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::sound, "plug"), RefuseReason::not_supported);
}

TEST(HaDiscoveryCommands, GoToTheSwitchOfThePort) {
  Source source("ha_discovery");
  for (const char* name : {"a", "b"}) {
    source.decode(fmt::format("homeassistant/switch/plug/relay_{}/config", name),
                  fmt::format(R"({{"stat_t":"p/{0}","cmd_t":"p/{0}/set","dev":{{"ids":["plug"]}}}})", name));
  }
  EXPECT_EQ(sent(source, CommandKind::switch_off, "plug", 2), "p/b/set OFF");
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "plug"), RefuseReason::bad_port);
  EXPECT_EQ(refusal(source, CommandKind::switch_off, "plug", 3), RefuseReason::bad_port);
}

}  // namespace
}  // namespace firegate::test
