#include "store/journal_keeper.h"

#include <sys/stat.h>

#include "store/checkpoints.h"
#include "store/tables/state.h"
#include "unit/store/journal_support.h"

namespace firegate::store {
namespace {

using namespace store_test;
namespace fs = std::filesystem;

class Keeper : public JournalTest {
 protected:
  std::vector<Checkpoint> signed_points() {
    const auto key = load_public_key(beside("journal.pub"));
    if (!key) return {};
    auto read = read_checkpoints(beside("journal.checkpoints"), &*key);
    EXPECT_TRUE(read && read->findings.empty());
    return read ? read->good : std::vector<Checkpoint>{};
  }
  std::uint64_t first_row() {
    auto database = Database::open(dir_.file(), Database::Mode::read_only);
    return journal::ends(*database)->first;
  }
  void wait_two_years() { clock_.wall += Millis{std::chrono::days{732}}.count(); }
};

TEST_F(Keeper, KeyIsForItsOwnerOnly) {
  keep(1);
  struct stat status {};
  ASSERT_EQ(stat(beside("journal.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  const auto key = SigningKey::load(beside("journal.key"));
  EXPECT_EQ(key->public_key(), *load_public_key(beside("journal.pub")));
}

TEST_F(Keeper, CheckpointNamesTheLastRowAndItsHash) {
  keep(2);
  const auto points = signed_points();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[1].number, 2u);
  EXPECT_EQ(points[1].seq, 20u);
  EXPECT_EQ(points[1].first, 1u);
  EXPECT_EQ(points[1].at, clock_.now());
  auto database = Database::open(dir_.file(), Database::Mode::read_only);
  EXPECT_EQ(points[1].hash, **journal::hash_of(*database, 20));
}

TEST_F(Keeper, SignsEveryTenMinutesAndOnlyWhatIsNew) {
  auto running = run();
  write(running, 1, 3);
  tick(running, Millis{1000});
  EXPECT_EQ(signed_points().size(), 1u);
  write(running, 4, 6);
  tick(running, std::chrono::minutes{9});
  EXPECT_EQ(signed_points().size(), 1u);
  tick(running, std::chrono::minutes{1});
  EXPECT_EQ(signed_points().size(), 2u);
  tick(running, std::chrono::hours{5});
  EXPECT_EQ(signed_points().size(), 2u);
}

TEST_F(Keeper, SignsSoonerWhenManyRowsCome) {
  JournalKeeper::Settings settings;
  settings.rows = 5;
  auto running = run(settings);
  write(running, 1, 1);
  tick(running, Millis{1000});
  write(running, 2, 5);
  tick(running, Millis{1000});
  EXPECT_EQ(signed_points().size(), 1u);
  write(running, 6, 6);
  tick(running, Millis{1000});
  EXPECT_EQ(signed_points().size(), 2u);
}

TEST_F(Keeper, SignsAtAnOrderlyStop) {
  auto running = run();
  running.keeper->start();
  write(running, 1, 3);
  running.writer->stop();
  running.keeper->stop();
  ASSERT_FALSE(signed_points().empty());
  EXPECT_EQ(signed_points().back().seq, 3u);
  EXPECT_EQ(found(), "");
}

TEST_F(Keeper, GoesOnWhereItStopped) {
  keep(2);
  auto running = run();
  write(running, 21, 30);
  tick(running);
  ASSERT_EQ(signed_points().size(), 3u);
  EXPECT_EQ(signed_points()[2].seq, 30u);
  EXPECT_EQ(found(), "");
}

TEST_F(Keeper, LastCheckpointOfAStopIsKnownToTheRecordAfterTheNextStart) {
  {
    auto running = run();
    running.keeper->start();
    write(running, 1, 3);
    running.writer->stop();
    running.keeper->stop();
  }
  const std::size_t points = signed_points().size();
  {
    auto running = run();
    tick(running);
    running.writer->stop();
  }
  auto database = Database::open(dir_.file(), Database::Mode::read_only);
  EXPECT_EQ(journal::ends(*database)->checkpoints, points);
}

// As the writer does with a file that is damaged while it runs.
TEST_F(Keeper, SignsWhatStandsInTheFilesPlace) {
  keep(2);
  auto running = run();
  tick(running);
  running.writer->stop();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    fs::rename(dir_.file().string() + suffix, beside("damaged").string() + suffix, ignored);
  }
  auto fresh = open(dir_.file());
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(journal::append(*fresh, entry(i)));
  running.keeper->tick(clock_.now(), running.steady + std::chrono::minutes{10});
  ASSERT_EQ(signed_points().size(), 3u);
  EXPECT_EQ(signed_points()[2].seq, 3u);
  EXPECT_EQ(found(), "rolled_back 4-20@2");
}

TEST_F(Keeper, UnfinishedLineOfACrashIsCutOff) {
  keep(2);
  std::ofstream(beside("journal.checkpoints"), std::ios::app) << "{\"number\":3,\"at\":\"20";
  auto running = run();
  write(running, 21, 30);
  tick(running);
  EXPECT_EQ(signed_points().size(), 3u);
  EXPECT_EQ(found(), "");
}

TEST_F(Keeper, ShortenedFileIsNotHiddenByTheNextCheckpoint) {
  keep(3);
  const std::string text = text_of(beside("journal.checkpoints"));
  put_text(beside("journal.checkpoints"), text.substr(0, text.find('\n') + 1));
  auto running = run();
  write(running, 31, 40);
  tick(running);
  EXPECT_EQ(found(), "checkpoints_damaged@4");
  EXPECT_NE(faults_.of("chain"), "");
}

TEST_F(Keeper, TamperedJournalIsAFaultAtStart) {
  keep(2);
  tamper("UPDATE journal SET who = 'user:lilei' WHERE seq = 7");
  auto running = run();
  tick(running, Millis{1000});
  EXPECT_EQ(faults_.of("chain"), "row 7 is not what was written");
}

TEST_F(Keeper, TamperedJournalIsFoundWithinADay) {
  auto running = run();
  write(running, 1, 10);
  tick(running);
  EXPECT_EQ(faults_.of("chain"), "");
  tamper("DELETE FROM journal WHERE seq = 7");
  tick(running, std::chrono::hours{23});
  EXPECT_EQ(faults_.of("chain"), "");
  tick(running, std::chrono::hours{1});
  EXPECT_EQ(faults_.of("chain"), "row 7 is missing");
}

TEST_F(Keeper, LostKeyIsAFaultAndNothingIsSigned) {
  keep(2);
  fs::remove(beside("journal.key"));
  auto running = run();
  write(running, 21, 30);
  tick(running);
  EXPECT_NE(faults_.of("checkpoint"), "");
  EXPECT_FALSE(fs::exists(beside("journal.key")));
  EXPECT_EQ(signed_points().size(), 2u);
}

TEST_F(Keeper, KeyIsNotMadeBesideThePublicHalfOfAnother) {
  keep(2);
  for (const char* name : {"journal.checkpoints", "journal.key"}) fs::remove(beside(name));
  auto running = run();
  tick(running);
  EXPECT_NE(faults_.of("checkpoint"), "");
  EXPECT_FALSE(fs::exists(beside("journal.key")));
}

TEST_F(Keeper, CheckpointsBeginAnewWhenTheOldOnesWereMovedAwayWithTheirKey) {
  keep(3);
  fs::create_directory(beside("old"));
  for (const char* name : {"journal.checkpoints", "journal.key", "journal.pub"})
    fs::rename(beside(name), beside("old") / name);
  auto running = run();
  write(running, 31, 40);
  tick(running);
  EXPECT_NE(faults_.of("chain"), "") << "the record knows of checkpoints that are not there";
  ASSERT_EQ(signed_points().size(), 1u);
  EXPECT_EQ(found(), "");
}

TEST_F(Keeper, RemovedCheckpointsAreNotHiddenByTheNext) {
  keep(3);
  fs::remove(beside("journal.checkpoints"));
  auto running = run();
  write(running, 31, 40);
  tick(running);
  EXPECT_EQ(found(), "checkpoints_damaged@4");
}

TEST_F(Keeper, UnwritableCheckpointIsAFaultUntilItIsWritten) {
  fs::create_directory(beside("journal.checkpoints"));
  auto running = run();
  write(running, 1, 3);
  tick(running);
  EXPECT_NE(faults_.of("checkpoint"), "");
  fs::remove(beside("journal.checkpoints"));
  tick(running);
  EXPECT_EQ(faults_.of("checkpoint"), "");
  EXPECT_EQ(signed_points().size(), 1u);
}

// ---- the copy ----

class Copies : public Keeper {
 protected:
  JournalKeeper::Settings settings() const {
    JournalKeeper::Settings settings;
    settings.copy_to = beside("elsewhere");
    return settings;
  }
};

TEST_F(Copies, CopyIsTheSameFileWithItsPublicKey) {
  fs::create_directory(beside("elsewhere"));
  keep(3, settings());
  EXPECT_EQ(text_of(beside("elsewhere") / "journal.checkpoints"), text_of(beside("journal.checkpoints")));
  EXPECT_EQ(text_of(beside("elsewhere") / "journal.pub"), text_of(beside("journal.pub")));
  EXPECT_FALSE(fs::exists(beside("elsewhere") / "journal.key"));
}

TEST_F(Copies, MissingFolderIsAFaultUntilItIsThere) {
  auto running = run(settings());
  write(running, 1, 3);
  tick(running);
  EXPECT_NE(faults_.of("copy"), "");
  EXPECT_EQ(signed_points().size(), 1u);
  fs::create_directory(beside("elsewhere"));
  write(running, 4, 6);
  tick(running);
  EXPECT_EQ(faults_.of("copy"), "");
  EXPECT_EQ(text_of(beside("elsewhere") / "journal.checkpoints"), text_of(beside("journal.checkpoints")));
}

TEST_F(Copies, CopyThatKnowsMoreIsAFaultAndIsKept) {
  fs::create_directory(beside("elsewhere"));
  auto running = run(settings());
  write(running, 1, 10);
  tick(running);
  running.writer->stop();
  copy_database(beside("yesterday.db"));
  const std::string yesterday = text_of(beside("journal.checkpoints"));
  {
    auto next = run(settings());
    for (int i = 1; i < 4; ++i) {
      write(next, 10 * i + 1, 10 * i + 10);
      tick(next);
    }
    next.writer->stop();
  }
  const std::string copy = text_of(beside("elsewhere") / "journal.checkpoints");
  // Everything on this machine is as yesterday: only the copy can tell.
  restore_database(beside("yesterday.db"));
  put_text(beside("journal.checkpoints"), yesterday);
  EXPECT_EQ(found(), "");
  JournalFiles files = JournalFiles::beside(dir_.file());
  files.checkpoints = beside("elsewhere") / "journal.checkpoints";
  EXPECT_EQ(check_journal(files, {})->findings.at(0).fault, JournalFault::rolled_back);
  auto again = run(settings());
  write(again, 111, 120);
  tick(again);
  EXPECT_NE(faults_.of("copy"), "");
  EXPECT_EQ(text_of(beside("elsewhere") / "journal.checkpoints"), copy);
}

// ---- retention ----

class Retention : public Keeper {
 protected:
  // Fifty rows with five checkpoints, two years old; then ten new ones.
  Running two_years_on() {
    keep(5);
    wait_two_years();
    auto running = run();
    write(running, 51, 60);
    return running;
  }
};

TEST_F(Retention, CutsAtSignedCheckpointsOneAfterTheOther) {
  auto running = two_years_on();
  for (const std::uint64_t first : {11u, 21u, 31u, 41u, 51u}) {
    tick(running, Millis{1000});
    EXPECT_EQ(first_row(), first);
    EXPECT_EQ(found(), "");
  }
  tick(running, std::chrono::hours{25});
  EXPECT_EQ(first_row(), 51u);
  EXPECT_EQ(signed_points().back().first, 51u);
}

TEST_F(Retention, AfterTheCutTheRestIsStillCovered) {
  auto running = two_years_on();
  for (int i = 0; i < 5; ++i) tick(running, Millis{1000});
  running.writer->stop();
  copy_database(beside("copy.db"));
  tamper("DELETE FROM journal WHERE seq = 51");
  EXPECT_EQ(found(), "missing_rows 51");
  restore_database(beside("copy.db"));
  tamper("UPDATE journal SET why = 'x' WHERE seq = 51");
  EXPECT_EQ(found(), "changed_row 51");
}

TEST_F(Retention, CutThatWasInterruptedIsSoundAndGoesOn) {
  {
    auto running = two_years_on();
    tick(running, Millis{1000});
    tick(running, Millis{1000});
    running.writer->stop();
  }
  EXPECT_EQ(first_row(), 21u);
  EXPECT_EQ(found(), "");
  auto running = run();
  for (int i = 0; i < 3; ++i) tick(running, Millis{1000});
  EXPECT_EQ(first_row(), 51u);
  EXPECT_EQ(found(), "");
}

TEST_F(Retention, YoungerRowsStay) {
  keep(5);
  clock_.wall += Millis{std::chrono::days{730}}.count();
  auto running = run();
  write(running, 51, 60);
  for (int i = 0; i < 3; ++i) tick(running, Millis{1000});
  EXPECT_EQ(first_row(), 1u);
}

TEST_F(Retention, LastRowStaysWhateverItsAge) {
  keep(2);
  wait_two_years();
  auto running = run();
  for (int i = 0; i < 3; ++i) tick(running, Millis{1000});
  EXPECT_EQ(first_row(), 11u);
  write(running, 21, 21);
  EXPECT_EQ(found(), "");
}

TEST_F(Retention, JournalThatIsNotSoundIsNotCut) {
  keep(5);
  tamper("UPDATE journal SET why = 'x' WHERE seq = 3");
  wait_two_years();
  auto running = run();
  write(running, 51, 60);
  for (int i = 0; i < 3; ++i) tick(running, Millis{1000});
  EXPECT_EQ(first_row(), 1u);
}

TEST_F(Retention, ClockThatWasWrongForAWhileMakesNothingOlder) {
  auto running = run();
  write(running, 1, 10);
  tick(running);
  const auto right = clock_.wall.load();
  clock_.wall = 0;  // 1970: a board without a battery
  write(running, 11, 20);
  tick(running);
  clock_.wall = right;
  write(running, 21, 30);
  tick(running, std::chrono::hours{25});
  tick(running);
  EXPECT_EQ(first_row(), 1u);
}

TEST_F(Retention, NobodyElseDeletes) {
  keep(1);
  auto database = open(dir_.file());
  EXPECT_FALSE(database->execute("DELETE FROM journal WHERE seq = 1"));
  EXPECT_TRUE(journal::remove_through(*database, 4));
  EXPECT_EQ(journal::ends(*database)->first, 5u);
  EXPECT_FALSE(database->execute("DELETE FROM journal WHERE seq = 5"));
}

TEST(JournalSettings, CopyToIsAnAbsolutePath) {
  ConfigNode node;
  node.type = ConfigNode::Type::map;
  Problems none;
  EXPECT_TRUE(JournalKeeper::Settings::parse(&node, none).copy_to.empty());
  EXPECT_TRUE(JournalKeeper::Settings::parse(nullptr, none).copy_to.empty());
  EXPECT_TRUE(none.empty());
  auto value = std::make_shared<ConfigNode>();
  value->type = ConfigNode::Type::scalar;
  value->scalar = "backup";
  node.members.push_back({"copy_to", {}, value});
  Problems problems;
  JournalKeeper::Settings::parse(&node, problems);
  EXPECT_EQ(problems.list().size(), 1u);
}

}  // namespace
}  // namespace firegate::store
