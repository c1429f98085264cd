#include "store/rule_records.h"

#include "store/store.h"
#include "store/tables/alarms.h"
#include "store/tables/journal.h"
#include "unit/store/failing_vfs.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

RuleVersion version_by(std::string author) {
  return {0, std::move(author), "王芳", at(1), "端口更早", 3, {{"a", "b"}, {}, {"c"}}};
}

JournalEntry line() { return {at(1), "rules_published", AlarmId{}, "rules", "0", "", "user:wangfang", "", "端口更早"}; }

class RuleRecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = open(dir_.file());
    ASSERT_TRUE(database) << database.error().message;
    writer_ = std::make_unique<Writer>(std::move(*database), Writer::Settings{}, clock_, metrics_, faults_, nullptr);
    records_ = std::make_unique<RuleRecords>(dir_.file(), *writer_);
  }
  void raise(std::uint64_t id, std::string rule, Instant when, std::optional<Verdict> verdict = {},
             std::string estate = "jinxiu") {
    Alarm alarm = full_alarm(id);
    alarm.rule = std::move(rule);
    alarm.first_raised_at = when;
    alarm.verdict = verdict;
    Place place = *alarm.subject.place;
    place.estate.id = std::move(estate);
    alarm.subject.place = std::make_shared<const Place>(std::move(place));
    Batch batch;
    batch.alarms = {alarm};
    batch.urgent = true;
    Calls calls;
    writer_->write(std::move(batch), calls.done());
    ASSERT_TRUE(calls.wait_for(1).at(0));
  }

  TempDir dir_;
  FixedClock clock_;
  metrics::Metrics metrics_;
  Faults faults_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<RuleRecords> records_;
};

TEST_F(RuleRecordsTest, VersionsAreNumberedFromOneAndComeBackWithEveryField) {
  EXPECT_TRUE(records_->versions(10)->empty());
  ASSERT_EQ(records_->publish(version_by("user:wangfang"), {{"a.yaml", "rules: []\n"}, {"烟.yaml", "x"}}, line()), 1u);
  ASSERT_EQ(records_->publish(version_by("system"), {{"a.yaml", "other"}}, std::nullopt), 2u);
  const auto all = records_->versions(10);
  ASSERT_TRUE(all && all->size() == 2);
  EXPECT_EQ(all->front().number, 2u) << "newest first";
  RuleVersion wanted = version_by("user:wangfang");
  wanted.number = 1;
  EXPECT_EQ(all->back(), wanted);
  EXPECT_EQ(records_->versions(1)->size(), 1u);
  const auto first = records_->version(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first, wanted);
  EXPECT_EQ(first->second, (RuleFiles{{"a.yaml", "rules: []\n"}, {"烟.yaml", "x"}}));
  EXPECT_EQ(records_->version(3).error().code, ErrorCode::not_found);
}

TEST_F(RuleRecordsTest, AVersionAndItsLineOfTheJournalAreOneTransaction) {
  ASSERT_TRUE(records_->publish(version_by("user:wangfang"), {}, line()));
  auto database = Database::open(dir_.file(), Database::Mode::read_only);
  const auto rows = journal::rows_after(*database, 0, 10);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().entry.kind, "rules_published");
  EXPECT_EQ(rows->front().entry.to, "1");
}

TEST_F(RuleRecordsTest, WhatCannotBeWrittenIsRefusedAndNotWrittenLater) {
  const RuleFiles twice{{"a.yaml", "x"}, {"a.yaml", "y"}};  // a constraint refuses it, always
  EXPECT_FALSE(records_->publish(version_by("user:wangfang"), twice, line()));
  EXPECT_TRUE(records_->versions(10)->empty());
  EXPECT_EQ(records_->publish(version_by("user:wangfang"), {}, line()), 1u) << "numbers have no gaps";
}

TEST_F(RuleRecordsTest, AStoppedWriterIsAnErrorAtOnce) {
  writer_->stop();
  EXPECT_FALSE(records_->publish(version_by("user:wangfang"), {}, line()));
}

TEST_F(RuleRecordsTest, ShadowIsKeptReplacedAndDropped) {
  EXPECT_FALSE(records_->shadow()->has_value());
  const ShadowRecord shadow{"user:wangfang", "王芳", at(7), 4711, "试", {{"a.yaml", "rules: []"}}};
  ASSERT_TRUE(records_->keep_shadow(shadow, line()));
  const auto kept = records_->shadow();
  ASSERT_TRUE(kept && *kept);
  EXPECT_TRUE((*kept)->author == shadow.author && (*kept)->name == shadow.name && (*kept)->note == shadow.note);
  EXPECT_EQ((*kept)->since, at(7));
  EXPECT_EQ((*kept)->first_message, 4711u);
  EXPECT_EQ((*kept)->files, shadow.files);
  ASSERT_TRUE(records_->keep_shadow(std::nullopt, line()));
  EXPECT_FALSE(records_->shadow()->has_value());
}

TEST_F(RuleRecordsTest, HitsCountADayAndAMonthByVerdictWithinTheScope) {
  const Instant now = at(0) + std::chrono::hours{24 * 40};
  const auto ago = [now](int hours) { return now - std::chrono::hours{hours}; };
  raise(1, "smoke", ago(1), Verdict::cooking);
  raise(2, "smoke", ago(48), Verdict::real);
  raise(3, "smoke", ago(24 * 31));
  raise(4, "smoke", ago(49), std::nullopt, "other");
  raise(5, "port", ago(2), std::nullopt, "");
  const auto all = records_->hits({true, {}}, now);
  ASSERT_TRUE(all && all->size() == 2);
  const RuleHits& smoke = all->back();
  EXPECT_EQ(smoke.rule, "smoke");
  EXPECT_EQ(smoke.day, 1u);
  EXPECT_EQ(smoke.month, 3u);
  EXPECT_EQ(smoke.last_at, ago(1));
  EXPECT_EQ(smoke.verdicts[static_cast<std::size_t>(Verdict::cooking)], 1u);
  EXPECT_EQ(smoke.verdicts[static_cast<std::size_t>(Verdict::real)], 1u);
  const auto own = records_->hits({false, {"other"}}, now);
  ASSERT_EQ(own->size(), 2u) << "what belongs to no estate belongs to everybody";
  EXPECT_EQ(own->back().month, 1u);
  EXPECT_TRUE(records_->hits({}, now)->empty());
}

}  // namespace
}  // namespace firegate::store
