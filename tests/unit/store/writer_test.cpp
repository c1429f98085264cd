#include "store/writer.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <array>
#include <fstream>

#include "store/batch_rows.h"
#include "store/delivery_records.h"
#include "store/store.h"
#include "store/tables/alarms.h"
#include "store/tables/state.h"
#include "unit/store/failing_vfs.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

Batch alarm_batch(std::uint64_t id, InboxSeq seq) {
  Batch batch;
  batch.alarms.push_back(full_alarm(id));
  batch.journal.push_back({at(1), "raise", AlarmId{id}, "d", "normal", "unacknowledged", "system", "", ""});
  batch.notices.push_back({NoticeKind::raised, at(1), full_alarm(id)});
  batch.positions.push_back({"b1", "native", seq});
  batch.urgent = true;
  return batch;
}

Writer::Settings quick() {
  Writer::Settings settings;
  settings.longest_pause = Millis{200};
  return settings;
}

class Writers : public ::testing::Test {
 protected:
  std::unique_ptr<Writer> writer(Writer::Settings settings = quick()) { return writer_at(dir_.file(), settings); }
  std::unique_ptr<Writer> writer_at(const std::filesystem::path& path, Writer::Settings settings = quick()) {
    auto database = open(path);
    EXPECT_TRUE(database) << database.error().message;
    return std::make_unique<Writer>(std::move(*database), settings, clock_, metrics_, faults_,
                                    [this](std::vector<Notice> notices) { noticed_ += notices.size(); });
  }
  Restored restored() {
    auto database = open(dir_.file());
    return *load(*database);
  }

  TempDir dir_;
  FixedClock clock_;
  metrics::Metrics metrics_;
  Faults faults_;
  std::atomic<std::size_t> noticed_{0};
};

TEST_F(Writers, UrgentBatchIsCommittedAtOnceAndTakesAlongWhatWaits) {
  auto settings = quick();
  settings.delay = std::chrono::hours{1};
  const auto it = writer(settings);
  Calls calls;
  Batch telemetry;
  telemetry.readings.push_back(reading("d", Point::temperature_c, 1.0, at(1)));
  it->write(std::move(telemetry), calls.done());
  it->write(alarm_batch(1, 5), calls.done());
  const auto results = calls.wait_for(2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(results[0] && results[1]);
  EXPECT_EQ(metrics_.commits.value(), 1u);
  EXPECT_EQ(metrics_.rows_written.value(), 5u);
  EXPECT_EQ(noticed_, 1u);
}

TEST_F(Writers, BatchWaitsForTheDelay) {
  const auto it = writer();
  Calls calls;
  Batch batch = alarm_batch(1, 5);
  batch.urgent = false;
  const auto start = std::chrono::steady_clock::now();
  it->write(std::move(batch), calls.done());
  ASSERT_TRUE(calls.wait_for(1).at(0));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{50});
}

TEST_F(Writers, RowsOverTheLimitDoNotWait) {
  auto settings = quick();
  settings.delay = std::chrono::hours{1};
  settings.rows = 10;
  const auto it = writer(settings);
  Calls calls;
  Batch batch;
  for (int i = 0; i < 10; ++i) batch.devices.push_back({std::to_string(i), at(1), "", 0});
  it->write(std::move(batch), calls.done());
  EXPECT_EQ(calls.wait_for(1).size(), 1u);
}

TEST_F(Writers, HoldsAreReleasedOnceTheCommitIsDone) {
  const auto it = writer();
  Calls calls;
  auto hold = std::make_shared<int>(1);
  Batch batch = alarm_batch(1, 5);
  batch.holds.push_back(hold);
  it->write(std::move(batch), calls.done());
  ASSERT_TRUE(calls.wait_for(1).at(0));
  it->stop();
  EXPECT_EQ(hold.use_count(), 1);
}

TEST_F(Writers, StopCommitsWhatWaitsAndTheInboxPosition) {
  {
    const auto it = writer();
    Batch batch = alarm_batch(1, 5);
    batch.urgent = false;
    it->write(std::move(batch), nullptr);
    it->set_inbox_position(4);
  }
  EXPECT_EQ(restored().alarms.size(), 1u);
  EXPECT_EQ(restored().inbox_position, 4u);
}

