#include "store/journal_check.h"

#include "store/migrations.h"
#include "store/tables/state.h"
#include "unit/store/journal_support.h"

namespace firegate::store {
namespace {

using namespace store_test;
namespace fs = std::filesystem;

class JournalCheck : public JournalTest {
 protected:
  // Rows from `seq` on as they would be had they been written so: somebody who knows the form of the chain.
  void write_anew_from(std::uint64_t seq) {
    tamper(fmt::format("UPDATE journal SET why = 'somebody else' WHERE seq = {}", seq));
    auto database = Database::open(dir_.file(), Database::Mode::read_write);
    ChainHash hash = **journal::hash_of(*database, seq - 1);
    const auto rows = journal::rows_after(*database, static_cast<std::int64_t>(seq) - 1, 1000);
    for (const JournalRow& row : *rows) {
      hash = chain_hash(hash, row.seq, row.entry);
      auto update = database->query("UPDATE journal SET hash = ? WHERE seq = ?");
      ASSERT_TRUE(update.bind(Bytes{as_bytes(hash)}, row.seq).run());
    }
  }
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    std::ifstream file(beside("journal.checkpoints"));
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  void put_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    put_text(beside("journal.checkpoints"), text);
  }
};

TEST_F(JournalCheck, UntouchedJournalIsSound) {
  keep(5);
  const JournalReport report = check();
  EXPECT_TRUE(report.ok()) << found();
  EXPECT_EQ(report.rows, 50u);
  EXPECT_EQ(report.first, 1u);
  EXPECT_EQ(report.last, 50u);
  EXPECT_EQ(report.checkpoints, 5u);
  EXPECT_EQ(report.unchained, 0u);
}

TEST_F(JournalCheck, EmptyJournalIsSound) {
  keep(0);
  EXPECT_TRUE(check().ok());
}

TEST_F(JournalCheck, ChangedFieldNamesItsRow) {
  keep(3);
  copy_database(beside("copy.db"));
  for (const char* column :
       {"at", "kind", "alarm", "subject", "from_state", "to_state", "who", "post", "why", "name", "address"}) {
    const bool number = std::string_view(column) == "at" || std::string_view(column) == "alarm";
    tamper(fmt::format("UPDATE journal SET {0} = {0} {1} WHERE seq = 17", column, number ? "+ 1" : "|| '.'"));
    EXPECT_EQ(found(), "changed_row 17") << column;
    restore_database(beside("copy.db"));
  }
  EXPECT_EQ(found(), "");
}

TEST_F(JournalCheck, ChangedHashNamesItsRowOnce) {
  keep(3);
  tamper("UPDATE journal SET hash = zeroblob(32) WHERE seq = 17");
  EXPECT_EQ(found(), "changed_row 17");
}

TEST_F(JournalCheck, LastRowIsCovered) {
  keep(3);
  tamper("UPDATE journal SET who = 'user:lilei' WHERE seq = 30");
  EXPECT_EQ(found(), "changed_row 30");
}

TEST_F(JournalCheck, FlippedBitInTheFileIsFound) {
  keep(5);
  copy_database(beside("copy.db"));
  std::string bytes = text_of(beside("copy.db"));
  const std::string words = entry(23).why;
  int flipped = 0;
  for (std::size_t where = bytes.find(words); where != std::string::npos; where = bytes.find(words, where + 1)) {
    for (const std::size_t offset : {std::size_t{0}, words.size() - 1}) {
      bytes[where + offset] = static_cast<char>(bytes[where + offset] ^ 0x01);
      put_text(beside("flipped.db"), bytes);
      restore_database(beside("flipped.db"));
      EXPECT_EQ(found(), "changed_row 23");
      bytes[where + offset] = static_cast<char>(bytes[where + offset] ^ 0x01);
      ++flipped;
    }
  }
  EXPECT_GE(flipped, 2);
}

TEST_F(JournalCheck, DeletedRowsAreNamed) {
  keep(5);
  tamper("DELETE FROM journal WHERE seq = 23 OR seq BETWEEN 31 AND 34");
  EXPECT_EQ(found(), "missing_rows 23, missing_rows 31-34");
}

TEST_F(JournalCheck, DeletedBeginningIsFound) {
  keep(5);
  tamper("DELETE FROM journal WHERE seq < 3");
  EXPECT_EQ(found(), "missing_rows 1-2");
}

TEST_F(JournalCheck, DeletedBeginningAtACheckpointIsFound) {
  keep(5);
  tamper("DELETE FROM journal WHERE seq <= 20");
  EXPECT_EQ(found(), "missing_rows 1-20");
}

TEST_F(JournalCheck, CutTailNamesTheCheckpointThatKnewMore) {
  keep(5);
  tamper("DELETE FROM journal WHERE seq > 45");
  EXPECT_EQ(found(), "tail_cut 46-50@5");
}

TEST_F(JournalCheck, CutTailAfterTheLastCheckpointIsFound) {
  auto running = run();
  write(running, 1, 10);
  tick(running);
  write(running, 11, 13);
  running.writer->stop();
  EXPECT_EQ(found(), "");
  tamper("DELETE FROM journal WHERE seq > 11");
  EXPECT_EQ(found(), "tail_cut 12-13");
}

TEST_F(JournalCheck, EmptiedJournalIsFound) {
  keep(2);
  tamper("DELETE FROM journal");
  EXPECT_EQ(found(), "tail_cut 1-20@2");
}

TEST_F(JournalCheck, YesterdaysDatabaseIsFound) {
  auto running = run();
  for (int i = 0; i < 5; ++i) {
    write(running, 10 * i + 1, 10 * i + 10);
    tick(running);
    if (i == 2) copy_database(beside("yesterday.db"));
  }
  running.writer->stop();
  EXPECT_EQ(found(), "");
  restore_database(beside("yesterday.db"));
  EXPECT_EQ(found(), "rolled_back 31-50@5");
}

TEST_F(JournalCheck, YesterdaysDatabaseStaysFoundWhenTheGatewayHasWrittenOn) {
  keep(3);
  copy_database(beside("yesterday.db"));
  {
    auto running = run();
    write(running, 31, 50);
    tick(running);
    running.writer->stop();
  }
  restore_database(beside("yesterday.db"));
  auto running = run();
  tick(running, Millis{1000});
  EXPECT_NE(faults_.of("chain"), "");
  write(running, 131, 160);
  tick(running);
  running.writer->stop();
  EXPECT_EQ(found(), "replaced 50@4");
}

TEST_F(JournalCheck, AnotherDatabaseIsFound) {
  keep(3);
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(dir_.file().string() + suffix);
  { auto fresh = open(dir_.file()); }
  EXPECT_EQ(found(), "rolled_back 1-30@3");
}

TEST_F(JournalCheck, RowsWrittenAnewWithTheirChainAreFound) {
  keep(5);
  write_anew_from(23);
  EXPECT_EQ(found(), "replaced 30@3");
}

TEST_F(JournalCheck, RowsPutInBetweenNumbersAreFound) {
  keep(2);
  tamper(
      "INSERT INTO journal SELECT -5, at, kind, alarm, subject, from_state, to_state, who, post, why, name, address, "
      "hash "
      "FROM journal WHERE seq = 3");
  EXPECT_EQ(found(), "changed_row");
}

TEST_F(JournalCheck, LastLineTakenFromTheCheckpointsIsFound) {
  keep(5);
  auto all = lines();
  all.pop_back();
  put_lines(all);
  EXPECT_EQ(found(), "checkpoints_short@4");
}

TEST_F(JournalCheck, MissingCheckpointsAreFound) {
  keep(5);
  fs::remove(beside("journal.checkpoints"));
  EXPECT_EQ(found(), "checkpoints_short");
}

TEST_F(JournalCheck, LineCutShortIsFound) {
  keep(5);
  const std::string text = text_of(beside("journal.checkpoints"));
  put_text(beside("journal.checkpoints"), text.substr(0, text.size() - 20));
  EXPECT_EQ(found(), "checkpoints_damaged, checkpoints_short@4");
}

TEST_F(JournalCheck, LineTakenFromBetweenIsFound) {
  keep(5);
  auto all = lines();
  all.erase(all.begin() + 2);
  put_lines(all);
  EXPECT_EQ(found(), "checkpoints_damaged@4");
}

TEST_F(JournalCheck, LineThatIsNoCheckpointIsFound) {
  keep(5);
  auto all = lines();
  all[2] = "{\"number\":3}";
  put_lines(all);
  EXPECT_EQ(found(), "checkpoints_damaged, checkpoints_damaged@4");
}

TEST_F(JournalCheck, ChangedCheckpointHasABadSignature) {
  keep(5);
  auto all = lines();
  all[2].replace(all[2].find("\"seq\":30"), 8, "\"seq\":29");
  put_lines(all);
  EXPECT_EQ(found(), "bad_signature@3");
}

TEST_F(JournalCheck, ForgedSignatureIsFound) {
  keep(5);
  auto all = lines();
  const auto forger = SigningKey::make(beside("forger.key"));
  auto forged = *line_from_text(all[4]);
  all[4] = sign_line(forged.checkpoint, forged.previous, *forger);
  put_lines(all);
  EXPECT_EQ(found(), "bad_signature@5");
}

TEST_F(JournalCheck, ForgedCheckpointIsNotBelieved) {
  keep(5);
  write_anew_from(43);
  auto all = lines();
  const auto forger = SigningKey::make(beside("forger.key"));
  auto forged = *line_from_text(all[4]);
  auto database = Database::open(dir_.file(), Database::Mode::read_only);
  forged.checkpoint.hash = **journal::hash_of(*database, 50);
  all[4] = sign_line(forged.checkpoint, forged.previous, *forger);
  put_lines(all);
  EXPECT_EQ(found(), "bad_signature@5");
}

TEST_F(JournalCheck, AnotherKeyConfirmsNothing) {
  keep(3);
  const auto other = SigningKey::make(beside("other.key"));
  fs::remove(beside("journal.pub"));
  ASSERT_TRUE(save_public_key(beside("journal.pub"), other->public_key()));
  EXPECT_EQ(found(), "bad_signature@1, bad_signature@2, bad_signature@3");
}

TEST_F(JournalCheck, WithoutAPublicKeyThereIsNoAnswer) {
  keep(1);
  fs::remove(beside("journal.pub"));
  const auto report = check_journal(JournalFiles::beside(dir_.file()), {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
}

TEST_F(JournalCheck, WithoutADatabaseThereIsNoAnswer) {
  const auto report = check_journal(JournalFiles::beside(dir_.file()), {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(dir_.file()));
}

TEST_F(JournalCheck, ListOfFindingsIsBounded) {
  auto running = run();
  write(running, 1, 500);
  running.writer->stop();
  tamper("UPDATE journal SET why = 'x'");
  const JournalReport report = check();
  EXPECT_EQ(report.findings.size(), kMostFindings);
  EXPECT_EQ(report.more_findings, 400u);
}

TEST_F(JournalCheck, StopsWhenAsked) {
  keep(1);
  EXPECT_EQ(check_journal(JournalFiles::beside(dir_.file()), [] { return true; }).error().code, ErrorCode::refused);
}

TEST_F(JournalCheck, JournalThatIsBeingWrittenIsSound) {
  JournalKeeper::Settings settings;
  settings.rows = 1;  // a checkpoint at each tick
  auto running = run(settings);
  write(running, 1, 5);
  for (int i = 1; i <= 40; ++i) {
    Batch batch;
    for (int row = 0; row < 200; ++row) batch.journal.push_back(entry(row));
    batch.urgent = true;
    running.writer->write(std::move(batch), nullptr);
    running.keeper->tick(clock_.now(), running.steady);
    EXPECT_EQ(found(), "");
  }
  running.writer->stop();
  EXPECT_EQ(check().rows, 8005u);
}

// ---- rows from before the chain ----

class OldJournal : public JournalCheck {
 protected:
  void make(const std::string& sql) {
    auto database = Database::open(dir_.file(), Database::Mode::read_write);
    ASSERT_TRUE(migrate(*database, migrations().first(2)));
    auto transaction = Transaction::begin(*database);
    for (int i = 1; i <= 2500; ++i) {
      auto insert = database->query(
          "INSERT INTO journal (at, kind, alarm, subject, from_state, to_state, who, post, why) "
          "VALUES (?, 'raise', 1, 'd', '', '', 'system', '', ?)");
      ASSERT_TRUE(insert.bind(at(i), std::to_string(i)).run());
    }
    if (!sql.empty()) {
      ASSERT_TRUE(database->execute(sql));
    }
    ASSERT_TRUE(transaction->commit());
  }
};

TEST_F(OldJournal, IsChainedOnceAndAppendOnlyAgain) {
  make("");
  keep(1);
  const JournalReport report = check();
  EXPECT_EQ(found(), "");
  EXPECT_EQ(report.rows, 2510u);
  EXPECT_EQ(report.unchained, 0u);
  auto database = open(dir_.file());
  EXPECT_FALSE(database->execute("UPDATE journal SET who = 'somebody'"));
  tamper("UPDATE journal SET why = 'x' WHERE seq = 1200");
  EXPECT_EQ(found(), "changed_row 1200");
}

TEST_F(OldJournal, ChainBeginsAfterTheLastGap) {
  make("DELETE FROM journal WHERE seq IN (100, 700, 701)");
  keep(1);
  EXPECT_EQ(found(), "");
  EXPECT_EQ(check().unchained, 698u);
  tamper("UPDATE journal SET why = 'x' WHERE seq = 702");
  EXPECT_EQ(found(), "changed_row 702");
}

TEST_F(OldJournal, CutBeginningIsNoFinding) {
  make("DELETE FROM journal WHERE seq < 300");
  { auto migrated = open(dir_.file()); }
  EXPECT_EQ(found(), "");
  keep(1);
  EXPECT_EQ(found(), "");
  EXPECT_EQ(check().unchained, 0u);
}

TEST_F(OldJournal, ChainedRowsCannotPassForOldOnes) {
  make("");
  keep(1);
  tamper("UPDATE journal SET hash = x'', why = 'x' WHERE seq <= 50");
  EXPECT_EQ(found(), "changed_row 51");
}

// reliability G26: 100,000 rows within 5 s; the figure is printed, not asserted.
TEST_F(JournalCheck, HundredThousandRowsAreSound) {
  {
    auto database = open(dir_.file());
    auto transaction = Transaction::begin(*database);
    for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(journal::append(*database, entry(i)));
    ASSERT_TRUE(transaction->commit());
  }
  keep(3);
  const auto start = std::chrono::steady_clock::now();
  const JournalReport report = check();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.rows, 100'030u);
  fmt::print("checked {} rows in {:.2f} s (bound: 5 s)\n", report.rows, took.count());
}

}  // namespace
}  // namespace firegate::store
