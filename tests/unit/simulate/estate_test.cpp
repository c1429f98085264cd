#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "tests/unit/simulate/estate_support.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
using testing::about;
using testing::demo_estate;
using testing::demo_rows;
using testing::kNoon;
using testing::live;
using testing::Said;

std::string everything(const std::vector<Said>& said) {
  std::string text;
  for (const Said& one : said) {
    text += fmt::format("{} {} {} {} {} {}\n", one.at.count(), one.what.topic, one.what.payload, one.what.qos,
                        one.what.retain, one.what.will);
  }
  return text;
}

// What an alarm, a fault or a lost device looks like in any of the formats.
constexpr std::array kTrouble{"\"smoke\":true",
                              "\"heat\":true",
                              "\"gas\":true",
                              "\"co\":true",
                              "\"carbon_monoxide\":true",
                              "\"sos\":true",
                              "\"manual_call\":true",
                              "\"water_leak\":true",
                              "\"event\":\"alarm\"",
                              "\"event\":\"low battery\"",
                              "\"gas_status\":\"alarm\"",
                              "\"leakage_status\":\"leak\"",
                              "\"alarm\":true",
                              "\"battery_low\":true",
                              "\"fault\":true",
                              "\"tamper\":true",
                              "\"relay_stuck\":true",
                              "\"fuse_blown\":true",
                              "\"ebike_detected\":true",
                              "\"person_trapped\":true",
                              "\"arc_fault\":true",
                              "\"over_current\":true",
                              "\"mains_fail\":true",
                              "\"state\":\"offline\"",
                              "\"locked_out\""};

TEST(Estate, IsTheSameFromTheSameSeed) {
  Estate a = demo_estate("demo", 7), b = demo_estate("demo", 7);
  EXPECT_EQ(everything(live(a, 10min)), everything(live(b, 10min)));
}

TEST(Estate, IsAnotherFromAnotherSeed) {
  Estate a = demo_estate("quiet", 7), b = demo_estate("quiet", 8);
  EXPECT_NE(everything(live(a, 2min)), everything(live(b, 2min)));
}

TEST(Estate, SaysTheSameHoweverOftenItIsAsked) {
  Estate often = demo_estate("demo"), seldom = demo_estate("demo");
  const auto a = live(often, 5min, 100ms), b = live(seldom, 5min, 30s);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].what.topic, b[i].what.topic);
    EXPECT_EQ(a[i].what.payload, b[i].what.payload);
  }
}

TEST(Estate, IsQuietForADay) {
  Estate estate = demo_estate("quiet");
  for (const Said& one : live(estate, 24h, 10s)) {
    for (const std::string_view trouble : kTrouble) {
      ASSERT_EQ(one.what.payload.find(trouble), std::string::npos) << one.what.topic << " " << one.what.payload;
    }
    ASSERT_FALSE(one.what.will) << one.what.topic;
  }
}

TEST(Estate, StaysWithinTheLimitsOnAQuietDay) {
  Estate estate = demo_estate("quiet");
  for (const Said& one : live(estate, 24h, 10s)) {
    if (one.what.topic.find("charger") == std::string::npos || !one.what.topic.ends_with("/up")) continue;
    const auto ports = boost::json::parse(one.what.payload).at("ports").as_object();
    for (const auto& [number, port] : ports) {
      ASSERT_LT(port.at("port_temperature_c").to_number<double>(), 60.0) << one.what.payload;
      ASSERT_LT(port.at("power_w").to_number<double>(), 700.0) << one.what.payload;
      ASSERT_LT(port.at("charge_s").to_number<double>(), 8 * 3600.0) << one.what.payload;
    }
  }
}

TEST(Estate, EveryDeviceIsHeardWithinHalfAMinute) {
  Estate estate = demo_estate("quiet");
  const auto said = live(estate, 30s);
  for (const DeviceRow& row : demo_rows()) {
    EXPECT_FALSE(about(said, row.address, "").empty()) << row.id;
  }
}

TEST(Estate, SaysJsonOrThePlainWordsOfItsFormat) {
  Estate estate = demo_estate("demo");
  const std::set<std::string> words{"true", "false", "Online", "Offline", "ON",     "OFF",
                                    "on",   "off",   "none",   "heavy",   "normal", "completed"};
  for (const Said& one : live(estate, 12min)) {
    boost::system::error_code error;
    boost::json::parse(one.what.payload, error);  // plain numbers are JSON too
    EXPECT_TRUE(!error || words.contains(one.what.payload)) << one.what.topic << " " << one.what.payload;
    EXPECT_TRUE(one.what.qos == 0 || one.what.qos == 1);
    EXPECT_EQ(one.what.topic.find_first_of("+#"), std::string::npos) << one.what.topic;
  }
}

TEST(Estate, RetainsOnlyStatesAboutConnections) {
  Estate estate = demo_estate("demo");
  for (const Said& one : live(estate, 12min)) {
    const std::string& topic = one.what.topic;
    const bool keeps = topic.ends_with("/online") || topic.ends_with("/LWT") || topic.ends_with("/availability") ||
                       topic.starts_with("zigbee2mqtt/bridge/");
    EXPECT_TRUE(!one.what.retain || keeps) << topic;
  }
}

