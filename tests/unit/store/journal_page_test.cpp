#include "store/queries.h"
#include "store/tables/alarms.h"
#include "store/tables/places.h"
#include "unit/store/journal_support.h"

namespace firegate::store {
namespace {

using namespace store_test;

class JournalPages : public ::testing::Test {
 protected:
  void SetUp() override {
    database_.emplace(*open(dir_.file()));
    archive_ = *SqliteArchive::open(dir_.file());
  }
  Database& db() { return *database_; }
  void put(int when, const char* kind, const char* who, std::uint64_t alarm = 0, const char* subject = "") {
    ASSERT_TRUE(journal::append(db(), {at(when), kind, AlarmId{alarm}, subject, "", "", who, "", ""}));
  }
  void put_alarm(std::uint64_t id, const char* estate) {
    Alarm alarm = full_alarm(id);
    auto place = std::make_shared<Place>();
    place->estate.id = estate;
    alarm.subject.place = place;
    ASSERT_TRUE(alarms::save(db(), alarm));
  }
  static JournalQuery everything() {
    JournalQuery query;
    query.scope.every = true;
    return query;
  }
  // Numbers of the rows, newest first.
  std::vector<std::uint64_t> numbers(const JournalQuery& query) {
    const auto page = archive_->journal(query);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::uint64_t> numbers;
    for (const JournalRow& row : page->rows) numbers.push_back(row.seq);
    return numbers;
  }
  using Numbers = std::vector<std::uint64_t>;

