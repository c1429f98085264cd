// A journal with its keeper, and the hands of somebody who tampers with it.
#pragma once

#include <fmt/format.h>

#include <fstream>

#include "store/journal_check.h"
#include "store/journal_keeper.h"
#include "store/store.h"
#include "store/tables/journal.h"
#include "unit/store/support.h"

namespace firegate::store_test {

struct KeptFaults final : SelfFault {
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override {
    if (code != SelfFaultCode::journal_broken) return;
    const std::lock_guard lock(mutex);
    raised[std::string(part)] = std::move(detail);
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    if (code != SelfFaultCode::journal_broken) return;
    const std::lock_guard lock(mutex);
    raised.erase(std::string(part));
  }
  std::string of(const std::string& part) const {
    const std::lock_guard lock(mutex);
    const auto found = raised.find(part);
    return found == raised.end() ? "" : found->second;
  }
  mutable std::mutex mutex;
  std::map<std::string, std::string> raised;
};

inline JournalEntry entry(int number) {
  JournalEntry made{at(number),      "acknowledge",    AlarmId{static_cast<std::uint64_t>(number)},
                    "garage-03/4",   "unacknowledged", "acknowledged",
                    "user:wangfang", "desk-1",         fmt::format("烟雾 {}", number)};
  made.name = "王芳";
  made.address = "192.168.1.7";
  return made;
}

class JournalTest : public ::testing::Test {
 protected:
  // The gateway: a writer, and a keeper that is ticked by hand.
  struct Running {
    std::unique_ptr<store::Writer> writer;
    std::unique_ptr<store::JournalKeeper> keeper;
    Steady steady{std::chrono::hours{1}};
  };
  Running run(store::JournalKeeper::Settings settings = {}) {
    Running running;
    auto database = store::open(dir_.file());
    EXPECT_TRUE(database) << database.error().message;
    running.writer = std::make_unique<store::Writer>(std::move(*database), store::Writer::Settings{}, clock_, metrics_,
                                                     faults_, nullptr);
    running.keeper =
        std::make_unique<store::JournalKeeper>(dir_.file(), std::move(settings), *running.writer, clock_, faults_);
    return running;
  }
  void write(Running& running, int from, int to) {
    Batch batch;
    for (int i = from; i <= to; ++i) batch.journal.push_back(entry(i));
    batch.urgent = true;
    Calls calls;
    running.writer->write(std::move(batch), calls.done());
    ASSERT_TRUE(calls.wait_for(1).at(0));
  }
  // Everything that is due after so long; what it gave to the writer is committed.
  void tick(Running& running, Millis after = std::chrono::minutes{10}) {
    clock_.wall += after.count();
    running.steady += after;
    running.keeper->tick(clock_.now(), running.steady);
    Calls calls;
    running.writer->run([](store::Transaction&) { return Result<void>{}; }, true, calls.done());
    ASSERT_TRUE(calls.wait_for(1).at(0));
  }
  // Ten minutes a checkpoint: rows 1..10, 11..20, ...; then everything is closed.
  void keep(int checkpoints, store::JournalKeeper::Settings settings = {}) {
    auto running = run(std::move(settings));
    for (int i = 0; i < checkpoints; ++i) {
      write(running, 10 * i + 1, 10 * i + 10);
      tick(running);
    }
    running.writer->stop();
  }

  std::filesystem::path beside(const char* name) const { return dir_.path / name; }
  JournalReport check() {
    auto report = store::check_journal(store::JournalFiles::beside(dir_.file()), {});
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(JournalReport{});
  }
  // "missing_rows 12-14", "replaced 40@4", one after the other.
  std::string found() {
    std::string text;
    for (const JournalFinding& finding : check().findings) {
      if (!text.empty()) text += ", ";
      text += label(finding.fault);
      if (finding.from > 0) text += fmt::format(" {}", finding.from);
      if (finding.to > 0 && finding.to != finding.from) text += fmt::format("-{}", finding.to);
      if (finding.checkpoint > 0) text += fmt::format("@{}", finding.checkpoint);
    }
    return text;
  }
  // Somebody with the file in their hands.
  void tamper(const std::string& sql) {
    auto database = store::Database::open(dir_.file(), store::Database::Mode::read_write);
    ASSERT_TRUE(
        database->execute("DROP TRIGGER IF EXISTS journal_is_append_only; DROP TRIGGER IF EXISTS "
                          "journal_is_cut_by_retention_only"));
    const auto done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put_text(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
  // One file, without a log beside it.
  void copy_database(const std::filesystem::path& to) { ASSERT_TRUE(store::backup(dir_.file(), to)); }
  void restore_database(const std::filesystem::path& from) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(dir_.file().string() + suffix);
    std::filesystem::copy_file(from, dir_.file());
  }

  TempDir dir_;
  FixedClock clock_;
  metrics::Metrics metrics_;
  KeptFaults faults_;
};

}  // namespace firegate::store_test
