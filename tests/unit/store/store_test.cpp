#include "store/store.h"

#include <sys/wait.h>

#include <fstream>
#include <random>

#include "store/migrations.h"
#include "store/tables/alarms.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;
namespace fs = std::filesystem;

TEST(Migrations, EverySchemaFromEmptyReachesTheNewest) {
  for (int version = 0; version <= newest_schema(); ++version) {
    const TempDir dir;
    auto database = Database::open(dir.file(), Database::Mode::read_write);
    ASSERT_TRUE(migrate(*database, migrations().first(static_cast<std::size_t>(version))));
    EXPECT_EQ(*schema_version(*database), version);
    ASSERT_TRUE(migrate(*database));
    EXPECT_EQ(*schema_version(*database), newest_schema());
    EXPECT_TRUE(load(*database));
  }
}

TEST(Migrations, VersionsCountUpFromOne) {
  int expected = 1;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, expected++);
}

TEST(Migrations, StepThatFailsLeavesTheOldSchema) {
  const TempDir dir;
  auto database = Database::open(dir.file(), Database::Mode::read_write);
  const std::array steps{Migration{1, "good", "CREATE TABLE a (x)"},
                         Migration{2, "bad", "CREATE TABLE b (x); CREATE TABLE nonsense"}};
  EXPECT_FALSE(migrate(*database, steps));
  EXPECT_EQ(*schema_version(*database), 1);
  EXPECT_FALSE(database->execute("SELECT * FROM b"));
}

// A killed process leaves the old schema or the new one.
TEST(Migrations, KilledInAStepLeavesTheOldSchemaOrTheNewOne) {
  std::string sql = "CREATE TABLE big (x);";
  for (int i = 0; i < 2000; ++i) sql += "INSERT INTO big VALUES (randomblob(2000));";
  const int old = newest_schema();
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  steps.push_back({old + 1, "big", sql});
  for (int round = 0; round < 15; ++round) {
    const TempDir dir;
    ASSERT_TRUE(open(dir.file()));
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto database = Database::open(dir.file(), Database::Mode::read_write);
      _exit(database && migrate(*database, steps) ? 0 : 1);
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{round * 3};
    while (std::chrono::steady_clock::now() < until && waitpid(child, nullptr, WNOHANG) == 0) {
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    auto database = Database::open(dir.file(), Database::Mode::read_write);
    const int version = *schema_version(*database);
    const bool there = *database->read_integer("SELECT count(*) FROM sqlite_master WHERE name = 'big'") == 1;
    ASSERT_TRUE(version == old || version == old + 1);
    EXPECT_EQ(there, version == old + 1);
    if (there) {
      EXPECT_EQ(*database->read_integer("SELECT count(*) FROM big"), 2000);
    }
    EXPECT_TRUE(migrate(*database, steps));
  }
}

TEST(Store, NewerSchemaIsRefusedAndUntouched) {
  const TempDir dir;
  {
    auto database = open(dir.file());
    ASSERT_TRUE(database->execute("PRAGMA user_version = 999"));
  }
  const auto refused = open_or_replace(dir.file(), at(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().message.find("999"), std::string::npos);
  auto database = Database::open(dir.file(), Database::Mode::read_only);
  EXPECT_EQ(*schema_version(*database), 999);
}

TEST(Store, DamagedFileIsPutAsideAndAnEmptyStoreOpened) {
  const TempDir dir;
  std::ofstream(dir.file()) << std::string(20'000, 'x');
  auto opened = open_or_replace(dir.file(), at(0));
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE(opened->damaged);
  EXPECT_EQ(fs::file_size(*opened->damaged), 20'000u);
  EXPECT_TRUE(load(opened->database));
}

// Whatever a page says, opening answers: the store, an empty one, or an error; it never crashes.
TEST(Store, AnyDamageIsSurvived) {
  const TempDir original;
  {
    auto database = open(original.file());
    for (std::uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(alarms::save(*database, full_alarm(i * 77)));
  }
  const auto size = fs::file_size(original.file());
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    const TempDir dir;
    fs::copy_file(original.file(), dir.file());
    if (round % 3 == 0) {
      fs::resize_file(dir.file(), random() % size);
    } else {
      std::fstream file(dir.file(), std::ios::in | std::ios::out | std::ios::binary);
      for (int i = 0; i < 200; ++i) {
        file.seekp(static_cast<std::streamoff>(random() % size));
        file.put(static_cast<char>(random()));
      }
    }
    auto opened = open_or_replace(dir.file(), at(round));
    if (!opened) continue;
    if (opened->damaged) {
      EXPECT_TRUE(load(opened->database)->alarms.empty());
    }
    EXPECT_TRUE(load(opened->database));
  }
}

TEST(Store, CheckFindsDamage) {
  const TempDir dir;
  {
    auto database = open(dir.file());
    for (std::uint64_t i = 0; i < 500; ++i) ASSERT_TRUE(alarms::save(*database, full_alarm(i)));
  }
  const auto sound = check(dir.file());
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_TRUE(sound->ok());
  EXPECT_EQ(sound->schema, newest_schema());
  {
    std::fstream file(dir.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(dir.file()) - 4096 * 8));
    file << std::string(4096 * 4, '\x5A');
  }
  const auto damaged = check(dir.file());
  EXPECT_TRUE(!damaged || !damaged->ok());
}

TEST(Store, BackupIsACompleteStoreTakenWhileItIsOpen) {
  const TempDir dir;
  auto database = open(dir.file());
  ASSERT_TRUE(alarms::save(*database, full_alarm(1)));
  const fs::path copy = dir.path / "copy.db";
  const auto done = backup(dir.file(), copy);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(fs::exists(copy.string() + "-wal"));
  EXPECT_TRUE(check(copy)->ok());
  auto restored = open(copy);
  expect_same(*alarms::load(*restored, AlarmId{1}), full_alarm(1));
  EXPECT_EQ(backup(dir.file(), copy).error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace firegate::store