TEST(Estate, NumbersNativeMessagesWithoutGaps) {
  Estate estate = demo_estate("quiet");
  std::int64_t expected = 0;
  for (const Said& one : about(live(estate, 1h), "/b2-lift-1/up", "")) {
    EXPECT_EQ(boost::json::parse(one.what.payload).at("seq").as_int64(), ++expected);
  }
  EXPECT_GT(expected, 50);
}

TEST(Estate, ShowsWhatItsZigbeeModelsExpose) {
  Estate estate = demo_estate("quiet");
  const auto said = about(live(estate, 0s), "zigbee2mqtt/bridge/devices", "");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said.front().what.retain);
  std::set<std::string> names;
  bool contact_is_inverse = false;
  const auto list = boost::json::parse(said.front().what.payload);
  for (const auto& device : list.as_array()) {
    names.emplace(device.at("friendly_name").as_string());
    if (device.at("definition").is_null()) continue;
    for (const auto& expose : device.at("definition").at("exposes").as_array()) {
      const auto* property = expose.as_object().if_contains("property");
      if (property && property->as_string() == "contact") contact_is_inverse = !expose.at("value_on").as_bool();
    }
  }
  EXPECT_TRUE(contact_is_inverse);
  for (const DeviceRow& row : demo_rows()) {
    if (row.format != "zigbee2mqtt") continue;
    EXPECT_TRUE(names.contains(row.address)) << row.address;
  }
}

TEST(Estate, PutsTheBridgeBeforeItsDevices) {
  Estate estate = demo_estate("quiet");
  const auto said = about(live(estate, 0s), "zigbee2mqtt/", "");
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said.front().what.topic, "zigbee2mqtt/bridge/state");
}

TEST(Estate, SendsLorawanBytesThatMakeTheObject) {
  Estate estate = demo_estate("kitchen_smoke");
  const auto said = about(live(estate, 1min), "24e124136d410001/event/up", "");
  ASSERT_FALSE(said.empty());
  const auto message = boost::json::parse(said.front().what.payload);
  const auto pressure = message.at("object").at("pressure").to_number<int>();
  const auto battery = message.at("object").at("battery").to_number<int>();
  // 01 75 battery, 03 7b pressure (little endian): "AXV.." in base64
  EXPECT_TRUE(message.at("data").as_string().starts_with("AXV")) << message.at("data");
  EXPECT_GT(pressure, 200);
  EXPECT_GT(battery, 50);
  EXPECT_EQ(message.at("fPort").as_int64(), 85);
}

TEST(Estate, HasDevicesThatNobodyHasEntered) {
  Estate estate = demo_estate("quiet");
  const auto said = live(estate, 1min);
  EXPECT_FALSE(about(said, "/smoke-0f3a/up", "").empty());
  EXPECT_FALSE(about(said, "0x00158d0004a1b2c3", "").empty());
  EXPECT_EQ(estate.rows().size(), demo_rows().size() + 3);
}

TEST(Estate, SaysAllBirthsAgainWhenALinkReturns) {
  Estate estate = demo_estate("quiet");
  live(estate, 1min);
  for (LinkNo link = 0; link < estate.links().size(); ++link) {
    const auto births = estate.births(link, kNoon + 1min);
    const bool tells = estate.links()[link].will.has_value();
    ASSERT_EQ(births.empty(), !tells) << estate.links()[link].name;
    if (tells) {
      EXPECT_EQ(births.front().topic, estate.links()[link].will->topic);
      EXPECT_TRUE(births.front().retain);
      EXPECT_NE(births.front().payload, estate.links()[link].will->payload);
    }
  }
}

TEST(Estate, RunsFasterWithTimesThatStayTrue) {
  EstateOptions options;
  options.scenario = "kitchen_smoke";
  options.speed = 10;
  auto estate = Estate::from(demo_rows(), options);
  ASSERT_TRUE(estate);
  const auto said = live(*estate, 4s, 100ms);
  const auto alarm = about(said, "301 厨房烟感", "\"smoke\":true");
  ASSERT_FALSE(alarm.empty());
  EXPECT_EQ(alarm.front().at, 3s);
  EXPECT_NE(alarm.front().what.payload.find(to_text(kNoon + 3s)), std::string::npos) << alarm.front().what.payload;
}

TEST(Estate, KnowsWhenItIsNextDue) {
  Estate estate = demo_estate("demo");
  estate.tick(kNoon);
  for (int i = 0; i < 200; ++i) {
    const Instant due = estate.next_due();
    estate.tick(due - 1ms);
    ASSERT_EQ(estate.next_due(), due);
    estate.tick(due);
    ASSERT_GT(estate.next_due(), due);
  }
}

TEST(Estate, RefusesWhatItCannotDo) {
  EstateOptions options;
  options.scenario = "earthquake";
  auto unknown = Estate::from(demo_rows(), options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "there is no scenario \"earthquake\"");

  options.scenario = "ebike_into_lift";
  const auto no_lift = parse_devices("id,kind,format,address,estate,building\na,smoke_detector,native,a,e,b\n", "f");
  auto lacking = Estate::from(*no_lift, options);
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().message, "scenario ebike_into_lift needs an elevator controller, the estate has none");

  options.scenario = "quiet";
  const auto foreign = parse_devices("id,kind,format,address,estate,building\na,smoke_detector,modbus,a,e,b\n", "f");
  EXPECT_FALSE(Estate::from(*foreign, options));
  options.speed = 0;
  EXPECT_FALSE(Estate::from(demo_rows(), options));
}

}  // namespace
}  // namespace firegate::simulate
