#include "ingest/link_health.h"

#include <gtest/gtest.h>

#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

using std::chrono::seconds;
using enum SelfFaultCode;

class LinkHealthTest : public testing::Test {
 protected:
  Steady at(int second) const { return start_ + seconds{second}; }
  const Steady start_ = Steady{} + std::chrono::hours{1};
  FaultList faults_;
};

TEST_F(LinkHealthTest, NoConnectionForTenSecondsIsAFault) {
  LinkHealth health(faults_, false, start_);
  health.tick(at(9));
  EXPECT_FALSE(faults_.active(broker_lost));
  health.tick(at(10));
  EXPECT_TRUE(faults_.active(broker_lost));
}

TEST_F(LinkHealthTest, ShortInterruptionIsNoFault) {
  LinkHealth health(faults_, false, start_);
  health.connected(at(1), false);
  health.lost(at(100), false, "x");
  health.tick(at(109));
  health.connected(at(109), true);
  health.tick(at(200));
  EXPECT_EQ(faults_.raised(broker_lost), 0);
}

TEST_F(LinkHealthTest, FlappingBrokerMakesOneFault) {
  LinkHealth health(faults_, false, start_);
  for (int second = 0; second < 600; second += 6) {
    health.connected(at(second), true);
    for (int i = 0; i < 3; ++i) health.tick(at(second + i));
    health.lost(at(second + 3), false, "x");
    health.attempt_failed(at(second + 4), "refused");
  }
  EXPECT_EQ(faults_.raised(broker_lost), 1);
  EXPECT_TRUE(faults_.active(broker_lost));
  health.connected(at(600), true);
  health.tick(at(629));
  EXPECT_TRUE(faults_.active(broker_lost));
  health.tick(at(630));
  EXPECT_FALSE(faults_.active(broker_lost));
  EXPECT_EQ(faults_.raised(client_id_fight), 0);
}

TEST_F(LinkHealthTest, TakenOverSessionIsAFightUntilAQuietMinute) {
  LinkHealth health(faults_, false, start_);
  health.connected(at(0), false);
  health.lost(at(5), true, "0x8E");
  EXPECT_TRUE(faults_.active(client_id_fight));
  EXPECT_GE(health.retry_after(at(5), 1.0), kFightRetry / 2);
  health.connected(at(20), true);
  health.tick(at(79));
  EXPECT_TRUE(faults_.active(client_id_fight));
  health.tick(at(80));
  EXPECT_FALSE(faults_.active(client_id_fight));
}

TEST_F(LinkHealthTest, ThreeLossesWithQuickReturnsAreTakenForAFight) {
  LinkHealth health(faults_, false, start_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(faults_.active(client_id_fight));
    health.connected(at(10 * i), true);
    health.lost(at(10 * i + 5), false, "x");
  }
  EXPECT_TRUE(faults_.active(client_id_fight));
}

TEST_F(LinkHealthTest, ThreeLossesWithRefusedAttemptsAreNoFight) {
  LinkHealth health(faults_, false, start_);
  for (int i = 0; i < 4; ++i) {
    health.connected(at(10 * i), true);
    health.lost(at(10 * i + 3), false, "x");
    health.attempt_failed(at(10 * i + 4), "refused");
  }
  EXPECT_EQ(faults_.raised(client_id_fight), 0);
  EXPECT_TRUE(faults_.active(broker_lost));
}

TEST_F(LinkHealthTest, LossesFarApartAreNeitherFightNorFlapping) {
  LinkHealth health(faults_, false, start_);
  for (int i = 0; i < 5; ++i) {
    health.connected(at(40 * i), true);
    health.lost(at(40 * i + 39), false, "x");
  }
  EXPECT_EQ(faults_.raised(client_id_fight), 0);
  EXPECT_EQ(faults_.raised(broker_lost), 0);
}

TEST_F(LinkHealthTest, MissingSessionIsAFaultOnlyWhenExpected) {
  LinkHealth first_run(faults_, false, start_);
  first_run.connected(at(0), false);
  EXPECT_EQ(faults_.raised(session_lost), 0);
  first_run.lost(at(50), false, "x");
  first_run.connected(at(51), false);
  EXPECT_TRUE(faults_.active(session_lost));
  first_run.subscribed();
  EXPECT_FALSE(faults_.active(session_lost));
}

TEST_F(LinkHealthTest, DelayDoublesToItsLimitAndStartsAnew) {
  LinkHealth health(faults_, false, start_);
  std::vector<Millis::rep> delays;
  for (int i = 0; i < 8; ++i) {
    health.attempt_failed(at(i), "refused");
    delays.push_back(health.retry_after(at(i), 0).count());
  }
  EXPECT_EQ(delays, (std::vector<Millis::rep>{500, 1000, 2000, 4000, 8000, 15000, 15000, 15000}));
  EXPECT_EQ(health.retry_after(at(8), 1.0), Millis{7500});
  health.connected(at(20), true);
  health.lost(at(100), false, "x");
  EXPECT_EQ(health.retry_after(at(100), 0), kFirstRetry);
}

}  // namespace
}  // namespace firegate::ingest
