#include "store/store.h"
#include "store/tables/commands.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

constexpr Instant kNow{Millis{1'700'000'000'000}};

class CommandTables : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open(dir_.file());
    ASSERT_TRUE(opened) << opened.error().message;
    database_.emplace(std::move(*opened));
  }
  static CommandRecord record(std::string id, std::string key = {}) {
    CommandRecord made;
    made.command.id = std::move(id);
    made.command.kind = CommandKind::hold_door;
    made.command.port = 3;
    made.command.until = kNow + Millis{60'000};
    made.device = "lift";
    made.estate = "jinxiu";
    made.source = "site";
    made.address = "lift-1";
    made.at = made.changed_at = kNow;
    made.by = "王芳";
    made.who = "user:wangfang";
    made.reason = "试验";
    made.key = std::move(key);
    return made;
  }
  std::vector<CommandRecord> page(std::uint64_t before = 0, std::size_t limit = 10) {
    auto rows = commands::of_device(*database_, "lift", before, limit);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? std::move(*rows) : std::vector<CommandRecord>{};
  }

  TempDir dir_;
  std::optional<Database> database_;
};

TEST_F(CommandTables, ACommandComesBackWithEveryField) {
  ASSERT_TRUE(commands::add(*database_, record("c1", "k1")));
  const auto rows = page();
  ASSERT_EQ(rows.size(), 1u);
  const CommandRecord& back = rows.front();
  EXPECT_EQ(back.command.id, "c1");
  EXPECT_EQ(back.command.kind, CommandKind::hold_door);
  EXPECT_EQ(back.command.port, 3);
  EXPECT_EQ(back.command.until, kNow + Millis{60'000});
  EXPECT_EQ(back.address, "lift-1");
  EXPECT_EQ(back.state, CommandState::requested);
  EXPECT_EQ(back.by + back.who + back.reason + back.key, "王芳user:wangfang试验k1");
  EXPECT_GT(back.seq, 0u);
}

TEST_F(CommandTables, WhatIsOverIsNotOpen) {
  CommandRecord one = record("c1");
  ASSERT_TRUE(commands::add(*database_, one));
  ASSERT_TRUE(commands::add(*database_, record("c2")));
  one.state = CommandState::done;
  one.why = "so says the lift";
  ASSERT_TRUE(commands::change(*database_, one));
  const auto open = commands::open(*database_);
  ASSERT_TRUE(open);
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ(open->front().command.id, "c2");
  EXPECT_EQ(page().back().why, "so says the lift");
}

TEST_F(CommandTables, AKeyStandsForOneCommandOfAPerson) {
  ASSERT_TRUE(commands::add(*database_, record("c1", "k1")));
  EXPECT_FALSE(commands::add(*database_, record("c2", "k1")));
  EXPECT_TRUE(commands::add(*database_, record("c3")));
  EXPECT_TRUE(commands::add(*database_, record("c4")));
  const auto found = commands::by_key(*database_, "user:wangfang", "k1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->command.id, "c1");
  EXPECT_FALSE(*commands::by_key(*database_, "user:another", "k1"));
  EXPECT_FALSE(*commands::by_key(*database_, "user:wangfang", ""));
}

TEST_F(CommandTables, PagesGoOnFromTheLastNumber) {
  for (const char* id : {"c1", "c2", "c3"}) ASSERT_TRUE(commands::add(*database_, record(id)));
  const auto first = page(0, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first.front().command.id, "c3");
  const auto rest = page(first.back().seq, 2);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest.front().command.id, "c1");
}

TEST_F(CommandTables, TheNewestOfADeviceStay) {
  for (std::uint64_t i = 0; i < commands::kKept + 2; ++i)
    ASSERT_TRUE(commands::add(*database_, record(std::to_string(i))));
  const auto rows = page(0, commands::kKept + 10);
  EXPECT_EQ(rows.size(), commands::kKept);
  EXPECT_EQ(rows.back().command.id, "2");
}

}  // namespace
}  // namespace firegate::store
