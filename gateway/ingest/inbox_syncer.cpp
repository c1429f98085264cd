// The syncer's thread of the inbox: group sync, spare and reserve, retention.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>

#include "core/log.h"
#include "ingest/inbox_files.h"

namespace firegate::ingest {
namespace {

double seconds(Steady::duration time) noexcept { return std::chrono::duration<double>(time).count(); }

// What was created in a folder is on disk only when the folder is.
void sync_folder(const std::filesystem::path& folder) noexcept {
  const File handle{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (handle) ::fsync(handle.get());
}

}  // namespace

void InboxFiles::run_syncer() noexcept {
  Steady synced_at{}, kept_at{};
  while (!stopping_.load()) {
    syncer_pulse.beat(clock.steady_now());
    syncer_waits_.store(true, std::memory_order_seq_cst);
    if (last.load(std::memory_order_seq_cst) == synced.load() && !stopping_.load()) {
      syncer_wake_.wait(settings_.retry_every);
    }
    syncer_waits_.store(false, std::memory_order_seq_cst);

    // A lone message is synced at once; under load one sync covers what came within the time allowed.
    const auto since = std::chrono::floor<Millis>(clock.steady_now() - synced_at);
    if (since < settings_.sync_within && !stopping_.load()) syncer_wake_.wait(settings_.sync_within - since);
    synced_at = clock.steady_now();
    sync_once();
    run_done();
    keep_spares();
    if (synced_at - kept_at >= settings_.retry_every) {
      kept_at = synced_at;
      apply_retention();
      show_state();
    }
  }
  sync_once();
  run_done();
}

void InboxFiles::sync_once() noexcept {
  const InboxSeq covers = last.load(std::memory_order_acquire);
  dirty_.clear();
  {
    const std::lock_guard lock(segments_mutex_);
    for (auto at = segments_.rbegin(); at != segments_.rend() && (*at)->ordinal() > clean_up_to_; ++at) {
      dirty_.push_back(*at);
    }
  }
  const bool nothing_new = covers == synced.load(std::memory_order_relaxed);
  bool covered = true;  // all segments so far are on disk, or finished
  bool clean = true;    // all segments so far need no further sync
  InboxSeq up_to = synced.load(std::memory_order_relaxed);
  for (auto at = dirty_.rbegin(); at != dirty_.rend(); ++at) {
    Segment& segment = **at;
    const bool sealed = segment.sealed();
    const InboxSeq end = std::min(segment.last(), covers);
    if (!segment.sync_failed && !nothing_new && !sync_segment(segment)) roll_wanted_.store(true);
    // What failed once is never tried again: the system may have dropped the pages and would report success.
    covered = covered && (!segment.sync_failed || end <= committed.load(std::memory_order_acquire));
    if (covered) up_to = std::max(up_to, end);
    clean = clean && sealed && covered && !nothing_new;
    if (clean) clean_up_to_ = segment.ordinal();
  }
  {
    const std::lock_guard lock(done_mutex_);
    synced.store(up_to, std::memory_order_release);
  }
  if (fault_sync_ && covered && !nothing_new) {
    faults_.clear(SelfFaultCode::inbox_failed, "sync");
    fault_sync_ = false;
  }
}

bool InboxFiles::sync_segment(Segment& segment) noexcept {
  const Steady began = clock.steady_now();
  const int error = segment.sync();
  metrics_.inbox_syncs.add();
  metrics_.inbox_sync_duration.observe(seconds(clock.steady_now() - began));
  if (error == 0) return true;
  segment.sync_failed = true;
  fault_sync_ = true;
  log::critical("inbox_sync_failed", {{"file", segment.file().string()}, {"reason", std::strerror(error)}});
  faults_.raise(SelfFaultCode::inbox_failed, "sync",
                fmt::format("syncing {}: {}; messages since the last sync may be lost with the power",
                            segment.file().string(), std::strerror(error)));
  return false;
}

void InboxFiles::run_done() noexcept {
  for (;;) {
    std::function<void()> done;
    {
      const std::lock_guard lock(done_mutex_);
      if (done_.empty() || done_.begin()->first > synced.load(std::memory_order_relaxed)) return;
      done = std::move(done_.begin()->second);
      done_.erase(done_.begin());
    }
    done();
  }
}

Result<std::shared_ptr<Segment>> InboxFiles::prepare_segment() noexcept {
  const auto number = next_file_.fetch_add(1, std::memory_order_relaxed);
  return Segment::prepare(settings_.folder / fmt::format("segment-{:012}.inbox", number), settings_.segment_bytes);
}

// The reserve comes first: it is what a full disk needs.
void InboxFiles::keep_spares() noexcept {
  if (fault_space_ && clock.steady_now() - spares_tried_at_ < settings_.retry_every) return;
  spares_tried_at_ = clock.steady_now();
  std::string reason;
  for (auto* place : {&reserve_, &spare_}) {
    {
      const std::lock_guard lock(segments_mutex_);
      if (*place) continue;
    }
    auto made = prepare_segment();
    if (!made && made.error().code == ErrorCode::overloaded && remove_oldest_finished()) made = prepare_segment();
    if (!made) {
      reason = made.error().message;
      break;
    }
    sync_folder(settings_.folder);
    const std::lock_guard lock(segments_mutex_);
    *place = std::move(*made);
  }
  if (!reason.empty() && !fault_space_) {
    log::critical("inbox_without_space", {{"reason", reason}});
    faults_.raise(SelfFaultCode::inbox_failed, "space", reason);
  }
  if (reason.empty() && fault_space_) faults_.clear(SelfFaultCode::inbox_failed, "space");
  fault_space_ = !reason.empty();
}

// Finished messages are history; a new one is worth more.
bool InboxFiles::remove_oldest_finished() noexcept {
  std::shared_ptr<Segment> oldest;
  {
    const std::lock_guard lock(segments_mutex_);
    if (segments_.size() < 2) return false;
    oldest = segments_.front();
    if (!oldest->sealed() || oldest->last() > committed.load(std::memory_order_acquire)) return false;
    if (oldest->ordinal() > clean_up_to_) return false;
    segments_.erase(segments_.begin());
  }
  if (::unlink(oldest->file().c_str()) != 0) {
    log::warning("inbox_segment_not_removed", {{"file", oldest->file().string()}, {"reason", std::strerror(errno)}});
  }
  return true;
}

void InboxFiles::apply_retention() noexcept {
  for (;;) {
    std::uint64_t finished_bytes = 0;
    Instant ended_at = kNever;  // of the oldest segment: when the one behind it began
    {
      const std::lock_guard lock(segments_mutex_);
      for (const auto& segment : segments_) {
        if (!segment->sealed() || segment->ordinal() > clean_up_to_) break;
        if (!segment->trimmed) segment->trim();
        if (segment->last() <= committed.load(std::memory_order_acquire)) finished_bytes += segment->size();
      }
      if (segments_.size() >= 2) ended_at = segments_[1]->created_at();
    }
    const bool too_old = ended_at != kNever && ended_at + settings_.keep_for < clock.now();
    if (!too_old && finished_bytes <= settings_.keep_bytes) return;
    if (!remove_oldest_finished()) return;
  }
}

void InboxFiles::show_state() noexcept {
  std::uint64_t bytes = 0;
  {
    const std::lock_guard lock(segments_mutex_);
    for (const auto& segment : segments_) bytes += segment->size();
    for (const auto* spare : {&spare_, &reserve_}) bytes += *spare ? (*spare)->size() : 0;
  }
  metrics_.inbox_disk_bytes.set(static_cast<double>(bytes));
  const InboxSeq newest = last.load(), finished = committed.load();
  metrics_.inbox_waiting.set(newest > finished ? static_cast<double>(newest - finished) : 0);

  const std::uint64_t failures = write_failures_.load(std::memory_order_relaxed);
  if (failures != write_failures_seen_) {
    log::critical("inbox_write_failed", {{"times", failures - write_failures_seen_}});
    faults_.raise(SelfFaultCode::inbox_failed, "write",
                  fmt::format("writing the inbox failed {} times; the messages went to another segment",
                              failures - write_failures_seen_));
  } else if (fault_write_) {
    faults_.clear(SelfFaultCode::inbox_failed, "write");
  }
  fault_write_ = failures != write_failures_seen_;
  write_failures_seen_ = failures;
}

}  // namespace firegate::ingest
