// The exposition of the metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "metrics/command_metrics.h"
#include "metrics/metrics.h"

namespace firegate::metrics {
namespace {

// Everything that has labels has been counted once.
void count_all(Metrics& metrics) {
  metrics.messages.of("native")[MessageOutcome::readings].add();
  metrics.messages_by_source.add("native");
  metrics.deliveries_sent.add("desk");
  metrics.deliveries_failed.add("desk");
  metrics.requests_refused.add("no_session");
  BuildingCensus building;
  building.estate = "jx";
  building.building = "b1";
  building.kinds[DeviceKind::smoke_detector] = {4, 3, 2, 1};
  building.batteries[static_cast<std::size_t>(BatteryBand::low)] = 1;
  building.ports[2] = 5;
  building.charging_watts = 700;
  building.lifts[0] = 1;
  building.alarms[{AlarmClass::fire_alarm, AlarmState::unacknowledged}] = 2;
  building.faults[SelfFaultCode::store_slow] = 1;
  metrics.census.put(0, {building});
}

// "name type label,label" of each metric, as the golden list has them.
std::set<std::string> shapes(const std::string& exposition) {
  std::set<std::string> shapes;
  std::istringstream text(exposition);
  std::string name, type;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    if (std::string hash, what; line.starts_with("# TYPE ")) words >> hash >> what >> name >> type;
    if (line.starts_with("#")) continue;
    std::string labels;
    for (std::size_t at = 0, end = 0; (end = line.find("=\"", at)) != std::string::npos; at = end + 2) {
      const std::string label = line.substr(line.find_last_of("{,", end) + 1, end - line.find_last_of("{,", end) - 1);
      if (label != "le") labels += (labels.empty() ? "" : ",") + label;
    }
    shapes.insert(name + " " + type + (labels.empty() ? "" : " " + labels));
  }
  return shapes;
}

TEST(Exposition, IsTheGoldenList) {
  Metrics metrics;
  count_all(metrics);
  CommandMetrics commands;  // of who carries them out
  commands.reached.of("cut_off")[CommandState::done].add();
  std::ifstream file(std::string(FIREGATE_SOURCE_DIR) + "/tests/unit/metrics/metrics.golden");
  std::set<std::string> golden;
  for (std::string line; std::getline(file, line);) golden.insert(line);
  EXPECT_EQ(shapes(metrics.exposition() + commands.exposition()), golden) << "whoever changes it says so: dashboards and alerts depend on it";
}

TEST(Exposition, NeverNamesADevice) {
  for (const std::string& shape : [] {
         Metrics metrics;
         count_all(metrics);
         return shapes(metrics.exposition());
       }()) {
    EXPECT_EQ(shape.find("device,"), std::string::npos) << shape;
    EXPECT_FALSE(shape.ends_with("device")) << shape;
  }
}

TEST(Exposition, TellsWhatStandsInABuilding) {
  Metrics metrics;
  count_all(metrics);
  const std::string text = metrics.exposition();
  for (const char* line : {
           R"(firegate_place_devices{estate="jx",building="b1",kind="smoke_detector"} 4)",
           R"(firegate_place_devices_heard{estate="jx",building="b1",kind="smoke_detector"} 3)",
           R"(firegate_place_devices_online{estate="jx",building="b1",kind="smoke_detector"} 2)",
           R"(firegate_place_devices_disabled{estate="jx",building="b1",kind="smoke_detector"} 1)",
           R"(firegate_place_batteries{estate="jx",building="b1",band="low"} 1)",
           R"(firegate_charging_ports{estate="jx",building="b1",state="charging"} 5)",
           R"(firegate_charging_ports{estate="jx",building="b1",state="idle"} 0)",
           R"(firegate_charging_power_watts{estate="jx",building="b1"} 700)",
           R"(firegate_lifts{estate="jx",building="b1",mode="normal"} 1)",
           R"(firegate_place_alarms{estate="jx",building="b1",class="fire_alarm",state="unacknowledged"} 2)",
           R"(firegate_alarms{class="fire_alarm",state="unacknowledged"} 2)",
           R"(firegate_alarms{class="gas_alarm",state="unacknowledged"} 0)",
           R"(firegate_self_faults_present{code="store_slow"} 1)",
           R"(firegate_self_faults_present{code="broker_lost"} 0)",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(Census, ReplacesWhatAPartitionHadCounted) {
  Census census;
  census.put(1, BuildingsCensus(3));
  census.put(1, BuildingsCensus(2));
  const auto all = census.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0]->empty());
  EXPECT_EQ(all[1]->size(), 2u);
}

TEST(BatteryBand, EndsWhereTheLimitsAre) {
  EXPECT_EQ(battery_band(0), BatteryBand::critical);
  EXPECT_EQ(battery_band(10), BatteryBand::critical);
  EXPECT_EQ(battery_band(10.5), BatteryBand::low);
  EXPECT_EQ(battery_band(20), BatteryBand::low);
  EXPECT_EQ(battery_band(50), BatteryBand::fair);
  EXPECT_EQ(battery_band(51), BatteryBand::good);
}

TEST(CounterByNameAnd, KeepsItsCountersWhereTheyAre) {
  CounterByNameAnd<MessageOutcome> counters;
  auto& native = counters.of("native");
  for (const char* name : {"a", "b", "zz"}) counters.of(name)[MessageOutcome::ignored].add(7);
  native[MessageOutcome::readings].add(2);
  EXPECT_EQ(&counters.of("native"), &native);
  std::map<std::string, std::uint64_t> sums;
  counters.each([&sums](const std::string& name, const CounterBy<MessageOutcome>& by) {
    sums[name] = by[MessageOutcome::readings].value() + by[MessageOutcome::ignored].value();
  });
  EXPECT_EQ(sums, (std::map<std::string, std::uint64_t>{{"a", 7}, {"b", 7}, {"native", 2}, {"zz", 7}}));
}

TEST(Exposition, GivesEveryMetricAHelpAndAType) {
  const Metrics metrics;
  std::istringstream text(metrics.exposition());
  int helps = 0, types = 0;
  for (std::string line; std::getline(text, line);) {
    helps += line.starts_with("# HELP firegate_");
    types += line.starts_with("# TYPE firegate_");
  }
  EXPECT_EQ(helps, types);
  EXPECT_GT(helps, 40);
}

TEST(Exposition, CountsByReason) {
  Metrics metrics;
  metrics.messages_rejected[RejectReason::too_deep].add(3);
  EXPECT_NE(metrics.exposition().find("firegate_messages_rejected_total{reason=\"too_deep\"} 3"), std::string::npos);
}

TEST(DurationHistogram, BucketsAreCumulativeInTheText) {
  Metrics metrics;
  metrics.commit_duration.observe(0.002);
  metrics.commit_duration.observe(0.2);
  metrics.commit_duration.observe(100);
  const std::string text = metrics.exposition();
  EXPECT_NE(text.find("firegate_commit_duration_seconds_bucket{le=\"0.0025\"} 1"), std::string::npos);
  EXPECT_NE(text.find("firegate_commit_duration_seconds_bucket{le=\"0.25\"} 2"), std::string::npos);
  EXPECT_NE(text.find("firegate_commit_duration_seconds_count 3"), std::string::npos);
}

TEST(CounterByName, SumsUnderItsName) {
  CounterByName counter;
  counter.add("zigbee", 2);
  counter.add("zigbee");
  EXPECT_EQ(counter.values().at("zigbee"), 3u);
}

}  // namespace
}  // namespace firegate::metrics