TEST_F(Writers, InboxPositionIsWrittenWithoutABatchToo) {
  const auto it = writer();
  it->set_inbox_position(77);
  auto reader = Database::open(dir_.file(), Database::Mode::read_only);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (*state::fact(*reader, state::kInboxPosition) != 77 && std::chrono::steady_clock::now() < until) {
  }
  EXPECT_EQ(*state::fact(*reader, state::kInboxPosition), 77u);
}

TEST_F(Writers, AfterStopWritingIsRefused) {
  const auto it = writer();
  it->stop();
  Calls calls;
  it->write(alarm_batch(1, 5), calls.done());
  EXPECT_EQ(calls.wait_for(1).at(0).error().code, ErrorCode::refused);
}

TEST_F(Writers, WorkThatFailsUndoesOnlyItself) {
  auto settings = quick();
  settings.delay = std::chrono::hours{1};
  const auto it = writer(settings);
  Calls work, batch;
  it->run(
      [](Transaction& transaction) -> Result<void> {
        EXPECT_TRUE(state::set_fact(transaction.database(), "half", 1));
        return fail(ErrorCode::refused, "no");
      },
      false, work.done());
  it->write(alarm_batch(1, 5), batch.done());
  EXPECT_TRUE(batch.wait_for(1).at(0));
  EXPECT_EQ(work.wait_for(1).at(0).error().code, ErrorCode::refused);
  it->stop();
  auto database = open(dir_.file());
  EXPECT_EQ(*state::fact(*database, "half"), 0u);
  EXPECT_EQ(load(*database)->alarms.size(), 1u);
}

// A trigger stands for whatever a table may refuse.
class WritersWithATableThatRefuses : public Writers {
 protected:
  void SetUp() override {
    auto database = open(dir_.file());
    ASSERT_TRUE(
        database->execute("CREATE TRIGGER refuses BEFORE INSERT ON journal WHEN new.kind = 'poison'"
                          "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
    settings_.delay = std::chrono::hours{1};
  }
  static Batch poisoned(std::uint64_t id, InboxSeq seq) {
    Batch batch = alarm_batch(id, seq);
    batch.readings.push_back(reading("d", Point::temperature_c, 1.0, at(1)));  // makes the table of its day
    batch.journal.back().kind = "poison";
    batch.urgent = false;
    return batch;
  }
  Writer::Settings settings_ = quick();
};

TEST_F(WritersWithATableThatRefuses, OnlyTheRefusedBatchIsLeftOut) {
  const auto it = writer(settings_);
  Calls before, refused, after;
  Batch first = alarm_batch(1, 1);
  first.urgent = false;
  auto hold = std::make_shared<int>(1);
  Batch bad = poisoned(2, 2);
  bad.holds.push_back(hold);
  Batch last = alarm_batch(3, 3);
  last.readings.push_back(reading("d", Point::temperature_c, 2.0, at(2)));
  it->write(std::move(first), before.done());
  it->write(std::move(bad), refused.done());
  it->write(std::move(last), after.done());
  EXPECT_TRUE(after.wait_for(1).at(0));
  EXPECT_TRUE(before.wait_for(1).at(0));
  ASSERT_FALSE(refused.wait_for(1).at(0));
  EXPECT_EQ(refused.wait_for(1).at(0).error().code, ErrorCode::bad_input);
  it->stop();
  EXPECT_EQ(refused.wait_for(1).size(), 1u) << "told once";
  EXPECT_EQ(hold.use_count(), 1) << "released";
  EXPECT_EQ(restored().alarms.size(), 2u);
  EXPECT_EQ(restored().values.size(), 1u) << "of the last batch: the table that the refused one made went with it";
  EXPECT_EQ(metrics_.rows_dropped.value(), 5u);
  EXPECT_EQ(metrics_.commit_failures.value(), 0u);
  EXPECT_EQ(noticed_, 3u) << "people are told of what could not be recorded";
  EXPECT_EQ(faults_.refused, 1);
  EXPECT_FALSE(faults_.ever_failed);
  EXPECT_EQ(it->waiting(), 0u);
}

TEST_F(WritersWithATableThatRefuses, AStreamOfThemIsOneFaultAMinute) {
  const auto it = writer(settings_);
  for (std::uint64_t id = 1; id <= 20; ++id) {
    Calls refused;
    Batch bad = poisoned(id, id);
    bad.urgent = true;
    it->write(std::move(bad), refused.done());
    ASSERT_FALSE(refused.wait_for(1).at(0));
  }
  EXPECT_EQ(faults_.refused, 1);
  EXPECT_EQ(metrics_.rows_dropped.value(), 100u);
}

TEST_F(Writers, ACommitThatStillRunsIsSlowAlready) {
  auto other = open(dir_.file());
  ASSERT_TRUE(state::set_fact(*other, state::kLastRetention,  // so that nothing but the batch is written
                              static_cast<std::uint64_t>(clock_.now().time_since_epoch().count())));
  auto settings = quick();
  settings.slow = Millis{20};
  const auto it = writer(settings);
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));  // held for less than kBusyTimeout: the commit waits and succeeds
  Calls calls;
  it->write(alarm_batch(1, 5), calls.done());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!faults_.slow && std::chrono::steady_clock::now() < until) it->look();
  EXPECT_TRUE(faults_.slow);
  EXPECT_FALSE(faults_.ever_failed) << "it has neither failed nor ended";
  ASSERT_TRUE(other->execute("ROLLBACK"));
  ASSERT_TRUE(calls.wait_for(1).at(0));
}