  TempDir dir_;
  std::optional<Database> database_;
  std::unique_ptr<Archive> archive_;
};

TEST_F(JournalPages, RowComesBackWithEveryFieldItsNumberAndItsHash) {
  ASSERT_TRUE(journal::append(db(), entry(5)));
  const auto page = archive_->journal(everything());
  ASSERT_EQ(page->rows.size(), 1u);
  const JournalRow& row = page->rows[0];
  EXPECT_EQ(row.seq, 1u);
  EXPECT_EQ(row.hash, to_hex(chain_hash(kBeforeTheFirst, 1, entry(5))));
  EXPECT_EQ(to_hex(chain_hash(kBeforeTheFirst, 1, row.entry)), row.hash) << "every field is as it was written";
  EXPECT_EQ(row.entry.name, "王芳");
}

TEST_F(JournalPages, EveryRowComesOnceNewestFirst) {
  for (int i = 0; i < 57; ++i) put(i / 5, "raise", "system");
  for (const std::size_t limit : {1u, 2u, 7u, 56u, 57u, 58u, 500u}) {
    JournalQuery query = everything();
    query.limit = limit;
    std::vector<std::uint64_t> all;
    do {
      const auto page = archive_->journal(query);
      ASSERT_TRUE(page) << page.error().message;
      ASSERT_LE(page->rows.size(), limit);
      for (const JournalRow& row : page->rows) all.push_back(row.seq);
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
    ASSERT_EQ(all.size(), 57u) << limit;
    EXPECT_TRUE(std::ranges::is_sorted(all, std::greater<>{}));
  }
}

TEST_F(JournalPages, FiltersTakeWhatIsAskedFor) {
  put(1, "sign_in", "user:wangfang");
  put(2, "raise", "system", 7, "smoke-1");
  put(3, "acknowledge", "user:wangfang", 7, "smoke-1");
  put(4, "acknowledge", "user:lilei", 8, "smoke-2");
  JournalQuery query = everything();
  query.who = "user:wangfang";
  EXPECT_EQ(numbers(query), (Numbers{3, 1}));
  query.kind = "sign_in";
  EXPECT_EQ(numbers(query), (Numbers{1}));
  query = everything();
  query.who = "system";
  EXPECT_EQ(numbers(query), (Numbers{2}));
  query = everything();
  query.kind = "acknowledge";
  EXPECT_EQ(numbers(query), (Numbers{4, 3}));
  query = everything();
  query.alarm = AlarmId{7};
  EXPECT_EQ(numbers(query), (Numbers{3, 2}));
  query = everything();
  query.subject = "smoke-2";
  EXPECT_EQ(numbers(query), (Numbers{4}));
  query = everything();
  query.from = at(2);
  query.to = at(3);
  EXPECT_EQ(numbers(query), (Numbers{3, 2}));
}

TEST_F(JournalPages, FiltersTakeHostileTextLiterally) {
  put(1, "sign_in", "user:wangfang");
  for (const char* text : {"' OR 1=1 --", "\"; DROP TABLE journal; --", "%", "user:wangfang' --"}) {
    for (const auto field : {&JournalQuery::who, &JournalQuery::kind, &JournalQuery::subject}) {
      JournalQuery query = everything();
      query.*field = text;
      EXPECT_TRUE(numbers(query).empty()) << text;
    }
    JournalQuery query;
    query.scope.estates = {text};
    put(2, "sign_in", "user:lilei");
    EXPECT_FALSE(numbers(query).empty()) << "what is about no estate";
  }
}

TEST_F(JournalPages, ScopeShowsItsEstatesAndWhatIsAboutNone) {
  put_alarm(1, "jinxiu");
  put_alarm(2, "binhe");
  put_alarm(3, "");
  put(1, "acknowledge", "user:a", 1);
  put(2, "acknowledge", "user:b", 2);
  put(3, "acknowledge", "user:c", 3);
  put(4, "sign_in", "user:d");
  put(5, "acknowledge", "user:e", 99);  // of an alarm that is no longer stored
  JournalQuery query;
  EXPECT_TRUE(numbers(query).empty()) << "no scope shows nothing";
  query.scope.estates = {"jinxiu"};
  EXPECT_EQ(numbers(query), (Numbers{4, 3, 1}));
  query.scope.estates = {"binhe", "jinxiu"};
  EXPECT_EQ(numbers(query), (Numbers{4, 3, 2, 1}));
  query.scope.estates = {"jin"};
  EXPECT_EQ(numbers(query), (Numbers{4, 3}));
  query.alarm = AlarmId{1};
  EXPECT_TRUE(numbers(query).empty());
  EXPECT_EQ(numbers(everything()).size(), 5u);
}

TEST_F(JournalPages, ActsOnAnotherEstatesDevicesAreNotShown) {
  ASSERT_TRUE(db().execute(
      "INSERT INTO devices VALUES ('d1','smoke_detector','s','f','a1','m','','',0,'jinxiu','','','','',0), "
      "('d2','smoke_detector','s','f','a2','m','','',0,'binhe','','','','',1)"));
  put(1, "disable", "user:a", 0, "d1");
  put(2, "disable", "user:b", 0, "d2");
  JournalQuery query;
  query.scope.estates = {"jinxiu"};
  EXPECT_EQ(numbers(query), (Numbers{1}));
}

TEST_F(JournalPages, CursorOrLimitThatNobodyGaveIsRefused) {
  for (const char* cursor : {"x", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "0000"}) {
    JournalQuery query = everything();
    query.cursor = cursor;
    EXPECT_EQ(archive_->journal(query).error().code, ErrorCode::bad_input);
  }
  for (const std::size_t limit : {0u, 501u}) {
    JournalQuery query = everything();
    query.limit = limit;
    EXPECT_EQ(archive_->journal(query).error().code, ErrorCode::bad_input);
  }
}

// The plans of the shapes that tables/journal.cpp makes: an index, and no sorting of everything.
TEST_F(JournalPages, PagesAreServedByAnIndex) {
  const std::pair<const char*, const char*> shapes[] = {
      {"(at, seq) < (?1, ?2)", "journal_by_time"},
      {"(at, seq) < (?1, ?2) AND who = ?3 AND who <> 'system'", "journal_of_people"},
      {"(at, seq) < (?1, ?2) AND kind = ?3", "journal_by_kind"},
      {"(at, seq) < (?1, ?2) AND alarm = ?3 AND alarm <> 0", "journal_by_alarm"}};
  for (const auto& [where, index] : shapes) {
    auto plan = db().query(
        fmt::format("EXPLAIN QUERY PLAN SELECT why FROM journal WHERE {} ORDER BY at DESC, seq DESC LIMIT 9", where));
    std::string text;
    while (*plan.next()) {
      for (int column = 0; column < 3; ++column) plan.integer();
      text += plan.text() + "; ";
    }
    EXPECT_NE(text.find(index), std::string::npos) << text;
    if (std::string_view(index) != "journal_by_alarm") {
      EXPECT_EQ(text.find("TEMP B-TREE"), std::string::npos) << text;
    }
  }
}

TEST_F(JournalPages, ArchiveChecksTheJournalBesideIt) {
  put(1, "sign_in", "user:a");
  EXPECT_TRUE(archive_->check_journal({}, {})->ok());
  ASSERT_TRUE(db().execute("DROP TRIGGER journal_is_append_only; UPDATE journal SET who = 'user:b'"));
  const auto report = archive_->check_journal({}, {});
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].fault, JournalFault::changed_row);
}

}  // namespace
}  // namespace firegate::store
