#include "store/device_records.h"

#include "store/store.h"
#include "store/tables/devices.h"
#include "store/tables/places.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

Device device(std::string id, std::string address) {
  Device made;
  made.id = std::move(id);
  made.source = "site";
  made.format = "native";
  made.address = std::move(address);
  made.model = "generic";
  made.name = made.id;
  made.place = place();
  return made;
}

// Through a transaction of its own, as the writer does it.
class DeviceTables : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open(dir_.file());
    ASSERT_TRUE(opened) << opened.error().message;
    database_.emplace(std::move(*opened));
  }
  Result<void> save(const RegistryChange& change) {
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto saved = devices::save(*transaction, change); !saved) return saved;
    return transaction->commit();
  }
  RegistryRecords load() {
    auto records = devices::load(*database_);
    EXPECT_TRUE(records) << records.error().message;
    return records ? std::move(*records) : RegistryRecords{};
  }
  std::string address_of(std::string_view id) {
    const auto all = places::load(*database_);
    for (const Device& one : all->devices) {
      if (one.id == id) return one.address;
    }
    return "none";
  }

  TempDir dir_;
  std::optional<Database> database_;
};

TEST_F(DeviceTables, FactsComeBackWithEveryField) {
  RegistryChange change;
  DeviceFacts facts;
  facts.revision = 4;
  facts.position = PlanPosition{0.25, 1};
  facts.adopted_at = at(1);
  facts.calibrated_at = at(2);
  facts.expected_life_years = 8;
  change.put = {device("a", "a")};
  change.facts.emplace_back("a", facts);
  ASSERT_TRUE(save(change));
  const DeviceFacts back = load().facts.at("a");
  EXPECT_EQ(back.revision, 4u);
  EXPECT_EQ(back.position, facts.position);
  EXPECT_EQ(back.adopted_at, at(1));
  EXPECT_EQ(back.calibrated_at, at(2));
  EXPECT_EQ(back.expected_life_years, 8);
  EXPECT_FALSE(back.last_test);
}

TEST_F(DeviceTables, ChangesComeBackNewestFirstWithAnyText) {
  RegistryChange change;
  for (int i = 0; i < 3; ++i) {
    DeviceChange row;
    row.device = i == 2 ? "b" : "a";
    row.at = at(i);
    row.by = "王芳";
    row.what = DeviceChangeKind::replaced;
    row.from = {{"address", "a=b\\n\n二"}, {"note", ""}};
    row.to = {{"address", std::to_string(i)}};
    row.reason = "电池";
    row.revision = 7;
    row.import = 3;
    change.changes.push_back(std::move(row));
  }
  ASSERT_TRUE(save(change));
  const auto rows = devices::changes_of(*database_, "a", 10);
  ASSERT_TRUE(rows && rows->size() == 2);
  EXPECT_EQ(rows->front().to.at("address"), "1");
  EXPECT_EQ(rows->back().from, change.changes[0].from);
  EXPECT_EQ(rows->back().revision, 7u);
  EXPECT_EQ(devices::changes_of(*database_, "a", 1)->size(), 1u);
}

TEST_F(DeviceTables, TwoDevicesMayChangeAddressesWithinAChange) {
  RegistryChange first, second;
  first.put = {device("a", "1"), device("b", "2")};
  ASSERT_TRUE(save(first));
  second.put = {device("a", "2"), device("b", "1")};
  ASSERT_TRUE(save(second));
  EXPECT_EQ(address_of("a"), "2");
  EXPECT_EQ(address_of("b"), "1");
}