TEST_F(Writers, LockedStoreTellsTheFailureThenTheSuccess) {
  auto other = open(dir_.file());
  const auto it = writer();
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
  Calls calls;
  it->write(alarm_batch(1, 5), calls.done());
  ASSERT_FALSE(calls.wait_for(1).at(0));
  EXPECT_TRUE(faults_.failed);
  EXPECT_TRUE(it->failure());
  ASSERT_TRUE(other->execute("ROLLBACK"));
  const auto results = calls.wait_for(2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(results[1]);
  EXPECT_FALSE(faults_.failed);
  EXPECT_FALSE(it->failure());
  it->stop();
  EXPECT_EQ(restored().alarms.size(), 1u);
  auto database = open(dir_.file());
  EXPECT_EQ(*database->read_integer("SELECT count(*) FROM journal"), 1);
}

TEST_F(Writers, OverCapacityDropsHistoryAndKeepsAlarmsAndTheLastState) {
  auto other = open(dir_.file());
  auto settings = quick();
  settings.capacity = 100;
  const auto it = writer(settings);
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
  Calls calls;
  constexpr std::uint64_t kBatches = 2000;
  for (std::uint64_t i = 0; i < kBatches; ++i) {
    Batch batch = i % 100 == 0 ? alarm_batch(i + 1, i) : Batch{};
    batch.readings.push_back(reading("d", Point::temperature_c, static_cast<double>(i), at(1)));
    batch.raws.push_back({"d", std::make_shared<const RawCopy>()});
    batch.devices.push_back({"d", at(static_cast<std::int64_t>(i)), "boot", i});
    it->write(std::move(batch), calls.done());
  }
  EXPECT_TRUE(it->full());
  EXPECT_LT(it->waiting(), 1500u);
  ASSERT_TRUE(other->execute("ROLLBACK"));
  it->stop();
  const Restored now = restored();
  EXPECT_EQ(now.alarms.size(), kBatches / 100);
  ASSERT_EQ(now.devices.size(), 1u);
  EXPECT_EQ(now.devices[0].seq, kBatches - 1);
  EXPECT_GT(metrics_.rows_dropped.value(), 2 * 1000u) << "readings and raw messages";
  EXPECT_EQ(it->waiting(), 0u);
}

TEST_F(Writers, CompactedBatchWritesTheSameState) {
  Batch batch;
  for (std::uint64_t i = 0; i < 20; ++i) {
    batch.append(alarm_batch(i % 3, i));
    batch.devices.push_back({std::to_string(i % 2), at(static_cast<std::int64_t>(i)), "", i});
    batch.rule_states.push_back({"d", 1, "r", std::to_string(i)});
  }
  compact(batch);
  EXPECT_EQ(batch.alarms.size(), 3u);
  EXPECT_EQ(batch.devices.size(), 2u);
  EXPECT_EQ(batch.devices.back().seq, 19u);
  ASSERT_EQ(batch.rule_states.size(), 1u);
  EXPECT_EQ(batch.rule_states[0].state, "19");
  EXPECT_EQ(batch.positions.back().seq, 19u);
  EXPECT_EQ(batch.journal.size(), 20u);
  EXPECT_EQ(batch.notices.size(), 20u);
}

// The child writes batch after batch and says after each commit which one; it is killed in the middle. Everything it
// said is there, nothing is there by half, and the positions say how far it came.
TEST_F(Writers, KilledWriterLosesNothingCommitted) {
  constexpr int kRounds = 20;
  std::uint64_t next = 1;
  for (int round = 0; round < kRounds; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto it = writer();
      for (std::uint64_t id = next;; ++id) {
        Batch batch = alarm_batch(id, id);
        batch.urgent = id % 3 == 0;
        batch.readings.push_back(reading("d", Point::temperature_c, static_cast<double>(id), at(1)));
        it->write(std::move(batch), [id, out = pipe_ends[1]](const Result<void>& result) {
          if (result && write(out, &id, sizeof id) != sizeof id) _exit(1);
        });
        while (it->waiting() > 200) sched_yield();
      }
    }
    close(pipe_ends[1]);
    std::uint64_t said = 0, id = 0;
    for (int seen = 0; seen < 50 + round * 17 && read(pipe_ends[0], &id, sizeof id) == sizeof id; ++seen) said = id;
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &id, sizeof id) == sizeof id) said = id;
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);

    auto database = open(dir_.file());
    ASSERT_TRUE(database) << database.error().message;
    const auto count = [&database](const char* sql) {
      return static_cast<std::uint64_t>(*database->read_integer(sql));
    };
    const std::uint64_t written = load(*database)->positions.at(0).seq;
    ASSERT_GE(written, said);
    EXPECT_EQ(count("SELECT count(*) FROM alarms"), written);
    EXPECT_EQ(count("SELECT count(*) FROM journal"), written);
    EXPECT_EQ(count("SELECT count(*) FROM notices"), written);
    EXPECT_EQ(count("SELECT count(DISTINCT alarm) FROM journal"), written);
    next = written + 1;
  }
  EXPECT_TRUE(check(dir_.file())->ok());
}

