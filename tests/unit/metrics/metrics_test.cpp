// The exposition of the metrics.
#include <gtest/gtest.h>

#include <sstream>

#include "metrics/metrics.h"

namespace firegate::metrics {
namespace {

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
