#include "store/writer.h"

#include <fmt/format.h>

#include "core/log.h"
#include "store/batch_rows.h"
#include "store/store.h"
#include "store/tables/state.h"

namespace firegate::store {
namespace {

using std::chrono::steady_clock;

constexpr Millis kMaintenance{1000};  // how often an idle writer looks after position and retention
constexpr Millis kSizeEvery{60'000};
constexpr auto kRetentionEvery = std::chrono::hours{24};
constexpr Millis kRefusalFaultEvery{60'000};  // our choice

// Errors of the disk or the file; any other error of a Work is its own.
bool of_the_store(const Error& error) noexcept {
  return error.code == ErrorCode::io_failed || error.code == ErrorCode::corrupt || error.code == ErrorCode::timed_out;
}

// What a refused batch held, for the log: how much of what, and whom its alarms and acts are about.
std::string describe(const Batch& batch) {
  constexpr std::size_t kMostNamed = 20;  // our choice
  std::string text = fmt::format(
      "{} alarms, {} journal, {} notices, {} readings, {} other", batch.alarms.size(), batch.journal.size(),
      batch.notices.size(), batch.readings.size(),
      count_rows(batch) - batch.alarms.size() - batch.journal.size() - batch.notices.size() - batch.readings.size());
  for (std::size_t i = 0; i < std::min(batch.journal.size(), kMostNamed); ++i) {
    const JournalEntry& entry = batch.journal[i];
    text += fmt::format("; {} of {} on {}: {} to {}", entry.kind, to_text(entry.alarm), entry.subject, entry.from,
                        entry.to);
  }
  return text;
}

double seconds_since(Steady start) { return std::chrono::duration<double>(steady_clock::now() - start).count(); }

}  // namespace

Writer::Writer(Database database, Settings settings, const Clock& clock, metrics::Metrics& metrics, SelfFault& faults,
               std::function<void(std::vector<Notice>)> committed_notices)
    : settings_(std::move(settings)),
      clock_(clock),
      metrics_(metrics),
      faults_(faults),
      committed_notices_(std::move(committed_notices)),
      path_(database.path()),
      database_(std::move(database)) {
  commit_number_ = state::fact(*database_, state::kCommitNumber).value_or(0);
  written_position_ = state::fact(*database_, state::kInboxPosition).value_or(0);
  inbox_position_ = written_position_;
  thread_ = std::thread([this] { run_thread(); });
}

Writer::~Writer() { stop(); }

void Writer::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Writer::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::optional<Error> Writer::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

// --- the callers' side ---

void Writer::write(Batch batch, Done done) noexcept {
  Item item;
  item.rows = count_rows(batch);
  item.urgent = batch.urgent;
  item.what = std::move(batch);
  item.dones.push_back(std::move(done));
  push(std::move(item));
}

void Writer::run(Work work, bool urgent, Done done) noexcept {
  Item item;
  item.rows = 1;
  item.urgent = urgent;
  item.what = std::move(work);
  item.dones.push_back(std::move(done));
  push(std::move(item));
}

void Writer::push(Item item) noexcept {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    for (const Done& done : item.dones) {
      if (done) done(fail(ErrorCode::refused, "writing a batch: found the store stopped"));
    }
    return;
  }
  if (queue_.empty()) oldest_ = steady_clock::now();
  const bool wake = queue_.empty() || item.urgent || queued_rows_ + item.rows >= settings_.rows;
  queued_urgent_ = queued_urgent_ || item.urgent;
  if (!full() || !fold(item)) {
    queued_rows_ += item.rows;
    waiting_.fetch_add(item.rows, std::memory_order_relaxed);
    queue_.push_back(std::move(item));
  }
  lock.unlock();
  if (wake) wake_.notify_one();
}

// Over capacity: history is dropped, and a batch joins the last one of the queue, which is compacted each time it
// doubles. False: the item has to stand by itself.
bool Writer::fold(Item& item) {
  Batch* batch = std::get_if<Batch>(&item.what);
  if (!batch) return false;
  if (const std::size_t dropped = drop_history(*batch); dropped > 0) {
    metrics_.rows_dropped.add(dropped);
    item.rows -= dropped;
  }
  Batch* last = queue_.empty() ? nullptr : std::get_if<Batch>(&queue_.back().what);
  if (!last) return false;

  Item& target = queue_.back();
  const std::size_t before = target.rows;
  last->append(std::move(*batch));
  target.dones.insert(target.dones.end(), std::make_move_iterator(item.dones.begin()),
                      std::make_move_iterator(item.dones.end()));
  target.rows += item.rows;
  target.urgent = target.urgent || item.urgent;
  if (target.rows >= compact_at_) {
    compact(*last);
    target.rows = count_rows(*last);
    compact_at_ = 2 * target.rows + settings_.rows;
  }
  queued_rows_ += target.rows - before;
  waiting_.fetch_add(target.rows - before, std::memory_order_relaxed);
  return true;
}

// --- the writer's thread ---

void Writer::run_thread() noexcept {
  Group group;
  for (Wake wake = wait_for_work(); wake != Wake::stop; wake = wait_for_work()) {
    pulse_.beat(steady_clock::now());
    if (wake == Wake::group) {
      take_waiting(group);
      commit_until_done(group);
    }
    if (steady_clock::now() >= next_maintenance_) maintain();
  }
  take_waiting(group);
  if (!group.empty() || inbox_position_ != written_position_) commit_until_done(group);
}

Writer::Wake Writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopping_) return Wake::stop;
    const Steady now = steady_clock::now();
    const Steady due = queue_.empty() ? Steady::max() : oldest_ + settings_.delay;
    if (queued_urgent_ || queued_rows_ >= settings_.rows || now >= due) return Wake::group;
    if (now >= next_maintenance_) return Wake::maintenance;
    wake_.wait_until(lock, std::min(due, next_maintenance_));
  }
}

