#include "registry/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "support/registry_store.h"

namespace firegate::registry {
namespace {

using namespace std::chrono_literals;

Device device(std::string id, DeviceKind kind = DeviceKind::smoke_detector, std::string model = "generic") {
  static const PlacePtr hall = std::make_shared<const Place>(Place{{"e", "E"}, {"b", "B"}, {}, {}, {}, 0});
  Device made;
  made.id = id;
  made.source = made.format = "native";
  made.address = id;
  made.kind = kind;
  made.model = std::move(model);
  made.place = hall;
  return made;
}

class RegistryTest : public testing::Test {
 protected:
  fakes::MemoryRegistryStore store_;
  Models models_;
  metrics::Metrics metrics_;
  Registry registry_{store_, models_, metrics_};
};

TEST_F(RegistryTest, AnEmptyStoreTakesTheSeed) {
  const auto seeded = registry_.open({{}, {device("a"), device("b")}});
  ASSERT_TRUE(seeded);
  EXPECT_TRUE(*seeded);
  EXPECT_EQ(store_.writes, 1);
  ASSERT_NE(registry_.snapshot()->by_id("b"), nullptr);
  EXPECT_EQ(metrics_.devices.value(), 2);
}

TEST_F(RegistryTest, AFilledStoreIsTheMasterOfFiles) {
  store_.kept.devices = {device("kept")};
  const auto seeded = registry_.open({{}, {device("from-file")}});
  EXPECT_FALSE(*seeded);
  EXPECT_EQ(store_.writes, 0);
  EXPECT_NE(registry_.snapshot()->by_id("kept"), nullptr);
  EXPECT_EQ(registry_.snapshot()->by_id("from-file"), nullptr);
}

TEST_F(RegistryTest, AnImportReplacesAndKeepsTheNumbersOfThoseThatStay) {
  ASSERT_TRUE(registry_.open({{}, {device("a"), device("b")}}));
  const DeviceNo b = (*registry_.snapshot()->by_id("b"))->no;
  const DeviceNo a = (*registry_.snapshot()->by_id("a"))->no;
  ASSERT_TRUE(registry_.import({{}, {device("b"), device("c")}}));
  EXPECT_EQ((*registry_.snapshot()->by_id("b"))->no, b);
  EXPECT_EQ(registry_.snapshot()->by_id("a"), nullptr);
  ASSERT_TRUE(registry_.import({{}, {device("c"), device("a")}}));
  const DeviceNo c = (*registry_.snapshot()->by_id("c"))->no;
  const DeviceNo again = (*registry_.snapshot()->by_id("a"))->no;
  EXPECT_EQ((std::set<DeviceNo>{a, b, c, again}.size()), 4u) << "a number is never given twice";
}

TEST_F(RegistryTest, AFailedImportChangesNothing) {
  ASSERT_TRUE(registry_.open({{}, {device("a")}}));
  const auto before = registry_.snapshot();
  store_.broken = true;
  const auto imported = registry_.import({{}, {device("b")}});
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::io_failed);
  EXPECT_EQ(registry_.snapshot(), before);
}

TEST_F(RegistryTest, SubscribersSeeEveryChange) {
  std::vector<std::size_t> sizes;
  registry_.subscribe([&sizes](const DeviceMapPtr& map) { sizes.push_back(map->devices().size()); });
  ASSERT_TRUE(registry_.open({{}, {device("a")}}));
  ASSERT_TRUE(registry_.import({{}, {device("a"), device("b")}}));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2}));
}

TEST_F(RegistryTest, TheIntervalIsOfTheRowElseTheModelElseTheKind) {
  Model model;
  model.brand = "acme";
  model.model = "s1";
  model.interval = 12h;
  models_.add(model);
  Device own = device("own", DeviceKind::smoke_detector, "acme/s1");
  own.interval = 30min;
  ASSERT_TRUE(registry_.open({{},
                              {own, device("modelled", DeviceKind::smoke_detector, "acme/s1"),
                               device("lift", DeviceKind::elevator_controller)}}));
  EXPECT_EQ((*registry_.snapshot()->by_id("own"))->interval, 30min);
  EXPECT_EQ((*registry_.snapshot()->by_id("modelled"))->interval, 12h);
  EXPECT_EQ((*registry_.snapshot()->by_id("lift"))->interval, 2min);
}

TEST_F(RegistryTest, AStoreThatCannotBeReadIsAnError) {
  store_.broken = true;
  EXPECT_FALSE(registry_.open({}));
  EXPECT_TRUE(registry_.snapshot()->devices().empty());
}

}  // namespace
}  // namespace firegate::registry
