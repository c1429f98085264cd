// The inside of the inbox: its segments, its syncer and how both threads of the outside find each other. See inbox.h.
//
// Locks: append_mutex_ is held by appenders alone. segments_mutex_ guards the lists and is held for pointer copies
// only, never during a system call; an appender takes it once per segment. done_mutex_ guards the callbacks of
// when_synced.
#pragma once

#include <map>
#include <mutex>
#include <thread>

#include "core/pulse.h"
#include "ingest/inbox.h"
#include "ingest/segment.h"

namespace firegate::ingest {

// An event a thread can wait for with a time limit; signalling costs one system call.
class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  void signal() noexcept;
  void wait(Millis most) noexcept;  // forgets signals that came before it returned

 private:
  int event_;
};

class InboxFiles {
 public:
  InboxFiles(const InboxSettings& settings, Clock& clock, metrics::Metrics& metrics, SelfFault& faults);
  ~InboxFiles();

  Result<void> open(InboxSeq committed);
  Result<InboxSeq> append(RawMessage message) noexcept;
  void commit(InboxSeq seq) noexcept;
  void when_synced(InboxSeq seq, std::function<void()> done);
  Result<void> read_at(InboxSeq seq, InboxBatch& batch) const;
  void stop_reading() noexcept;

  // The segment with the lowest ordinal that is at least `ordinal`; null when there is none.
  std::shared_ptr<Segment> segment_from(std::uint64_t ordinal) const;
  std::shared_ptr<Segment> segment_with(InboxSeq seq) const;  // the last one that begins at or before `seq`
  void wait_for_messages(InboxSeq next, Millis most) noexcept;
  void wait_for_stop(Millis most) noexcept;
  void report_damage(const Segment& segment, std::size_t bytes, InboxSeq missing);

  std::atomic<InboxSeq> last{0};
  std::atomic<InboxSeq> committed{0};
  std::atomic<InboxSeq> synced{0};
  std::atomic<bool> reading_stopped{false};
  Pulse syncer_pulse;
  Clock& clock;

 private:
  // Opening (inbox_recovery.cpp).
  Result<void> lock_folder();
  Result<void> find_segments();
  Result<void> keep_or_remove(const std::filesystem::path& file);
  void set_aside(const std::filesystem::path& file, const Error& why);
  void check_unfinished();
  void check_segment(Segment& segment, InboxSeq& last_found);

  // Appending.
  bool take_segment(InboxSeq first, Instant created_at) noexcept;
  std::shared_ptr<Segment> next_spare() noexcept;

  // The syncer's thread (inbox_syncer.cpp).
  void run_syncer() noexcept;
  void sync_once() noexcept;
  bool sync_segment(Segment& segment) noexcept;
  void run_done() noexcept;
  void keep_spares() noexcept;
  Result<std::shared_ptr<Segment>> prepare_segment() noexcept;
  bool remove_oldest_finished() noexcept;
  void apply_retention() noexcept;
  void show_state() noexcept;

  InboxSettings settings_;
  metrics::Metrics& metrics_;
  SelfFault& faults_;
  File lock_;

  std::mutex append_mutex_;
  std::shared_ptr<Segment> current_;
  InboxSeq next_seq_ = 1;
  std::uint64_t next_ordinal_ = 1;
  std::atomic<bool> roll_wanted_{false};  // the segment could not be synced: go on in another
  std::atomic<std::uint64_t> write_failures_{0};
  std::atomic<std::uint64_t> next_file_{1};

  mutable std::mutex segments_mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;  // in use or finished, by ordinal
  std::shared_ptr<Segment> spare_;
  std::shared_ptr<Segment> reserve_;

  std::mutex done_mutex_;
  std::multimap<InboxSeq, std::function<void()>> done_;

  std::vector<std::shared_ptr<Segment>> dirty_;  // the syncer's
  std::uint64_t clean_up_to_ = 0;                // the syncer's: segments up to this ordinal need no sync any more
  std::uint64_t write_failures_seen_ = 0;        // the syncer's
  Steady spares_tried_at_{};                     // the syncer's
  bool fault_space_ = false, fault_sync_ = false, fault_write_ = false;  // the syncer's

  Wake reader_wake_, syncer_wake_;
  std::atomic<bool> reader_waits_{false}, syncer_waits_{false}, stopping_{false};
  std::thread syncer_;
};

}  // namespace firegate::ingest