TEST_F(Writers, FullDiskIsAFaultAndRecoversWithoutARestart) {
  const auto small = dir_.path / "small";
  std::filesystem::create_directory(small);
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", small.c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "needs the right to mount a small file system";
  }
  const auto filler = small / "filler";
  {
    const auto it = writer_at(small / "firegate.db");
    Calls first, second;
    it->write(alarm_batch(1, 1), first.done());
    ASSERT_TRUE(first.wait_for(1).at(0));
    {
      std::ofstream fill(filler, std::ios::binary);
      const std::string block(64 * 1024, 'x');
      while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
      }
    }
    Batch big = alarm_batch(2, 2);
    for (int i = 0; i < 500; ++i)
      big.journal.push_back({at(1), "act", AlarmId{2}, std::string(200, 'x'), "", "", "", "", ""});
    it->write(std::move(big), second.done());
    ASSERT_FALSE(second.wait_for(1).at(0));
    EXPECT_TRUE(faults_.failed);
    std::filesystem::remove(filler);
    const auto results = second.wait_for(2);
    ASSERT_EQ(results.size(), 2u);
    EXPECT_TRUE(results[1]);
    EXPECT_FALSE(faults_.failed);
  }
  {
    auto database = open(small / "firegate.db");
    EXPECT_EQ(load(*database)->alarms.size(), 2u);
    EXPECT_EQ(*database->read_integer("SELECT count(*) FROM journal"), 502);
  }
  umount(small.c_str());
}

// Reliability F04 and F05. Every connection of these tests goes over a disk that fails on demand.
class WritersOnAFailingDisk : public Writers {
 protected:
  using Call = FailingVfs::Call;

