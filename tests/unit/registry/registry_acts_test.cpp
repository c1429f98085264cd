// What people do to devices: judged, stored before it is published, with what was before and after.
#include <gtest/gtest.h>

#include <chrono>

#include "registry/tray_key.h"
#include "support/registry_store.h"

namespace firegate::registry {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

PlacePtr place(std::string estate, std::string building, std::string floor = {}) {
  Place made;
  made.estate = {std::move(estate), "E"};
  made.building = {std::move(building), "B"};
  made.floor = {std::move(floor), "F"};
  return std::make_shared<const Place>(std::move(made));
}

PlacePtr estate(std::string id) {
  Place made;
  made.estate = {std::move(id), "E"};
  return std::make_shared<const Place>(std::move(made));
}

Order order(std::string reason = {}, Instant at = kNow) {
  return {at, "王芳", "user:wangfang", "local", std::move(reason)};
}

Adoption adoption(std::string address) {
  Adoption wanted;
  wanted.address = {"site", "native", std::move(address)};
  wanted.kind = DeviceKind::smoke_detector;
  wanted.place = {"sunny", "b1", "", "", ""};
  return wanted;
}

class RegistryActs : public testing::Test {
 protected:
  RegistryActs() {
    store_.kept.places = {estate("sunny"),      place("sunny", "b1"), place("sunny", "b1", "f1"),
                          place("sunny", "b2"), estate("rainy"),      place("rainy", "b1")};
    EXPECT_TRUE(registry_.open({}));
    registry_.subscribe([this](const DeviceMapPtr&) { saved_when_published_ = store_.saved.size(); });
  }
  DevicePtr adopt(std::string address) {
    const auto made = registry_.adopt(adoption(std::move(address)), order());
    EXPECT_TRUE(made) << made.error().error.message;
    return made ? *made : nullptr;
  }

  fakes::MemoryRegistryStore store_;
  Models models_;
  metrics::Metrics metrics_;
  Registry registry_{store_, models_, metrics_, {{"site", "native"}, {"plugs", "tasmota"}}};
  std::size_t saved_when_published_ = 0;
};

TEST_F(RegistryActs, AdoptingStoresThenPublishes) {
  const DevicePtr device = adopt("garage/03");
  EXPECT_EQ(device->id, "garage-03") << "made of the address";
  EXPECT_EQ(saved_when_published_, 1u);
  EXPECT_EQ(registry_.snapshot()->by_address("site", "native", "garage/03")->get(), device.get());
  ASSERT_EQ(store_.saved.size(), 1u);
  EXPECT_EQ(store_.saved[0].changes.at(0).what, DeviceChangeKind::adopted);
  EXPECT_EQ(store_.saved[0].changes[0].to.at("building"), "b1");
  EXPECT_EQ(store_.saved[0].journal.at(0).kind, "device_adopted");
  EXPECT_EQ(registry_.facts("garage-03").revision, 1u);
}

TEST_F(RegistryActs, WhatCannotBeStoredIsNotPublished) {
  store_.broken = true;
  const auto made = registry_.adopt(adoption("x"), order());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.code, ErrorCode::io_failed);
  EXPECT_EQ(registry_.snapshot()->by_id("x"), nullptr);
}

TEST_F(RegistryActs, AnUnknownPlaceNamesWhatExists) {
  Adoption wanted = adoption("x");
  wanted.place.floor = "f9";
  const auto made = registry_.adopt(wanted, order());
  ASSERT_FALSE(made);
  ASSERT_EQ(made.error().fields.size(), 1u);
  EXPECT_EQ(made.error().fields[0].field, "floor");
  EXPECT_EQ(made.error().fields[0].expected, std::vector<std::string>{"f1"});
}

TEST_F(RegistryActs, HostileIdsAreRefused) {
  for (const char* id : {"#", "+", "a/b", "%2f", "../x", "a b", "", "\x01", "a#", "烟感"}) {
    Adoption wanted = adoption("x");
    wanted.id = id;
    if (wanted.id.empty()) continue;  // made of the address
    const auto made = registry_.adopt(wanted, order());
    EXPECT_FALSE(made) << id;
  }
  const DevicePtr device = adopt("#/+/%2e烟感");
  ASSERT_NE(device, nullptr);
  EXPECT_TRUE(is_id(device->id)) << device->id;
}

