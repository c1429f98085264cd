#include "gb_link/orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::gb_link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Steady kStart{};

Order order(std::uint16_t serial) {
  return {serial, "frame " + std::to_string(serial), [](const Result<void>&) {}};
}

TEST(Orders, AreSentThreeTimesInAll) {
  Orders orders;
  ASSERT_TRUE(orders.add(order(1), kStart));
  EXPECT_THAT(orders.due(kStart + kConfirmWithin - Millis{1}).again, IsEmpty());
  EXPECT_THAT(orders.due(kStart + kConfirmWithin).again, ElementsAre("frame 1"));
  EXPECT_THAT(orders.due(kStart + 2 * kConfirmWithin).again, ElementsAre("frame 1"));
  const auto last = orders.due(kStart + 3 * kConfirmWithin);
  EXPECT_THAT(last.again, IsEmpty());
  ASSERT_EQ(last.unconfirmed.size(), 1u);
  EXPECT_EQ(last.unconfirmed[0].serial, 1);
  EXPECT_FALSE(orders.waits_for(1));
}

TEST(Orders, AreTakenByTheirSerialNumberOnce) {
  Orders orders;
  ASSERT_TRUE(orders.add(order(1), kStart));
  ASSERT_TRUE(orders.add(order(2), kStart));
  EXPECT_FALSE(orders.take(3));
  EXPECT_EQ(orders.take(2)->bytes, "frame 2");
  EXPECT_FALSE(orders.take(2));
  EXPECT_THAT(orders.due(kStart + kConfirmWithin).again, ElementsAre("frame 1"));
}

TEST(Orders, AreFewAndDistinct) {
  Orders orders;
  for (std::uint16_t serial = 0; serial < kMostOrders; ++serial) ASSERT_TRUE(orders.add(order(serial), kStart));
  EXPECT_FALSE(orders.add(order(99), kStart));
  ASSERT_TRUE(orders.take(3));
  EXPECT_FALSE(orders.add(order(4), kStart)) << "that number waits already";
  EXPECT_TRUE(orders.add(order(99), kStart));
  EXPECT_EQ(orders.take_all().size(), kMostOrders);
  EXPECT_THAT(orders.take_all(), IsEmpty());
}

}  // namespace
}  // namespace firegate::gb_link
