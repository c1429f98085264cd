#include "simulate/load.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "tests/unit/simulate/real_broker.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
using testing::RealBroker;

TEST(LoadPayload, IsANumberedNativeMessageOfSevenPoints) {
  for (const std::uint64_t seq : {1u, 12u, 345u}) {
    const std::string text = load_payload(seq, "00ab12cd", seq % 7);
    EXPECT_GE(text.size(), 150u);
    EXPECT_LE(text.size(), 185u);
    const auto message = boost::json::parse(text);
    EXPECT_EQ(message.at("seq").to_number<std::uint64_t>(), seq);
    EXPECT_EQ(message.at("boot").as_string(), "00ab12cd");
    const auto& readings = message.at("readings").as_object();
    EXPECT_EQ(readings.size(), 7u);
    EXPECT_FALSE(readings.at("smoke").as_bool());
    for (const auto& [point, value] : readings) EXPECT_TRUE(point_from_name(point).has_value()) << point;
  }
}

TEST(LoadPayload, ChangesOneValueWorthARowFromMessageToMessage) {
  const auto readings = [](std::uint64_t seq) {
    return boost::json::parse(load_payload(seq, "00ab12cd", 3)).at("readings").as_object();
  };
  for (std::uint64_t seq = 2; seq < 40; ++seq) {
    const auto before = readings(seq - 1), now = readings(seq);
    int rows = 0;
    for (const Point point : {Point::temperature_c, Point::humidity_pct, Point::signal_dbm}) {
      const auto value = [point](const auto& object) { return Value{object.at(name(point)).template to_number<double>()}; };
      rows += changed(point, value(before), value(now)) ? 1 : 0;
    }
    EXPECT_EQ(rows, 1) << "message " << seq;
  }
}

TEST(LoadDevices, AreTheNativeOnesAndAsManyMoreAsAsked) {
  const auto rows = parse_devices(
      "id,kind,format,address,estate,building\na,smoke_detector,native,na,e,b\nz,smoke_detector,zigbee2mqtt,zz,e,b\n",
      "f");
  const auto devices = load_devices_of(*rows, 3);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[0].address, "na");
  EXPECT_EQ(devices[2].address, "load-00002");
  EXPECT_EQ(devices[2].estate, "e");
  EXPECT_EQ(load_devices_of({}).size(), 1u);
}

class Load : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!broker_.there()) GTEST_SKIP() << "mosquitto is not installed";
  }
  LoadReport run(LoadOptions options, std::size_t devices) {
    const auto rows = load_devices_of({}, devices);
    const auto report = run_load(rows, options, broker_.address(), system_clock(), {});
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
    return report.value_or(LoadReport{});
  }

  RealBroker broker_;
};

TEST_F(Load, EveryOneOfTwentyThousandIsAcknowledged) {
  LoadOptions options;
  options.count = 20'000;
  const LoadReport report = run(options, 500);
  EXPECT_EQ(report.sent, 20'000u);
  EXPECT_EQ(report.acknowledged, 20'000u);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.devices, 500u);
}

TEST_F(Load, GoesPastTheRangeOfPacketIds) {
  LoadOptions options;
  options.count = 140'000;
  options.in_flight = 60'000;
  const LoadReport report = run(options, 3);
  EXPECT_EQ(report.acknowledged, 140'000u);
  EXPECT_TRUE(report.complete);
}

TEST_F(Load, IsPacedByItsRate) {
  LoadOptions options;
  options.count = 1'000;
  options.rate = 5'000;
  const LoadReport report = run(options, 10);
  EXPECT_TRUE(report.complete);
  EXPECT_GE(report.took, 190ms);  // 1,000 at 5,000 a second is 200 ms
}

TEST_F(Load, EndsWithItsTime) {
  LoadOptions options;
  options.rate = 1'000;
  options.duration = 300ms;
  const LoadReport report = run(options, 10);
  EXPECT_TRUE(report.complete);
  EXPECT_GT(report.sent, 0u);
  EXPECT_LE(report.sent, 1'000u);
}

TEST_F(Load, SaysWhereItCannotConnect) {
  const auto rows = load_devices_of({});
  const BrokerAddress address = broker_.address();
  broker_.stop();
  const auto report = run_load(rows, LoadOptions{}, address, system_clock(), {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::io_failed);
  EXPECT_TRUE(report.error().message.starts_with("connecting to 127.0.0.1:")) << report.error().message;
}

TEST(LoadReport, IsOneJsonObject) {
  LoadReport report;
  report.sent = 10, report.acknowledged = 10, report.devices = 2, report.boot = "ab", report.took = 500ms;
  report.complete = true;
  EXPECT_EQ(to_json(report),
            R"({"sent":10,"acknowledged":10,"devices":2,"boot":"ab","seconds":0.500,"rate":20,"complete":true})");
}

}  // namespace
}  // namespace firegate::simulate