TEST_F(RegistryActs, AnAddressHasOneDevice) {
  adopt("x");
  const auto again = registry_.adopt(adoption("x"), order());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().error.code, ErrorCode::refused);
  EXPECT_EQ(again.error().devices, std::vector<std::string>{"x"});
}

TEST_F(RegistryActs, DevicesThatDidNotChangeAreTheSameObjects) {
  const DevicePtr first = adopt("a");
  adopt("b");
  EXPECT_EQ(registry_.snapshot()->by_id("a")->get(), first.get());
}

TEST_F(RegistryActs, AChangeOfWhatWasReadLongAgoIsRefused) {
  adopt("a");
  DevicePatch patch;
  patch.name = "新名";
  ASSERT_TRUE(registry_.change("a", 1, patch, order()));
  const auto late = registry_.change("a", 1, patch, order());
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().stale);
  EXPECT_EQ((*registry_.snapshot()->by_id("a"))->name, "新名");
  EXPECT_EQ(store_.changes().back().from.at("name"), "a");
}

TEST_F(RegistryActs, AReplacementKeepsIdNameAndPlace) {
  const DevicePtr before = adopt("old");
  Replacement by;
  by.address.address = "new";
  by.seems = DeviceKind::smoke_detector;
  const auto replaced = registry_.replace("old", by, order("电池失效"));
  ASSERT_TRUE(replaced);
  EXPECT_EQ((*replaced)->id, "old");
  EXPECT_EQ((*replaced)->no, before->no);
  EXPECT_EQ((*replaced)->place, before->place);
  EXPECT_EQ((*replaced)->address, "new");
  EXPECT_EQ(registry_.snapshot()->by_address("site", "native", "old"), nullptr);
  EXPECT_EQ(store_.changes().back().from, (DeviceWords{{"address", "old"}}));
}