TEST_F(DeviceTables, WhatATableRefusesLeavesNothing) {
  RegistryChange first, second;
  first.put = {device("a", "1")};
  ASSERT_TRUE(save(first));
  second.put = {device("c", "3"), device("b", "1")};
  const auto refused = save(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
  EXPECT_EQ(address_of("c"), "none");
}

TEST_F(DeviceTables, ADroppedDeviceKeepsItsChangesAndTests) {
  RegistryChange put, drop;
  put.put = {device("a", "1")};
  put.facts.emplace_back("a", DeviceFacts{});
  TestRecord test;
  test.device = "a";
  test.no = 1;
  test.at = at(1);
  test.until = at(9);
  test.by = "王芳";
  put.tests = {test};
  ASSERT_TRUE(save(put));
  drop.drop = {"a"};
  drop.changes.push_back({"a", at(2), "王芳", DeviceChangeKind::removed, {{"address", "1"}}, {}, "拆除", 2, 0});
  ASSERT_TRUE(save(drop));
  EXPECT_EQ(address_of("a"), "none");
  EXPECT_EQ(devices::changes_of(*database_, "a", 9)->size(), 1u);
  EXPECT_EQ(devices::tests_of(*database_, "a", 9)->size(), 1u);
}

TEST_F(DeviceTables, ATestIsPassedOnceAndStaysPassed) {
  RegistryChange begin, end;
  TestRecord test;
  test.device = "a";
  test.no = 1;
  test.at = at(1);
  test.until = at(9);
  test.by = "王芳";
  test.needs_flag = true;
  begin.tests = {test};
  ASSERT_TRUE(save(begin));
  ASSERT_EQ(load().open_tests.size(), 1u);
  TestRow row;
  row.device = "a";
  row.no = 1;
  row.at = at(5);
  row.raw = std::make_shared<const RawCopy>(RawCopy{at(5), "site", "t", std::string("\x00\xFF", 2), 2, false});
  row.signal_dbm = -71.5;
  ASSERT_TRUE(devices::pass_test(*database_, row));
  row.at = at(6);
  ASSERT_TRUE(devices::pass_test(*database_, row));
  EXPECT_TRUE(load().open_tests.at(0).passed);
  test.ended_at = at(8);
  end.tests = {test};
  ASSERT_TRUE(save(end));
  const TestRecord back = devices::tests_of(*database_, "a", 9)->at(0);
  EXPECT_TRUE(back.passed);
  EXPECT_TRUE(back.needs_flag);
  EXPECT_EQ(back.message_at, at(5)) << "the first";
  EXPECT_EQ(back.payload, std::string("\x00\xFF", 2));
  EXPECT_EQ(back.signal_dbm, -71.5);
  EXPECT_EQ(back.ended_at, at(8));
  const RegistryRecords records = load();
  EXPECT_TRUE(records.open_tests.empty());
  EXPECT_TRUE(records.facts.at("a").last_test->passed);
  EXPECT_EQ(records.facts.at("a").tests, 1u);
}

TEST_F(DeviceTables, WhatIsIgnoredComesBackUntilItIsHeeded) {
  RegistryChange ignore, heed;
  ignore.ignore = {{{"site", "native", "x"}, "王芳", at(1), "邻居"}};
  ASSERT_TRUE(save(ignore));
  ASSERT_EQ(load().ignored.size(), 1u);
  EXPECT_EQ(load().ignored[0].reason, "邻居");
  heed.heed = {{"site", "native", "x"}};
  ASSERT_TRUE(save(heed));
  EXPECT_TRUE(load().ignored.empty());
}

TEST_F(DeviceTables, AnImportComesBackWithItsChanges) {
  RegistryChange change;
  change.import = ImportRecord{2, at(1), "王芳", false};
  DeviceChange row;
  row.device = "a";
  row.import = 2;
  change.changes = {row};
  ASSERT_TRUE(save(change));
  const auto found = devices::import(*database_, 2);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first.by, "王芳");
  EXPECT_EQ(found->second.size(), 1u);
  EXPECT_EQ(load().last_import, 2u);
  EXPECT_EQ(devices::import(*database_, 3).error().code, ErrorCode::not_found);
}

TEST_F(DeviceTables, ANoteIsWrittenBesideItsTest) {
  RegistryChange begin;
  TestRecord test;
  test.device = "a";
  test.no = 1;
  begin.tests = {test};
  ASSERT_TRUE(save(begin));
  EXPECT_EQ(devices::note_test(*database_, "a", 1, "烟枪"), true);
  EXPECT_EQ(devices::note_test(*database_, "a", 2, "x"), false);
  EXPECT_EQ(devices::tests_of(*database_, "a", 9)->at(0).note, "烟枪");
}

}  // namespace
}  // namespace firegate::store
