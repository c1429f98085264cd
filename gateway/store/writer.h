// Writer: the Journal of the program and the only read-write user of the store. One thread.
//
// Group commit: everything that waits is committed together when kRows rows wait, kDelay after the first came, or at
// once for an urgent batch (what waits goes along). The batches' holds are released after the commit.
//
// A commit that fails is never repeated on trust (after a failed fsync the kernel may have forgotten what it could not
// write): the writer tells the waiting callers, closes the file, opens it again, forces a full checkpoint, reads the
// number of the last commit, and writes the group again only when that commit is not in the file. Until it succeeds the
// group stays in memory and store_failed is raised.
//
// A batch that a table refuses (a constraint: a bug of ours, or input that reached us as it should not) is not tried
// for ever: the group is written again with a savepoint for each item, the one that fails by itself is left out, and
// the rest commits. What it held is logged, its rows are counted as dropped, store_failed is raised for its part
// "refused", its callers are told the failure and nothing else, its notices are told to people as not recorded.
//
// Queue: bounded by `capacity` rows. Beyond it `full` is true, readings and raw messages (history) are dropped and
// counted, and what waits is compacted to the last row of each key; alarms, journal and notices are never dropped.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "core/batch.h"
#include "core/pulse.h"
#include "core/self_fault.h"
#include "metrics/metrics.h"
#include "store/database.h"
#include "store/retention.h"
#include "store/tables/readings.h"

namespace firegate::store {

class Writer final : public Journal {
 public:
  struct Settings {
    std::size_t rows = 1024;         // our choice: at 10,000 messages a second the delay decides, not the count
    Millis delay{50};                // architecture, section 4
    Millis slow{1000};               // store_slow above this (architecture, section 4)
    Millis longest_pause{5000};      // between attempts after a failure; the first is a twentieth of it
    std::size_t capacity = 100'000;  // rows; 30 MB or so
    RetentionSettings retention;
  };
  using Done = std::function<void(Result<void>)>;
  using Work = std::function<Result<void>(Transaction&)>;

  // `database`: opened by store::open; clock, metrics and faults outlive the writer. `committed_notices` is called on
  // the writer's thread after each commit that brought notices, before any `done` of it; it must post and return.
  Writer(Database database, Settings settings, const Clock& clock, metrics::Metrics& metrics, SelfFault& faults,
         std::function<void(std::vector<Notice>)> committed_notices);
  ~Writer() override;  // stops
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(Batch batch, Done done) noexcept override;

  // Other subjects (places, deliveries, users): `work` writes inside the group's transaction, with the same promises.
  // An error of its own (bad_input, refused, ...) undoes this work only. It may run again after a failed commit.
  void run(Work work, bool urgent, Done done) noexcept;

  // Any thread: every message up to `seq` is finished. Goes along with the next commit, at the latest within a second.
  void set_inbox_position(InboxSeq seq) noexcept { inbox_position_.store(seq, std::memory_order_relaxed); }

  bool full() const noexcept { return waiting_.load(std::memory_order_relaxed) > settings_.capacity; }
  std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }  // rows
  std::optional<Error> failure() const;  // why the store cannot write just now
  // When its thread last came round; it does so each second, and once for each attempt to commit. Any thread.
  Steady pulse() const noexcept { return pulse_.last(); }
  // Any thread, once a second: raises store_slow while a commit is still running.
  void look() noexcept;

  // Commits what waits, tried once more if it fails, and ends the thread. What could not be written is lost with the
  // process, but its inbox messages are not: their position was not committed. Later calls of `write` answer `refused`.
  void stop() noexcept;

 private:
  struct Item {
    std::variant<Batch, Work> what;
    std::vector<Done> dones;  // more than one when batches were folded together
    std::size_t rows = 0;
    bool urgent = false;
    bool told_failure = false;
    bool attempted = false;          // was part of the last commit that reached the disk, or tried to
    std::optional<Error> own_error;  // nothing of it was written, and that is not the store's fault
  };
  using Group = std::vector<Item>;

  void push(Item item) noexcept;
  bool fold(Item& item);
  void run_thread() noexcept;
  enum class Wake : std::uint8_t { group, maintenance, stop };
  Wake wait_for_work();
  void take_waiting(Group& group);
  bool stopping() const;

  void commit_until_done(Group& group);
  Result<void> try_commit(Group& group);
  enum class Savepoints : std::uint8_t { where_asked, each_item };
  Result<void> write_group(Group& group);
  Result<void> write_group(Group& group, Savepoints savepoints);
  Result<void> write_item(Transaction& transaction, Item& item, Savepoints savepoints);
  Result<bool> reopen_and_verify();  // true: the failed commit is in the file after all
  void succeed(Group& group, double seconds);
  void judge_pace(double seconds, std::size_t rows);
  void report_refused(const Item& item);
  void release(Group& group);
  void fail_group(Group& group, const Error& error);
  void pause(Millis time);

  void maintain();
  Result<bool> retain(Instant now);

  const Settings settings_;
  const Clock& clock_;
  metrics::Metrics& metrics_;
  SelfFault& faults_;
  const std::function<void(std::vector<Notice>)> committed_notices_;
  const std::filesystem::path path_;

  mutable std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  std::vector<Item> queue_;
  std::size_t queued_rows_ = 0;
  std::size_t compact_at_ = 0;  // rows of the folded batch at which it is compacted next
  bool queued_urgent_ = false;
  Steady oldest_{};  // when the first of the queue came
  bool stopping_ = false;
  std::optional<Error> failure_;

  std::atomic<std::size_t> waiting_{0};
  std::atomic<InboxSeq> inbox_position_{0};
  std::atomic<Steady> commit_began_{Steady{}};  // Steady{}: none is running
  std::atomic<bool> told_slow_{false};          // of the commit that is running
  Pulse pulse_;

  // The writer's thread only.
  std::optional<Database> database_;
  ReadingLog readings_;
  std::uint64_t commit_number_ = 0;
  InboxSeq written_position_ = 0;
  Steady next_maintenance_{};
  Steady next_size_{};
  Steady next_refusal_fault_{};

  std::thread thread_;
};

}  // namespace firegate::store
