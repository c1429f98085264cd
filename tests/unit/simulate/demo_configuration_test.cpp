// The demonstration estate in config/: three buildings, about sixty devices, all formats that the simulator speaks.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/config_node.h"
#include "tests/unit/simulate/estate_support.h"

namespace firegate::simulate {
namespace {

using testing::demo_rows;

TEST(DemoConfiguration, HasThreeBuildingsAndAboutSixtyDevicesOfFiveFormats) {
  std::set<std::string> buildings, formats;
  const auto rows = demo_rows();
  for (const DeviceRow& row : rows) {
    buildings.insert(row.building);
    formats.insert(row.format);
  }
  EXPECT_EQ(buildings, (std::set<std::string>{"b1", "b2", "shed"}));
  EXPECT_EQ(formats, (std::set<std::string>{"chirpstack", "native", "shelly", "tasmota", "zigbee2mqtt"}));
  EXPECT_GE(rows.size(), 55u);
  EXPECT_LE(rows.size(), 70u);
}

TEST(DemoConfiguration, HasProperIdsAndNoTwoDevicesAlike) {
  std::set<std::string> ids;
  std::set<std::pair<std::string, std::string>> addresses;
  for (const DeviceRow& row : demo_rows()) {
    EXPECT_TRUE(is_id(row.id)) << row.id;
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_TRUE(addresses.insert({row.format, row.address}).second) << row.address;
    EXPECT_FALSE(row.name.empty()) << row.id;
  }
}

TEST(DemoConfiguration, HasEveryScenario) {
  const auto rows = demo_rows();
  for (const ScenarioInfo& info : scenarios()) {
    EstateOptions options;
    options.scenario = info.name;
    const auto estate = Estate::from(rows, options);
    EXPECT_TRUE(estate.has_value()) << info.name << ": " << (estate ? "" : estate.error().message);
  }
}

}  // namespace
}  // namespace firegate::simulate
