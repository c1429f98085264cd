// Every scenario gives its sign at the stated time, and not before.
#include <gtest/gtest.h>

#include "tests/unit/simulate/estate_support.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
using testing::about;
using testing::demo_estate;
using testing::live;
using testing::Said;

std::vector<Said> run(std::string scenario, Millis length) {
  Estate estate = demo_estate(std::move(scenario));
  return live(estate, length, 50ms);
}

// The first message on a topic with both parts comes at `at`.
void expect_first(const std::vector<Said>& said, std::string_view topic, std::string_view payload, Millis at) {
  const auto found = about(said, topic, payload);
  ASSERT_FALSE(found.empty()) << topic << " " << payload;
  EXPECT_EQ(found.front().at, at) << found.front().what.payload;
}

void expect_at_stated_time(std::string_view scenario, std::string_view topic, std::string_view payload) {
  const auto info = std::ranges::find(scenarios(), scenario, &ScenarioInfo::name);
  ASSERT_NE(info, scenarios().end());
  expect_first(run(std::string(scenario), info->first_sign + 1s), topic, payload, info->first_sign);
}

TEST(Scenario, DemoRaisesAKitchenFire) { expect_at_stated_time("demo", "301 厨房烟感", "\"smoke\":true"); }
TEST(Scenario, KitchenSmoke) { expect_at_stated_time("kitchen_smoke", "301 厨房烟感", "\"smoke\":true"); }
TEST(Scenario, GarageFireBeginsWithAWarmPort) {
  expect_at_stated_time("ebike_garage_fire", "shed-a-charger-1/up", "\"port_temperature_c\":46,");
}
TEST(Scenario, EbikeIntoLift) { expect_at_stated_time("ebike_into_lift", "b2-lift-1/up", "\"ebike_detected\":true"); }
TEST(Scenario, DetectorLost) { expect_at_stated_time("detector_lost", "b1-f3-smoke-e/online", "false"); }
TEST(Scenario, LowBattery) { expect_at_stated_time("low_battery", "24e124136d110001", "\"event\":\"low battery\""); }
TEST(Scenario, UnmappedSmoke) { expect_at_stated_time("unmapped_smoke", "smoke-0f3a/up", "\"smoke\":true"); }
TEST(Scenario, BrokerRestart) { expect_at_stated_time("broker_restart", "zigbee2mqtt/bridge/state", "offline"); }
TEST(Scenario, AlarmStorm) { expect_at_stated_time("alarm_storm", "24e124136d110001", "\"event\":\"alarm\""); }

TEST(Scenario, NuisanceIsAYearInWhichMuchHappensAndNothingBurns) {
  const auto said = about(run("nuisance", 60min), "b1-f3-smoke-e/up", "smoke_obscuration_db_m");
  ASSERT_GE(said.size(), 350u) << "each 10 s";
  double coolest = 100, warmest = -100;
  for (const Said& one : said) {
    EXPECT_EQ(one.what.payload.find("\"smoke\":true"), std::string::npos) << one.what.payload;
    const auto at = one.what.payload.find("\"temperature_c\":");
    ASSERT_NE(at, std::string::npos) << one.what.payload;
    const double temperature = std::strtod(one.what.payload.c_str() + at + 16, nullptr);
    coolest = std::min(coolest, temperature);
    warmest = std::max(warmest, temperature);
  }
  EXPECT_GT(warmest - coolest, 2) << "an hour with its quiet parts cut has an event";
}

TEST(Scenario, KitchenSmokeClearsAgain) {
  const auto said = about(run("kitchen_smoke", 2min), "301 厨房烟感", "");
  const auto clear = std::ranges::find_if(said, [](const Said& one) { return one.at >= 105s; });
  ASSERT_NE(clear, said.end());
  EXPECT_EQ(clear->at, 105s);
  EXPECT_NE(clear->what.payload.find("\"smoke\":false"), std::string::npos);
}

TEST(Scenario, GarageFireGrowsStepByStep) {
  const auto said = run("ebike_garage_fire", 4min);
  expect_first(said, "shed-a-charger-1/up", "\"port_temperature_c\":69,", 50s);
  expect_first(said, "shed-a-charger-1/up", "\"port_temperature_c\":84.5,", 65s);
  expect_first(said, "shed-a-smoke-1/up", "\"smoke\":true", 70s);
  expect_first(said, "shed-a-charger-1/up", "\"stop_reason\":\"smoke\"", 75s);
  expect_first(said, "24e124136d110004/event/up", "\"event\":\"alarm\"", 85s);
  expect_first(said, "shed-a-call/up", "\"manual_call\":true", 95s);
}