TEST_F(RegistryActs, AReplacementOfAnotherKindWantsTheKind) {
  adopt("old");
  Replacement by;
  by.address.address = "new";
  by.seems = DeviceKind::gas_detector;
  const auto refused = registry_.replace("old", by, order("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::refused);
  by.kind = DeviceKind::gas_detector;
  EXPECT_TRUE(registry_.replace("old", by, order("x")));
}

TEST_F(RegistryActs, ADisablementEndsByItself) {
  adopt("a");
  EXPECT_FALSE(registry_.disable("a", kNow + 31 * 24h, order("x"))) << "30 days at most";
  ASSERT_TRUE(registry_.disable("a", kNow + 1h, order("刷漆")));
  ASSERT_TRUE(registry_.tick(kNow + 59min));
  EXPECT_NE((*registry_.snapshot()->by_id("a"))->disablement, nullptr);
  ASSERT_TRUE(registry_.tick(kNow + 1h));
  EXPECT_EQ((*registry_.snapshot()->by_id("a"))->disablement, nullptr);
  EXPECT_EQ(store_.changes().back().what, DeviceChangeKind::enabled);
  EXPECT_EQ(store_.changes().back().by, "system");
}

TEST_F(RegistryActs, ATestEndsByItselfAndSaysWhetherItWasPassed) {
  adopt("a");
  const auto begun = registry_.begin_test("a", 30min, order());
  ASSERT_TRUE(begun);
  EXPECT_EQ((*begun)->test->until, kNow + 30min);
  const auto longer = registry_.begin_test("a", 30min, order("", kNow + 10min));
  EXPECT_EQ((*longer)->test->no, 1u) << "the same test";
  TestRow row;
  row.device = "a";
  row.no = 1;
  registry_.test_passed(row);
  EXPECT_TRUE(registry_.facts("a").last_test->passed);
  const auto ended = registry_.tick(kNow + 40min);
  ASSERT_TRUE(ended);
  ASSERT_EQ(ended->size(), 1u);
  EXPECT_EQ(ended->front()->test, nullptr);
  EXPECT_EQ(store_.changes().back().to.at("passed"), "yes");
  ASSERT_TRUE(registry_.begin_test("a", 1min, order("", kNow + 1h)));
  ASSERT_TRUE(registry_.end_test("a", order("", kNow + 1h)));
  EXPECT_FALSE(registry_.facts("a").last_test->passed) << "nothing came";
  EXPECT_FALSE(registry_.end_test("a", order()));
}

TEST_F(RegistryActs, AnOpenTestComesBackWithTheStore) {
  TestRecord test;
  test.device = "a";
  test.no = 3;
  test.at = kNow;
  test.until = kNow + 10min;
  test.passed = true;
  store_.records.open_tests = {test};
  store_.records.facts["a"].tests = 3;
  Device device;
  device.id = device.address = "a";
  device.source = "site";
  device.format = "native";
  device.place = place("sunny", "b1");
  store_.kept.devices = {device};
  Registry again(store_, models_, metrics_, {{"site", "native"}});
  ASSERT_TRUE(again.open({}));
  const DevicePtr known = *again.snapshot()->by_id("a");
  ASSERT_NE(known->test, nullptr);
  EXPECT_TRUE(known->test->passed);
}

TEST_F(RegistryActs, WhatIsIgnoredIsHeededAgain) {
  const DeviceAddress address{"site", "native", "neighbour"};
  ASSERT_TRUE(registry_.ignore(address, order("邻居")));
  ASSERT_EQ(registry_.ignored().size(), 1u);
  EXPECT_EQ(registry_.ignored()[0].reason, "邻居");
  ASSERT_TRUE(registry_.heed(address, order()));
  EXPECT_TRUE(registry_.ignored().empty());
  EXPECT_FALSE(registry_.heed(address, order()));
}

TEST_F(RegistryActs, ARemovedDeviceIsGoneAndItsPastStays) {
  adopt("a");
  ASSERT_TRUE(registry_.begin_test("a", 30min, order()));
  ASSERT_TRUE(registry_.remove("a", order("拆除")));
  EXPECT_EQ(registry_.snapshot()->by_id("a"), nullptr);
  EXPECT_EQ(store_.changes().back().what, DeviceChangeKind::removed);
  EXPECT_EQ(store_.changes().back().from.at("address"), "a");
  EXPECT_TRUE(store_.saved.back().tests.at(0).ended_at);
  ASSERT_TRUE(registry_.tick(kNow + 1h));
}

// --- tables ---

constexpr std::string_view kHeader = "id,kind,format,address,estate,building,name\n";
const Scope kEverywhere{true, {}};

TEST_F(RegistryActs, AnImportAddsAndChangesAndIsUndone) {
  adopt("a");
  const std::string csv =
      std::string(kHeader) + "a,heat_detector,native,a,sunny,b1,甲\nb,smoke_detector,native,b,sunny,b2,乙\n";
  const auto dry = registry_.import_table(csv, kEverywhere, true, order());
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->added, 1u);
  EXPECT_EQ(dry->changed, 1u);
  EXPECT_EQ(registry_.snapshot()->by_id("b"), nullptr);
  const auto done = registry_.import_table(csv, kEverywhere, false, order());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->import, 1u);
  EXPECT_EQ((*registry_.snapshot()->by_id("a"))->kind, DeviceKind::heat_detector);
  const auto again = registry_.import_table(csv, kEverywhere, false, order());
  EXPECT_EQ(again->unchanged, 2u);
  EXPECT_EQ(again->import, 0u) << "nothing to do";
  const auto undone = registry_.undo_import(1, kEverywhere, order("", kNow + 1h));
  ASSERT_TRUE(undone) << undone.error().error.message;
  EXPECT_EQ(undone->removed, 1u);
  EXPECT_EQ(undone->changed_back, 1u);
  EXPECT_EQ(registry_.snapshot()->by_id("b"), nullptr);
  EXPECT_EQ((*registry_.snapshot()->by_id("a"))->kind, DeviceKind::smoke_detector);
  EXPECT_EQ((*registry_.snapshot()->by_id("a"))->name, "a");
}

TEST_F(RegistryActs, AnImportThatWasBuiltUponIsNotUndone) {
  ASSERT_TRUE(registry_.import_table(std::string(kHeader) + "b,smoke_detector,native,b,sunny,b2,乙\n", kEverywhere,
                                     false, order()));
  ASSERT_TRUE(registry_.disable("b", kNow + 1h, order("x")));
  const auto refused = registry_.undo_import(1, kEverywhere, order());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().devices, std::vector<std::string>{"b"});
}

