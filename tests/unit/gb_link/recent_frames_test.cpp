#include "gb_link/recent_frames.h"

#include <gtest/gtest.h>

namespace firegate::gb_link {
namespace {

constexpr Instant kNow{Millis{1'700'000'000'000}};

gb26875::Frame frame(std::uint16_t serial, std::string_view unit, std::uint8_t command = 2) {
  gb26875::Frame made;
  made.serial = serial;
  made.command = command;
  made.unit = unit;
  return made;
}

TEST(RecentFrames, KnowsARepeatByItsSerialNumberAndData) {
  RecentFrames recent;
  recent.add(frame(7, "fire"), 41, kNow);
  recent.add(frame(8, "else"), 42, kNow);
  EXPECT_EQ(recent.find(frame(7, "fire"), kNow), 41u);
  EXPECT_EQ(recent.find(frame(7, "other"), kNow), std::nullopt);
  EXPECT_EQ(recent.find(frame(9, "fire"), kNow), std::nullopt);
  EXPECT_EQ(recent.find(frame(7, "fire", 1), kNow), std::nullopt) << "another command";
}

TEST(RecentFrames, ComparesAUnitWithoutSerialNumbersWithItsLastFrameOnly) {
  RecentFrames recent;
  recent.add(frame(0, "fire"), 1, kNow);
  recent.add(frame(0, "normal"), 2, kNow);
  EXPECT_EQ(recent.find(frame(0, "fire"), kNow), std::nullopt) << "a second fire is no repeat of the first";
  EXPECT_EQ(recent.find(frame(0, "normal"), kNow), 2u);
}

TEST(RecentFrames, ForgetsAfterAMinute) {
  RecentFrames recent;
  recent.add(frame(7, "fire"), 41, kNow);
  EXPECT_EQ(recent.find(frame(7, "fire"), kNow + kResentWithin), 41u);
  EXPECT_EQ(recent.find(frame(7, "fire"), kNow + kResentWithin + Millis{1}), std::nullopt);
}

TEST(RecentFrames, RemembersTheLastThirtyTwo) {
  RecentFrames recent;
  for (std::uint16_t serial = 1; serial <= 33; ++serial) recent.add(frame(serial, "state"), serial, kNow);
  EXPECT_EQ(recent.find(frame(1, "state"), kNow), std::nullopt);
  EXPECT_EQ(recent.find(frame(2, "state"), kNow), 2u);
  EXPECT_EQ(recent.find(frame(33, "state"), kNow), 33u);
}

}  // namespace
}  // namespace firegate::gb_link
