#include "registry/unmapped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::registry {
namespace {

using testing::ElementsAre;

class UnmappedTest : public testing::Test {
 protected:
  DevicePtr hear(const std::string& address, Point point, Value value, std::string_view source = "native") {
    DeviceMessage message;
    message.address = address;
    message.readings = {{point, kNoPort, Quality::good, std::move(value)}};
    now_ += Millis{1};
    return tray_.heard(source, "native", message, {.topic = "t/x", .payload = payload_, .arrived_at = now_});
  }

  metrics::Metrics metrics_;
  UnmappedTray tray_{metrics_, 3};
  Instant now_{Millis{1'000'000}};
  std::string payload_ = "{}";
};

TEST_F(UnmappedTest, GivesAnUnknownDeviceAnIdAndAPseudoBuilding) {
  const auto device = hear("x1", Point::temperature_c, 21.0);
  EXPECT_EQ(device->id, "?native/x1");
  EXPECT_FALSE(device->mapped);
  EXPECT_EQ(device->place->building.id, "unmapped:native");
  EXPECT_EQ(building_key(*device->place), "unmapped:native");
  EXPECT_NE(device->no & kUnmappedBit, 0u);
  EXPECT_EQ(device->kind, DeviceKind::environment_sensor);
}

TEST_F(UnmappedTest, TheSameDeviceStaysTheSame) {
  const auto first = hear("x1", Point::temperature_c, 21.0);
  EXPECT_EQ(hear("x1", Point::temperature_c, 22.0), first);
  EXPECT_NE(hear("x2", Point::temperature_c, 22.0)->no, first->no);
}

TEST_F(UnmappedTest, TheKindFollowsWhatItSays) {
  const auto first = hear("x1", Point::battery_pct, 90.0);
  const auto second = hear("x1", Point::smoke, false);
  EXPECT_EQ(second->kind, DeviceKind::smoke_detector);
  EXPECT_EQ(second->no, first->no);
  EXPECT_EQ(hear("x1", Point::heat, false)->kind, DeviceKind::multi_detector);
  EXPECT_EQ(hear("x2", Point::sos, true)->kind, DeviceKind::sos_button);
}

TEST_F(UnmappedTest, KeepsTheFirstPayloadReadable) {
  payload_ = std::string("{\"a\":1}\n\0\xFF", 10);
  hear("x1", Point::smoke, false);
  payload_ = "second";
  hear("x1", Point::test, true);
  const auto list = tray_.list();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].first_payload, "{\"a\":1}\\x0a\\x00\\xff");
  EXPECT_EQ(list[0].messages, 2u);
  EXPECT_THAT(list[0].points, ElementsAre(Point::smoke, Point::test));
}

TEST_F(UnmappedTest, CutsALongPayload) {
  payload_ = std::string(100'000, 'a');
  hear("x1", Point::smoke, false);
  EXPECT_EQ(tray_.list()[0].first_payload.size(), kFirstPayloadBytes);
}

TEST_F(UnmappedTest, AFullTrayRefusesTelemetry) {
  for (const char* address : {"a", "b", "c"}) ASSERT_NE(hear(address, Point::temperature_c, 1.0), nullptr);
  EXPECT_EQ(hear("d", Point::temperature_c, 1.0), nullptr);
  EXPECT_EQ(hear("d", Point::smoke, false), nullptr) << "a detector that says all clear is no fire";
  EXPECT_NE(hear("a", Point::temperature_c, 2.0), nullptr) << "who is in stays in";
}

TEST_F(UnmappedTest, AFireGetsInAndTheLongestSilentGoes) {
  for (const char* address : {"a", "b", "c"}) hear(address, Point::temperature_c, 1.0);
  hear("a", Point::temperature_c, 2.0);
  ASSERT_NE(hear("fire", Point::smoke, true), nullptr);
  std::vector<std::string> addresses;
  for (const auto& seen : tray_.list()) addresses.push_back(seen.address);
  EXPECT_THAT(addresses, ElementsAre("fire", "a", "c"));
}

TEST_F(UnmappedTest, AFireGetsInEvenAmongFires) {
  for (const char* address : {"a", "b", "c", "d"}) ASSERT_NE(hear(address, Point::smoke, true), nullptr);
  EXPECT_EQ(tray_.list().size(), 3u);
  EXPECT_EQ(metrics_.devices_unmapped.value(), 3);
}

TEST_F(UnmappedTest, WhoSaidFireIsNotEvictedForAnotherWhileASilentOneIsThere) {
  hear("fire", Point::smoke, true);
  hear("fire", Point::smoke, false);
  hear("b", Point::temperature_c, 1.0);
  hear("c", Point::temperature_c, 1.0);
  hear("second", Point::gas, true);
  hear("third", Point::gas, true);
  std::vector<std::string> addresses;
  for (const auto& seen : tray_.list()) addresses.push_back(seen.address);
  EXPECT_THAT(addresses, ElementsAre("third", "second", "fire"));
}

TEST_F(UnmappedTest, TwoSourcesWithOneAddressAreTwoDevices) {
  const auto one = hear("x", Point::smoke, false, "z1");
  const auto two = hear("x", Point::smoke, false, "z2");
  EXPECT_NE(one->id, two->id);
  EXPECT_NE(one->no, two->no);
}

TEST_F(UnmappedTest, WhatIsAdoptedLeavesTheTray) {
  hear("x1", Point::smoke, false);
  hear("x2", Point::smoke, false);
  auto adopted = std::make_shared<Device>();
  adopted->id = "hall";
  adopted->source = adopted->format = "native";
  adopted->address = "x1";
  tray_.forget_mapped(DeviceMap({adopted}));
  const auto list = tray_.list();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].address, "x2");
}

}  // namespace
}  // namespace firegate::registry
