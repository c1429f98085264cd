#include "app/rule_desk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "store/store.h"
#include "store/tables/journal.h"
#include "support/fakes_api.h"

namespace firegate::app {
namespace {

namespace fs = std::filesystem;

std::string rules_with(int limit) {
  return "rules:\n  - {id: hot, kinds: [charging_station], class: pre_alarm, text: {zh: 热, en: hot}, source: our "
         "choice, "
         "when: {point: port_temperature_c, at_least: " +
         std::to_string(limit) + "}}\n";
}

Principal wangfang() {
  Principal who;
  who.kind = PrincipalKind::user;
  who.id = "wangfang";
  who.name = "王芳";
  return who;
}

class RuleDeskTest : public ::testing::Test {
 protected:
  RuleDeskTest() {
    std::string pattern = (fs::temp_directory_path() / "fg-desk-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    put(65);
    start();
  }
  ~RuleDeskTest() override {
    desk_.reset();
    writer_->stop();
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  fs::path folder() const { return root_ / "rules"; }
  void put(int limit) {
    fs::create_directories(folder());
    std::ofstream(folder() / "a.yaml") << rules_with(limit);
  }
  std::string on_disk() const { return RuleFolder(folder()).read()->at(0).text; }
  // As App does; again after an end.
  void start() {
    desk_.reset();
    writer_.reset();
    writer_ = std::make_unique<store::Writer>(*store::open(root_ / "firegate.db"), store::Writer::Settings{}, clock_,
                                              metrics_, faults_, nullptr);
    records_ = std::make_unique<store::RuleRecords>(root_ / "firegate.db", *writer_);
    desk_ = std::make_unique<RuleDesk>(RuleDesk::Needs{
        folder(), *records_, clock_, faults_, [this](const rules::RuleSetPtr& rules) { used_.push_back(rules); }});
    const auto opened = desk_->open(nullptr);
    ASSERT_TRUE(opened) << opened.error().message;
  }
  api::RuleOrder over(std::uint32_t base) const { return {wangfang(), "why", base}; }
  std::uint32_t version() const { return desk_->in_force()->version.number; }
  std::vector<std::string> journal() const {
    auto database = store::Database::open(root_ / "firegate.db", store::Database::Mode::read_only);
    std::vector<std::string> kinds;
    const auto rows = store::journal::rows_after(*database, 0, 100);
    for (const JournalRow& row : *rows) {
      kinds.push_back(row.entry.kind + " " + row.entry.from + ">" + row.entry.to + " " + row.entry.who);
    }
    return kinds;
  }
  using Lines = std::vector<std::string>;

  fs::path root_;
  fakes::StillClock clock_;
  metrics::Metrics metrics_;
  fakes::RecordedFaults faults_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::RuleRecords> records_;
  std::vector<rules::RuleSetPtr> used_;
  std::unique_ptr<RuleDesk> desk_;
};

TEST_F(RuleDeskTest, TheFirstStartMakesVersionOneOfWhatIsThere) {
  EXPECT_EQ(version(), 1u);
  EXPECT_EQ(desk_->in_force()->version.author, "system");
  EXPECT_FALSE(desk_->in_force()->built_in);
  EXPECT_EQ(desk_->in_force()->origins.at("hot").line, 2);
  EXPECT_TRUE(journal().empty());
  EXPECT_TRUE(used_.empty()) << "nobody is there yet to be told";
  start();
  EXPECT_EQ(version(), 1u) << "the same files are no new version";
}

TEST_F(RuleDeskTest, AFolderWithoutRulesHasThoseOfTheProgram) {
  fs::remove_all(folder());
  start();
  EXPECT_TRUE(desk_->in_force()->built_in);
  EXPECT_GT(desk_->in_force()->rules->all().size(), 20u);
  ASSERT_TRUE(desk_->publish({{"a.yaml", rules_with(70)}}, over(version())));
  EXPECT_FALSE(desk_->in_force()->built_in);
  EXPECT_GT(RuleFolder(folder()).read()->size(), 5u) << "those of the program are written down with what is new";
}

TEST_F(RuleDeskTest, PublishingIsRecordedWrittenAndInForce) {
  const auto published = desk_->publish({{"a.yaml", rules_with(70)}}, over(1));
  ASSERT_TRUE(published) << published.error().error.message;
  EXPECT_EQ(published->number, 2u);
  EXPECT_EQ(published->changes, (RuleChanges{{}, {}, {"hot"}}));
  EXPECT_EQ(on_disk(), rules_with(70));
  ASSERT_EQ(used_.size(), 1u);
  EXPECT_EQ(used_[0], desk_->in_force()->rules);
  EXPECT_EQ(desk_->version(2)->second, desk_->in_force()->files);
  EXPECT_EQ(journal(), (Lines{"rules_published 1>2 user:wangfang"}));
  start();
  EXPECT_EQ(version(), 2u);
}

TEST_F(RuleDeskTest, BrokenFilesAreRefusedWithEveryProblemAndNothingChanges) {
  const auto refused = desk_->publish({{"a.yaml", "rules: 1\n"}, {"b.yaml", "more: 2\n"}}, over(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::bad_input);
  EXPECT_GE(refused.error().problems.size(), 2u);
  EXPECT_EQ(version(), 1u);
  EXPECT_EQ(on_disk(), rules_with(65));
  EXPECT_TRUE(used_.empty());
  EXPECT_FALSE(desk_->check({{"a.yaml", "rules: 1\n"}}).problems.empty());
}

TEST_F(RuleDeskTest, CheckSaysWhatWouldChange) {
  const auto check = desk_->check({{"a.yaml", rules_with(70)}});
  EXPECT_TRUE(check.problems.empty());
  EXPECT_EQ(check.rules, 1u);
  EXPECT_EQ(check.changes.changed, std::vector<std::string>{"hot"});
}

TEST_F(RuleDeskTest, WhoHasNotSeenTheLastVersionDoesNotPublishOverIt) {
  ASSERT_TRUE(desk_->publish({{"a.yaml", rules_with(70)}}, over(1)));
  const auto refused = desk_->publish({{"a.yaml", rules_with(75)}}, over(1));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().stale);
  EXPECT_EQ(on_disk(), rules_with(70));
}

TEST_F(RuleDeskTest, WhatSomebodyHasEditedIsNotOverwritten) {
  put(80);
  const auto refused = desk_->publish({{"b.yaml", "rules: []\n"}}, over(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::refused);
  EXPECT_EQ(on_disk(), rules_with(80));
}

TEST_F(RuleDeskTest, TheSameFilesAreNoVersion) {
  const auto refused = desk_->publish({{"a.yaml", rules_with(65)}}, over(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::refused);
}

TEST_F(RuleDeskTest, AReloadTakesWhatWasEditedAsAVersionOfTheSystem) {
  put(80);
  ASSERT_TRUE(desk_->reload(nullptr));
  EXPECT_EQ(version(), 2u);
  EXPECT_EQ(desk_->in_force()->version.changes.changed, std::vector<std::string>{"hot"});
  EXPECT_EQ(journal(), (Lines{"rules_found 1>2 system"}));
  EXPECT_EQ(used_.size(), 1u);
  put(80);
  std::ofstream(folder() / "a.yaml") << "rules: 1\n";
  EXPECT_FALSE(desk_->reload(nullptr));
  EXPECT_EQ(version(), 2u);
  EXPECT_EQ(used_.size(), 1u);
}

TEST_F(RuleDeskTest, GoingBackPublishesTheOldFilesAsANewVersion) {
  ASSERT_TRUE(desk_->publish({{"a.yaml", rules_with(70)}, {"b.yaml", "rules: []\n"}}, over(1)));
  const auto back = desk_->roll_back(1, over(2));
  ASSERT_TRUE(back) << back.error().error.message;
  EXPECT_EQ(back->number, 3u);
  EXPECT_EQ(back->rollback_of, 1u);
  EXPECT_EQ(on_disk(), rules_with(65));
  EXPECT_EQ(RuleFolder(folder()).read()->size(), 1u);
  EXPECT_EQ(journal().back(), "rules_rolled_back 2>3 user:wangfang");
  EXPECT_EQ(desk_->roll_back(9, over(3)).error().error.code, ErrorCode::not_found);
}

TEST_F(RuleDeskTest, WhatCannotBeRecordedIsNotPublished) {
  writer_->stop();
  EXPECT_FALSE(desk_->publish({{"a.yaml", rules_with(70)}}, over(1)));
  EXPECT_EQ(on_disk(), rules_with(65));
  EXPECT_TRUE(used_.empty());
  EXPECT_FALSE(fs::exists(folder() / ".next"));
}

TEST_F(RuleDeskTest, AStartBringsIntoPlaceWhatWasRecorded) {
  RuleFolder dying(folder());
  ASSERT_TRUE(dying.prepare({{"a.yaml", rules_with(70)}}));
  ASSERT_TRUE(records_->publish({0, "user:wangfang", "王芳", clock_.now(), "why", 0, {}}, {{"a.yaml", rules_with(70)}},
                                std::nullopt));
  start();
  EXPECT_EQ(version(), 2u);
  EXPECT_EQ(desk_->in_force()->version.author, "user:wangfang");
  EXPECT_EQ(on_disk(), rules_with(70));
}

TEST_F(RuleDeskTest, AStartThrowsAwayWhatWasNotRecorded) {
  RuleFolder dying(folder());
  ASSERT_TRUE(dying.prepare({{"a.yaml", rules_with(70)}}));
  start();
  EXPECT_EQ(version(), 1u);
  EXPECT_EQ(on_disk(), rules_with(65));
  EXPECT_EQ(*RuleFolder(folder()).prepared(), std::nullopt);
}

TEST_F(RuleDeskTest, WorkIsBoundedAndRefusedAfterTheEnd) {
  std::size_t taken = 0;
  while (taken < 100 && desk_->post([] {})) ++taken;
  EXPECT_EQ(taken, RuleDesk::kMaxWaiting);
  desk_->stop();
  EXPECT_FALSE(desk_->post([] {}));
}

}  // namespace
}  // namespace firegate::app