  // Retention has run today, so that nothing but the batches is written.
  void SetUp() override {
    auto database = open(dir_.file());
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(state::set_fact(*database, state::kLastRetention,
                                static_cast<std::uint64_t>(clock_.now().time_since_epoch().count())));
  }
  // The last answer to a batch; a failure is followed by another answer.
  static Result<void> last_answer(Calls& calls) {
    const auto first = calls.wait_for(1);
    if (first.empty() || first.front()) return first.empty() ? fail(ErrorCode::timed_out, "no answer") : first.front();
    const auto both = calls.wait_for(2);
    return both.back();
  }
  std::uint64_t commit_number() {
    auto database = open(dir_.file());
    return *state::fact(*database, state::kCommitNumber);
  }
  void expect_each_written_once(std::uint64_t batches) {
    auto database = open(dir_.file());
    const auto count = [&database](const char* sql) {
      return static_cast<std::uint64_t>(*database->read_integer(sql));
    };
    EXPECT_EQ(count("SELECT count(*) FROM journal"), batches);
    EXPECT_EQ(count("SELECT count(DISTINCT alarm) FROM journal"), batches);
    EXPECT_EQ(count("SELECT count(*) FROM alarms"), batches);
    EXPECT_EQ(count("SELECT count(*) FROM notices"), batches);
    EXPECT_EQ(noticed_, batches);
  }

  FailingVfs disk_;
};

TEST_F(WritersOnAFailingDisk, FailedSyncIsToldRaisedAndWrittenAgainWhenItIsNotInTheFile) {
  const auto it = writer();
  Calls first, second;
  it->write(alarm_batch(1, 1), first.done());
  ASSERT_TRUE(first.wait_for(1).at(0));
  disk_.fail(Call::sync, SQLITE_IOERR_FSYNC, 1, 1);
  it->write(alarm_batch(2, 2), second.done());
  const auto results = second.wait_for(2);
  ASSERT_EQ(results.size(), 2u);
  ASSERT_FALSE(results[0]);
  EXPECT_EQ(results[0].error().code, ErrorCode::io_failed);
  EXPECT_TRUE(results[1]);
  EXPECT_TRUE(faults_.ever_failed);
  it->stop();
  EXPECT_FALSE(faults_.failed);
  EXPECT_FALSE(it->failure());
  EXPECT_EQ(metrics_.commit_failures.value(), 1u);
  EXPECT_EQ(commit_number(), 2u);  // the failed one was not found, so its number was used again
  expect_each_written_once(2);
}

// While syncs keep failing, closing leaves the log as it is; opening it again finds the whole commit that "failed".
TEST_F(WritersOnAFailingDisk, FailedCommitThatIsInTheFileIsNotWrittenAgain) {
  const auto it = writer();
  Calls first, second;
  it->write(alarm_batch(1, 1), first.done());
  ASSERT_TRUE(first.wait_for(1).at(0));
  disk_.fail(Call::sync, SQLITE_IOERR_FSYNC);
  it->write(alarm_batch(2, 2), second.done());
  ASSERT_FALSE(second.wait_for(1).at(0));
  EXPECT_TRUE(faults_.failed);
  EXPECT_TRUE(it->failure());
  disk_.recover();
  EXPECT_TRUE(last_answer(second));
  it->stop();
  EXPECT_FALSE(faults_.failed);
  EXPECT_FALSE(it->failure());
  EXPECT_EQ(commit_number(), 3u);  // the second was found, so what came after it (nothing) took the next number
  expect_each_written_once(2);
}

TEST_F(WritersOnAFailingDisk, WhatCameDuringTheFailureIsWrittenBesideTheFoundCommit) {
  const auto it = writer();
  Calls first, failed, later;
  it->write(alarm_batch(1, 1), first.done());
  ASSERT_TRUE(first.wait_for(1).at(0));
  disk_.fail(Call::sync, SQLITE_IOERR_FSYNC);
  it->write(alarm_batch(2, 2), failed.done());
  ASSERT_FALSE(failed.wait_for(1).at(0));
  it->write(alarm_batch(3, 3), later.done());
  ASSERT_FALSE(later.wait_for(1).at(0));
  disk_.recover();
  EXPECT_TRUE(last_answer(failed));
  EXPECT_TRUE(last_answer(later));
  it->stop();
  EXPECT_FALSE(faults_.failed);
  EXPECT_EQ(commit_number(), 3u);
  expect_each_written_once(3);
}