TEST_F(RegistryActs, AnOldImportIsNotUndone) {
  ASSERT_TRUE(registry_.import_table(std::string(kHeader) + "b,smoke_detector,native,b,sunny,b2,乙\n", kEverywhere,
                                     false, order()));
  EXPECT_FALSE(registry_.undo_import(1, kEverywhere, order("", kNow + 25h)));
}

TEST_F(RegistryActs, TwoDevicesMayChangeAddresses) {
  adopt("a");
  adopt("b");
  const std::string csv =
      std::string(kHeader) + "a,smoke_detector,native,b,sunny,b1,a\nb,smoke_detector,native,a,sunny,b1,b\n";
  const auto done = registry_.import_table(csv, kEverywhere, false, order());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->changed, 2u);
  EXPECT_EQ((*registry_.snapshot()->by_address("site", "native", "a"))->id, "b");
}

TEST_F(RegistryActs, AMistakeIsNamedByRowAndColumnAndNothingIsDone) {
  adopt("a");
  const std::string csv = std::string(kHeader) +
                          "ok,smoke_detector,native,ok,sunny,b1,x\n"
                          "b#,smoke_detector,native,b,sunny,b1,x\n"
                          "c,smoke_detektor,native,c,sunny,b1,x\n"
                          "d,smoke_detector,native,d,sunny,b9,x\n"
                          "e,smoke_detector,native,a,sunny,b1,x\n";
  const auto report = registry_.import_table(csv, kEverywhere, false, order());
  ASSERT_TRUE(report);
  std::vector<std::pair<int, std::string>> found;
  for (const ImportProblem& problem : report->problems) found.emplace_back(problem.row, problem.column);
  EXPECT_EQ(found, (std::vector<std::pair<int, std::string>>{{3, "id"}, {4, "kind"}, {5, "building"}, {6, "address"}}));
  EXPECT_EQ(registry_.snapshot()->by_id("ok"), nullptr);
}

TEST_F(RegistryActs, AnImportTouchesOnlyWhatOneMaps) {
  const Scope sunny{false, {"sunny"}};
  const auto report =
      registry_.import_table(std::string(kHeader) + "b,smoke_detector,native,b,rainy,b1,x\n", sunny, false, order());
  ASSERT_TRUE(report);
  ASSERT_EQ(report->problems.size(), 1u);
  EXPECT_EQ(report->problems[0].column, "estate");
}

TEST_F(RegistryActs, AGuardedCellIsReadWithoutItsGuard) {
  ASSERT_TRUE(registry_.import_table(std::string(kHeader) + "b,smoke_detector,native,b,sunny,b1,'=1+1\n", kEverywhere,
                                     false, order()));
  EXPECT_EQ((*registry_.snapshot()->by_id("b"))->name, "=1+1");
}

TEST_F(RegistryActs, AdoptingOneOfTwentyThousandIsQuick) {
  std::string csv = std::string(kHeader);
  for (int i = 0; i < 20'000; ++i)
    csv += "d" + std::to_string(i) + ",smoke_detector,native,d" + std::to_string(i) + ",sunny,b1,x\n";
  ASSERT_TRUE(registry_.import_table(csv, kEverywhere, false, order()));
  const auto began = std::chrono::steady_clock::now();
  adopt("one more");
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  RecordProperty("adopt_ms", std::to_string(took.count()));
  EXPECT_EQ(registry_.snapshot()->devices().size(), 20'001u);
  EXPECT_LT(took.count(), 2000) << "a bound for any machine; some 10 ms on a quiet one";
}

TEST(TrayKey, ReadsBackAnyAddress) {
  const std::string address("\x01/#+烟", 8);
  const std::string key = tray_key("site", "native", address);
  EXPECT_EQ(key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  const auto back = address_of_key(key);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, (DeviceAddress{"site", "native", address}));
  for (const char* bad : {"", "A", "!!", "AAAA", "c2l0ZQ"}) EXPECT_FALSE(address_of_key(bad)) << bad;
}

}  // namespace
}  // namespace firegate::registry