TEST(Scenario, EbikeLeavesTheLift) {
  const auto said = about(run("ebike_into_lift", 2min), "b2-lift-1/up", "");
  for (const Said& one : said) {
    const bool inside = one.at >= 30s && one.at < 90s;
    EXPECT_EQ(one.what.payload.find("\"ebike_detected\":true") != std::string::npos, inside) << one.at.count();
    EXPECT_EQ(one.what.payload.find("\"door_held\":true") != std::string::npos, inside) << one.at.count();
  }
}

TEST(Scenario, LostDetectorSaysNothingUntilItReturns) {
  const auto said = about(run("detector_lost", 4min), "b1-f3-smoke-e/", "");
  std::vector<Said> dark;
  std::ranges::copy_if(said, std::back_inserter(dark), [](const Said& one) { return one.at >= 30s && one.at < 210s; });
  ASSERT_EQ(dark.size(), 1u);
  EXPECT_TRUE(dark.front().what.will);
  const auto back = std::ranges::find_if(said, [](const Said& one) { return one.at >= 210s; });
  ASSERT_NE(back, said.end());
  EXPECT_EQ(back->at, 210s);
  EXPECT_EQ(back->what.payload, "true");
}

TEST(Scenario, ZigbeeDetectorIsMissedByItsBridge) {
  auto rows = parse_devices("id,kind,format,address,estate,building\nz,smoke_detector,zigbee2mqtt,hall,e,b\n", "f");
  EstateOptions options;
  options.scenario = "detector_lost";
  auto estate = Estate::from(*rows, options);
  ASSERT_TRUE(estate);
  expect_first(live(*estate, 3min), "zigbee2mqtt/hall/availability", "offline", 90s);
}

TEST(Scenario, BrokerRestartEndsWithAllBirths) {
  const auto said = run("broker_restart", 1min);
  std::size_t silent = 0, wills = 0, births = 0;
  for (const Said& one : said) {
    if (one.what.will) ++wills;
    if (one.at > 30s && one.at < 45s) ++silent;
    const bool tells_presence =
        one.what.retain && (one.what.topic.ends_with("/online") || one.what.topic.ends_with("/LWT"));
    if (one.at == 45s && tells_presence && one.what.payload != "false") ++births;
  }
  EXPECT_EQ(silent, 0u);
  EXPECT_EQ(births + 1, wills);  // one more will: the Zigbee bridge's, which is neither online nor LWT
  expect_first(about(said, "zigbee2mqtt/bridge/state", "online"), "bridge/state", "online", 0s);
  EXPECT_EQ(about(said, "zigbee2mqtt/bridge/devices", "").size(), 2u);
}

TEST(Scenario, AlarmStormIsBounded) {
  const auto said = run("alarm_storm", 4min);
  std::size_t raised = 0;
  for (const Said& one : said) {
    const bool alarm = one.what.payload.find("\"smoke\":true") != std::string::npos ||
                       one.what.payload.find("\"heat\":true") != std::string::npos ||
                       one.what.payload.find("\"event\":\"alarm\"") != std::string::npos;
    raised += alarm && one.at < 41s;
    EXPECT_FALSE(alarm && one.at > 151s) << one.what.topic;  // all is over after two minutes
  }
  EXPECT_GE(raised, 30u);
  EXPECT_LE(raised, static_cast<std::size_t>(kStormChanges) * 2);  // Zigbee devices repeat themselves once
}

TEST(Scenario, DemoComesRound) {
  const auto said = about(run("demo", 11min), "301 厨房烟感", "\"smoke\":true");
  const bool again = std::ranges::any_of(said, [](const Said& one) { return one.at == 10min + 30s; });
  EXPECT_TRUE(again);
}

TEST(Scenario, WaitsForTheStartDelay) {
  EstateOptions options;
  options.scenario = "kitchen_smoke";
  options.start_delay = 20s;
  auto estate = Estate::from(testing::demo_rows(), options);
  ASSERT_TRUE(estate);
  expect_first(live(*estate, 1min), "301 厨房烟感", "\"smoke\":true", 50s);
}

}  // namespace
}  // namespace firegate::simulate
