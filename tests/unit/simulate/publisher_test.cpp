// The publisher with a real mosquitto: wills, births and the return after a restart of the broker.
#include "simulate/publisher.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/unit/simulate/estate_support.h"
#include "tests/unit/simulate/real_broker.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
using testing::demo_rows;
using testing::Listener;
using testing::RealBroker;

class PublisherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!broker_.there()) GTEST_SKIP() << "mosquitto is not installed";
  }

  // Runs the estate on a thread of its own until `stop_` or the end of the test.
  void begin(std::string scenario, double speed) {
    EstateOptions options;
    options.scenario = std::move(scenario);
    options.speed = speed;
    auto estate = Estate::from(demo_rows(), options);
    ASSERT_TRUE(estate) << estate.error().message;
    estate_.emplace(std::move(*estate));
    report_ = std::async(std::launch::async, [this] {
      return publish_estate(*estate_, broker_.address(), system_clock(), stop_.get_token(), 60s);
    });
  }
  PublisherReport end() {
    stop_.request_stop();
    return report_.get();
  }

  RealBroker broker_;
  std::optional<Estate> estate_;
  std::stop_source stop_;
  std::future<PublisherReport> report_;
};

TEST_F(PublisherTest, ConnectsEveryLinkAndSaysItsBirths) {
  Listener listener(broker_.address());
  begin("quiet", 1);
  listener.hear("zigbee2mqtt/bridge/devices");
  const PublisherReport report = end();
  EXPECT_GE(report.connections, 1u);
  EXPECT_LE(report.connections, estate_->links().size());
  EXPECT_GT(report.published, 0u);
}

TEST_F(PublisherTest, BreaksALostDevicesConnectionSoThatItsWillIsPublished) {
  Listener listener(broker_.address());
  begin("detector_lost", 30);
  EXPECT_NE(listener.hear("b1-f3-smoke-e/online").find("true"), std::string::npos);
  EXPECT_NE(listener.hear("b1-f3-smoke-e/online").find("false"), std::string::npos);
  EXPECT_NE(listener.hear("b1-f3-smoke-e/online").find("true"), std::string::npos);
  end();
}

TEST_F(PublisherTest, LeavesTheWillsBehindWhenItEnds) {
  Listener listener(broker_.address());
  begin("quiet", 1);
  listener.hear("tele/tasmota_C0FFEE/LWT Online");
  end();
  listener.hear("tele/tasmota_C0FFEE/LWT Offline");
}

TEST_F(PublisherTest, ReturnsWithItsBirthsAfterTheBrokerWasRestarted) {
  {
    Listener listener(broker_.address());
    begin("quiet", 1);
    listener.hear("fg/v1/jinxiu/shed-a-smoke-1/online true");
  }
  broker_.stop();
  broker_.start();
  Listener listener(broker_.address());
  listener.hear("fg/v1/jinxiu/shed-a-smoke-1/online true");
  const PublisherReport report = end();
  EXPECT_GT(report.connections, 1u);
}

// The broker stands still, as one does that is being stopped: its sockets are open and nothing answers.
TEST_F(PublisherTest, EndsSoonThoughTheBrokerAnswersNoFarewell) {
  {
    Listener listener(broker_.address());
    begin("quiet", 1);
    listener.hear("fg/v1/jinxiu/shed-a-smoke-1/online true");
  }
  broker_.pause();
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_GT(end().connections, 10u);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 15s);
}

TEST(PublisherReport, IsOneJsonObject) {
  EXPECT_EQ(to_json(PublisherReport{3, 2, 1}), R"({"published":3,"skipped":2,"connections":1})");
}

}  // namespace
}  // namespace firegate::simulate