void Writer::take_waiting(Group& group) {
  const std::lock_guard lock(mutex_);
  if (group.empty()) {
    group.swap(queue_);
  } else {
    group.insert(group.end(), std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
    queue_.clear();
  }
  queued_rows_ = 0;
  queued_urgent_ = false;
  compact_at_ = 0;
  metrics_.writer_waiting.set(static_cast<double>(waiting()));
}

void Writer::commit_until_done(Group& group) {
  Millis wait = settings_.longest_pause / 20;
  for (bool last_try = false;; last_try = stopping()) {
    const Steady start = steady_clock::now();
    pulse_.beat(start);
    commit_began_ = start;
    const auto committed = try_commit(group);
    commit_began_ = Steady{};
    if (committed) return succeed(group, seconds_since(start));
    fail_group(group, committed.error());
    if (last_try) {
      log::critical("store_gave_up", {{"rows", waiting()}, {"reason", committed.error().message}});
      return release(group);
    }
    pause(wait);
    wait = std::min(2 * wait, settings_.longest_pause);
    take_waiting(group);
  }
}

Result<void> Writer::try_commit(Group& group) {
  if (!database_) {
    const auto there = reopen_and_verify();
    if (!there) return tl::unexpected(there.error());
    // The commit that seemed to fail is in the file and on the disk. What came after it is a group of its own.
    if (*there) {
      ++commit_number_;
      const auto first_new = std::find_if(group.begin(), group.end(), [](const Item& item) { return !item.attempted; });
      Group written(std::make_move_iterator(group.begin()), std::make_move_iterator(first_new));
      group.erase(group.begin(), first_new);
      succeed(written, 0);
    }
  }
  return write_group(group);
}

Result<void> Writer::write_group(Group& group) {
  auto written = write_group(group, Savepoints::where_asked);
  if (written || of_the_store(written.error())) return written;
  readings_.forget();
  return write_group(group, Savepoints::each_item);
}

Result<void> Writer::write_group(Group& group, Savepoints savepoints) {
  for (Item& item : group) {
    item.attempted = false;
    item.own_error.reset();
  }
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return tl::unexpected(transaction.error());
  for (Item& item : group) {
    if (auto written = write_item(*transaction, item, savepoints); !written) return written;
  }
  for (Item& item : group) item.attempted = true;
  const InboxSeq position = inbox_position_.load(std::memory_order_relaxed);
  auto committed = state::set_fact(*database_, state::kCommitNumber, commit_number_ + 1)
                       .and_then([&] { return state::set_fact(*database_, state::kInboxPosition, position); })
                       .and_then([&] { return transaction->commit(); });
  if (!committed) return committed;
  ++commit_number_;
  written_position_ = position;
  return {};
}

Result<void> Writer::write_item(Transaction& transaction, Item& item, Savepoints savepoints) {
  const Batch* batch = std::get_if<Batch>(&item.what);
  if (batch && savepoints == Savepoints::where_asked) return write_rows(transaction, *batch, readings_);

  Database& database = transaction.database();
  if (auto begun = database.query("SAVEPOINT item").run(); !begun) return begun;
  const auto written = batch ? write_rows(transaction, *batch, readings_) : std::get<Work>(item.what)(transaction);
  if (!written && of_the_store(written.error())) return written;
  if (!written) {
    item.own_error = written.error();
    readings_.forget();
    if (auto undone = database.query("ROLLBACK TO item").run(); !undone) return undone;
  }
  return database.query("RELEASE item").run();
}

Result<bool> Writer::reopen_and_verify() {
  auto opened = open(path_).map([](Database&& database) { return Opened{std::move(database), std::nullopt}; });
  if (!opened && opened.error().code == ErrorCode::corrupt) opened = open_or_replace(path_, clock_.now());
  if (!opened) return tl::unexpected(opened.error());
  if (opened->damaged) {
    log::critical("store_replaced", {{"damaged", opened->damaged->string()}});
    commit_number_ = 0;
  }
  // Writes every page of the log into the file anew and syncs it: what a failed fsync has lost is written again.
  {
    auto checkpoint = opened->database.query("PRAGMA wal_checkpoint(TRUNCATE)");
    const auto row = checkpoint.next();
    if (!row) return tl::unexpected(row.error());
    if (*row && checkpoint.integer() != 0) {
      return fail(ErrorCode::timed_out,
                  fmt::format("verifying store {}: found it in use, expected a full checkpoint", path_.string()));
    }
  }
  const auto found = state::fact(opened->database, state::kCommitNumber);
  if (!found) return tl::unexpected(found.error());
  const bool there = *found == commit_number_ + 1;
  if (!there) commit_number_ = *found;
  database_ = std::move(opened->database);
  return there;
}

void Writer::succeed(Group& group, double seconds) {
  std::vector<Notice> notices;
  std::size_t rows = 0;
  for (Item& item : group) {
    Batch* batch = std::get_if<Batch>(&item.what);
    if (batch && item.own_error) report_refused(item);
    if (!item.own_error) rows += item.rows;
    if (!batch) continue;
    for (Notice& notice : batch->notices) {
      notice.alarm.not_recorded = notice.alarm.not_recorded || item.own_error;
      notices.push_back(std::move(notice));
    }
  }
  metrics_.commits.add();
  metrics_.rows_written.add(rows);
  metrics_.commit_duration.observe(seconds);
  {
    const std::lock_guard lock(mutex_);
    failure_.reset();
  }
  faults_.clear(SelfFaultCode::store_failed, "");
  judge_pace(seconds, rows);
  if (!notices.empty() && committed_notices_) committed_notices_(std::move(notices));  // people first, then callers
  for (Item& item : group) {
    for (const Done& done : item.dones) {
      if (done) done(item.own_error ? Result<void>(tl::unexpected(*item.own_error)) : Result<void>());
    }
  }
  release(group);
}

void Writer::judge_pace(double seconds, std::size_t rows) {
  const bool told = told_slow_.exchange(false);
  if (seconds <= std::chrono::duration<double>(settings_.slow).count()) {
    faults_.clear(SelfFaultCode::store_slow, "");
  } else if (!told) {
    faults_.raise(SelfFaultCode::store_slow, "", fmt::format("a commit of {} rows took {:.1f} s", rows, seconds));
  }
}

void Writer::look() noexcept {
  const Steady began = commit_began_;
  if (began == Steady{} || steady_clock::now() - began <= settings_.slow || told_slow_.exchange(true)) return;
  faults_.raise(SelfFaultCode::store_slow, "",
                fmt::format("a commit has been running for {:.1f} s", seconds_since(began)));
}

// The fault is a batch of its own: where that is refused too, it must not be raised with each commit.
void Writer::report_refused(const Item& item) {
  metrics_.rows_dropped.add(item.rows);
  const std::string what = describe(std::get<Batch>(item.what));
  log::critical("batch_refused", {{"rows", item.rows}, {"held", what}, {"reason", item.own_error->message}});
  const Steady now = steady_clock::now();
  if (now < next_refusal_fault_) return;
  next_refusal_fault_ = now + kRefusalFaultEvery;
  faults_.raise(
      SelfFaultCode::store_failed, "refused",
      fmt::format("{} rows were refused and are not in the record ({}): {}", item.rows, what, item.own_error->message));
  faults_.clear(SelfFaultCode::store_failed, "refused");  // it is over; the alarm stays until it is acknowledged
}

// Holds go with their batches.
void Writer::release(Group& group) {
  std::size_t rows = 0;
  for (const Item& item : group) rows += item.rows;
  group.clear();
  waiting_.fetch_sub(rows, std::memory_order_relaxed);
  metrics_.writer_waiting.set(static_cast<double>(waiting()));
}

void Writer::fail_group(Group& group, const Error& error) {
  database_.reset();
  readings_.forget();
  {
    const std::lock_guard lock(mutex_);
    failure_ = error;
  }
  metrics_.commit_failures.add();
  log::error("commit_failed", {{"rows", waiting()}, {"reason", error.message}});
  faults_.raise(SelfFaultCode::store_failed, "", error.message);
  for (Item& item : group) {
    if (std::exchange(item.told_failure, true)) continue;
    for (const Done& done : item.dones) {
      if (done) done(tl::unexpected(error));
    }
  }
}

// Something urgent ends the pause, so that its caller soon knows; but not in the first twentieth.
void Writer::pause(Millis time) {
  std::unique_lock lock(mutex_);
  const auto start = steady_clock::now();
  wake_.wait_until(lock, start + settings_.longest_pause / 20, [this] { return stopping_; });
  wake_.wait_until(lock, start + time, [this] { return stopping_ || queued_urgent_; });
}

void Writer::maintain() {
  const Steady now = steady_clock::now();
  Group none;
  if (inbox_position_ != written_position_) commit_until_done(none);
  if (database_ && now >= next_size_) {
    metrics_.store_bytes.set(static_cast<double>(size_bytes(*database_).value_or(0)));
    next_size_ = now + kSizeEvery;
  }
  const auto more = database_ ? retain(clock_.now()) : Result<bool>(false);
  if (!more) {
    fail_group(none, more.error());
    commit_until_done(none);
  }
  next_maintenance_ = more.value_or(false) ? now : steady_clock::now() + kMaintenance;
}

// One step; true: there is more to do. After the last one it rests for a day.
Result<bool> Writer::retain(Instant now) {
  const auto last = state::fact(*database_, state::kLastRetention);
  if (!last) return tl::unexpected(last.error());
  const Instant last_at{Millis{static_cast<std::int64_t>(*last)}};
  if (last_at <= now && now - last_at < kRetentionEvery) return false;

  auto more = retain_step(*database_, settings_.retention, now);
  if (!more) return more;
  readings_.forget();
  if (*more) return true;
  const auto noted =
      state::set_fact(*database_, state::kLastRetention, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  if (!noted) return tl::unexpected(noted.error());
  log::info("retention_done", {{"bytes", size_bytes(*database_).value_or(0)}});
  return false;
}

}  // namespace firegate::store
