#include "ingest/canary.h"

#include <gtest/gtest.h>

#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

using std::chrono::seconds;
using enum SelfFaultCode;

class CanaryWatchTest : public testing::Test {
 protected:
  Steady at(int second) const { return start_ + seconds{second}; }
  const Steady start_ = Steady{} + std::chrono::hours{1};
  FaultList faults_;
  metrics::Metrics metrics_;
  CanaryWatch watch_{"nonce", metrics_, faults_, start_};
};

TEST_F(CanaryWatchTest, LateAfterThirtySecondsUntilOneReturns) {
  const auto payload = watch_.send(at(0));
  watch_.returned(payload, at(2));
  EXPECT_DOUBLE_EQ(metrics_.canary_round_trip_seconds.value(), 2.0);
  watch_.tick(at(31));
  EXPECT_FALSE(faults_.active(canary_late));
  watch_.tick(at(32));
  watch_.tick(at(33));
  EXPECT_EQ(faults_.raised(canary_late), 1);
  EXPECT_TRUE(watch_.late());
  watch_.returned(watch_.send(at(40)), at(41));
  EXPECT_FALSE(faults_.active(canary_late));
  EXPECT_FALSE(watch_.late());
}

TEST_F(CanaryWatchTest, OldCanaryProvesLifeButGivesNoTime) {
  const auto old = watch_.send(at(0));
  watch_.send(at(10));
  watch_.returned(old, at(25));
  EXPECT_DOUBLE_EQ(metrics_.canary_round_trip_seconds.value(), 0.0);
  watch_.tick(at(54));
  EXPECT_FALSE(faults_.active(canary_late));
}

TEST_F(CanaryWatchTest, OthersCanariesProveNothing) {
  watch_.returned("other 1", at(20));
  watch_.tick(at(30));
  EXPECT_TRUE(faults_.active(canary_late));
}

TEST_F(CanaryWatchTest, TheFirstIsDueWhenTheLinkReceives) {
  EXPECT_FALSE(watch_.due(at(0))) << "nobody could hear it";
  watch_.receiving(at(3));
  EXPECT_TRUE(watch_.due(at(3)));
  watch_.send(at(3));
  EXPECT_FALSE(watch_.due(at(12)));
  EXPECT_TRUE(watch_.due(at(13)));
}

TEST_F(CanaryWatchTest, IsDueAllTheSameWhereTheLinkNeverReceives) { EXPECT_TRUE(watch_.due(at(10))); }

TEST_F(CanaryWatchTest, GrowthOfDroppedMessagesIsAFaultForAMinute) {
  watch_.dropped("7", at(0));
  EXPECT_EQ(faults_.raised(broker_dropped), 0);  // from before our time
  watch_.dropped("9", at(10));
  EXPECT_TRUE(faults_.active(broker_dropped));
  EXPECT_DOUBLE_EQ(metrics_.broker_messages_dropped.value(), 9.0);
  watch_.tick(at(69));
  EXPECT_TRUE(faults_.active(broker_dropped));
  watch_.tick(at(70));
  EXPECT_FALSE(faults_.active(broker_dropped));
}

TEST_F(CanaryWatchTest, RestartedBrokerCountsFromZero) {
  watch_.dropped("7", at(0));
  watch_.dropped("0", at(10));
  EXPECT_EQ(faults_.raised(broker_dropped), 0);
  watch_.dropped("2", at(20));
  EXPECT_EQ(faults_.raised(broker_dropped), 1);
}

TEST_F(CanaryWatchTest, NonsenseFromTheBrokerIsIgnored) {
  for (const char* text : {"", "x", "-1", "1.5", "99999999999999999999999"}) watch_.dropped(text, at(0));
  watch_.dropped("5", at(1));
  EXPECT_EQ(faults_.raised(broker_dropped), 0);
}

}  // namespace
}  // namespace firegate::ingest
