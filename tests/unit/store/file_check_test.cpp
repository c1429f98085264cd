#include "store/file_check.h"

#include <condition_variable>
#include <fstream>

#include "store/store.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

class FileFaults final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override {
    if (code == SelfFaultCode::store_failed && part == "file") note(true, std::move(detail));
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    if (code == SelfFaultCode::store_failed && part == "file") note(false, {});
  }
  bool wait_for(bool raised) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return raised_ == raised; });
  }
  std::string detail() const {
    const std::lock_guard lock(mutex_);
    return detail_;
  }

 private:
  void note(bool raised, std::string detail) {
    const std::lock_guard lock(mutex_);
    raised_ = raised;
    detail_ = std::move(detail);
    changed_.notify_all();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<bool> raised_;
  std::string detail_;
};

class FileChecks : public ::testing::Test {
 protected:
  // A store whose journal fills some pages.
  void SetUp() override {
    auto database = open(dir_.file());
    ASSERT_TRUE(database->execute(
        "INSERT INTO journal (at, kind, alarm, subject, from_state, to_state, who, post, why) "
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "SELECT i, 'raise', i, 'device', 'normal', 'unacknowledged', 'system', '', 'a reason of some length' FROM n"));
    const auto page = database->read_integer("SELECT max(pageno) FROM dbstat WHERE name = 'journal'");
    page_ = page ? *page : *database->read_integer("SELECT rootpage FROM sqlite_schema WHERE name = 'journal'");
    ASSERT_TRUE(database->execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;"));
  }
  void damage_journal() {
    std::fstream file(dir_.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page_ - 1) * 4096);
    const std::string rubbish(4096, '\x5A');
    file.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
  }

  TempDir dir_;
  FileFaults faults_;
  std::int64_t page_ = 0;
};

TEST_F(FileChecks, ASoundFileHasNoDamageInAnyTable) {
  const auto tables = tables_of(dir_.file());
  ASSERT_TRUE(tables);
  EXPECT_GT(tables->size(), 10u);
  for (const std::string& table : *tables)
    EXPECT_EQ(quick_check(dir_.file(), table), std::vector<std::string>{}) << table;
}

TEST_F(FileChecks, DamageIsFoundInTheTableThatHasIt) {
  damage_journal();
  EXPECT_FALSE(quick_check(dir_.file(), "journal")->empty());
  EXPECT_TRUE(quick_check(dir_.file(), "alarms")->empty());
}

TEST_F(FileChecks, RaisesAFaultUntilACheckFindsTheFileSound) {
  const auto sound = dir_.path / "sound";
  std::filesystem::copy_file(dir_.file(), sound);
  damage_journal();
  FileCheck check(dir_.file(), {.first_after = Millis{0}, .every = Millis{1}}, faults_);
  ASSERT_TRUE(faults_.wait_for(true));
  EXPECT_NE(faults_.detail().find("damaged"), std::string::npos);
  std::filesystem::rename(sound, dir_.file());
  ASSERT_TRUE(faults_.wait_for(false));
  check.stop();
  EXPECT_FALSE(check.damage());
}

TEST_F(FileChecks, WaitsBeforeTheFirstAndStopsAtOnce) {
  damage_journal();
  const auto start = std::chrono::steady_clock::now();
  { const FileCheck check(dir_.file(), {}, faults_); }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{30});
  EXPECT_EQ(faults_.detail(), "");
}

}  // namespace
}  // namespace firegate::store
