#include "api/occupancy.h"

#include <gtest/gtest.h>

#include <vector>

namespace firegate::api {
namespace {

using metrics::HttpRefusal;

Peer stranger(std::string address) { return {std::move(address), false, false, std::nullopt}; }
const Peer kHere{"127.0.0.1", true, false, std::nullopt};

std::vector<Occupancy::Seat> fill(Occupancy& house, std::size_t count) {
  std::vector<Occupancy::Seat> seats;
  for (std::size_t i = 0; i < count; ++i) {
    auto seat = house.take(stranger("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
    EXPECT_TRUE(seat) << i;
    if (seat) seats.push_back(std::move(*seat));
  }
  return seats;
}

TEST(Occupancy, KeepsFiftyPlacesForThisMachine) {
  Occupancy house(1000, 100);
  const auto strangers = fill(house, 950);
  const auto refused = house.take(stranger("10.9.9.9"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), HttpRefusal::connections_full);
  std::vector<Occupancy::Seat> own;
  for (int i = 0; i < 50; ++i) {
    auto seat = house.take(kHere);
    ASSERT_TRUE(seat) << i;
    own.push_back(std::move(*seat));
  }
  EXPECT_FALSE(house.take(kHere));
}

TEST(Occupancy, OfASmallHouseKeepsHalf) {
  Occupancy house(4, 100);
  const auto strangers = fill(house, 2);
  EXPECT_FALSE(house.take(stranger("10.9.9.9")));
  EXPECT_TRUE(house.take(kHere));
}

TEST(Occupancy, OneAddressDoesNotFillTheHouse) {
  Occupancy house(1000, 3);
  std::vector<Occupancy::Seat> seats;
  for (int i = 0; i < 3; ++i) seats.push_back(std::move(*house.take(stranger("10.0.0.1"))));
  const auto refused = house.take(stranger("10.0.0.1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), HttpRefusal::address_full);
  EXPECT_TRUE(house.take(stranger("10.0.0.2")));
}

TEST(Occupancy, ThisMachineHasNoLimitByAddress) {
  Occupancy house(100, 1);
  const auto first = house.take(kHere);
  EXPECT_TRUE(first);
  EXPECT_TRUE(house.take(kHere));
}

TEST(Occupancy, ASeatComesBackOnceWhoeverHeldIt) {
  Occupancy house(10, 1);
  {
    auto seat = house.take(stranger("10.0.0.1"));
    ASSERT_TRUE(seat);
    Occupancy::Seat moved(std::move(*seat));
    Occupancy::Seat again;
    again = std::move(moved);
    EXPECT_EQ(house.taken(), 1u);
  }
  EXPECT_EQ(house.taken(), 0u);
  EXPECT_TRUE(house.take(stranger("10.0.0.1")));
}

TEST(Occupancy, CountsAHouseholdsIpv6Together) {
  EXPECT_EQ(address_group("2001:db8:1:2::7"), address_group("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_group("2001:db8:1:2::7"), address_group("2001:db8:1:3::7"));
  EXPECT_EQ(address_group("192.168.1.7"), "192.168.1.7");
}

}  // namespace
}  // namespace firegate::api