// A reader keeps the log's index in memory, and with it the state before the failed commit.
TEST_F(WritersOnAFailingDisk, FailedSyncBesideAnOpenReaderIsWrittenOnce) {
  const auto it = writer();
  Calls first, second;
  it->write(alarm_batch(1, 1), first.done());
  ASSERT_TRUE(first.wait_for(1).at(0));
  auto reader = Database::open(dir_.file(), Database::Mode::read_only);
  ASSERT_EQ(*reader->read_integer("SELECT count(*) FROM journal"), 1);
  disk_.fail(Call::sync, SQLITE_IOERR_FSYNC, 1, 3);
  it->write(alarm_batch(2, 2), second.done());
  ASSERT_FALSE(second.wait_for(1).at(0));
  EXPECT_TRUE(last_answer(second));
  EXPECT_EQ(*reader->read_integer("SELECT count(*) FROM journal"), 2);
  it->stop();
  EXPECT_FALSE(faults_.failed);
  expect_each_written_once(2);
}

// Every single call that can fail does, once and for a while, wherever it stands: in the commit, in the checkpoint of
// the closing connection, in the reopening, in the checkpoint that verifies.
TEST_F(WritersOnAFailingDisk, WhicheverCallFailsEachGroupIsWrittenOnce) {
  std::uint64_t id = 0;
  long hits = 0;
  auto settings = quick();
  settings.longest_pause = Millis{40};
  const auto sweep = [&](Call call, int code, long count) {
    for (long number = 1; number < 200; ++number) {
      SCOPED_TRACE(fmt::format("call {} of kind {}, {} times", number, static_cast<int>(call), count));
      const auto it = writer(settings);
      std::array<Calls, 2> calls;
      disk_.fail(call, code, number, count);
      for (Calls& one : calls) {
        ++id;
        it->write(alarm_batch(id, id), one.done());
        ASSERT_TRUE(last_answer(one));
      }
      it->stop();
      const long failed = disk_.failed();
      disk_.recover();
      EXPECT_FALSE(faults_.failed);
      expect_each_written_once(id);
      if (HasFailure() || failed == 0) break;
      hits += failed;
    }
    EXPECT_TRUE(check(dir_.file())->ok());
  };
  for (const long count : {1, 3}) {
    sweep(Call::sync, SQLITE_IOERR_FSYNC, count);
    sweep(Call::write, SQLITE_IOERR_WRITE, count);
    sweep(Call::write, SQLITE_FULL, count);
    sweep(Call::truncate, SQLITE_IOERR_TRUNCATE, count);
  }
  EXPECT_GT(hits, 50);
  EXPECT_TRUE(faults_.ever_failed);
}

TEST_F(Writers, RetentionRunsDailyByItself) {
  {
    auto database = open(dir_.file());
    ReadingLog log;
    ASSERT_TRUE(log.append(*database, reading("d", Point::temperature_c, 1.0, at(0) - std::chrono::days{100})));
    ASSERT_TRUE(log.append(*database, reading("d", Point::temperature_c, 2.0, at(0))));
  }
  const auto it = writer();
  auto reader = Database::open(dir_.file(), Database::Mode::read_only);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (*state::fact(*reader, state::kLastRetention) == 0 && std::chrono::steady_clock::now() < until) {
  }
  EXPECT_EQ(reading_days(*reader)->size(), 1u);
  EXPECT_GT(metrics_.store_bytes.value(), 0);
}

TEST_F(Writers, DeliveryRecordsKeepTheirOrder) {
  const auto it = writer();
  DeliveryRecords records(dir_.file(), *it);
  Calls calls;
  const Notice notice{NoticeKind::raised, at(1), full_alarm(1)};
  it->write(alarm_batch(1, 1), calls.done());
  ASSERT_TRUE(calls.wait_for(1).at(0));
  EXPECT_EQ(records.undelivered()->unrouted.size(), 1u);
  records.routed(notice.key(), {"a", "b"}, at(2));
  records.record({notice.key(), "a", "sent", 1, at(3), ""});
  records.record({notice.key(), "b", "waiting", 1, at(3), "500"});
  records.record({"nobody-1", "b", "sent", 1, at(3), ""});
  it->stop();
  const auto left = records.undelivered();
  EXPECT_TRUE(left->unrouted.empty());
  ASSERT_EQ(left->waiting.size(), 1u);
  EXPECT_EQ(left->waiting[0].channel, "b");
  EXPECT_EQ(left->waiting[0].attempts, 1u);
  EXPECT_FALSE(faults_.ever_failed);
}

}  // namespace
}  // namespace firegate::store
