// Inbox: the append log on disk between the links and the decode lanes. A message is in the inbox before it is
// acknowledged to the broker, so that a crash of ours loses nothing (architecture, decision 2).
//
// Owned by `app`, which opens it before any link starts and stops it after the last. Threads:
//   append        Paho's callback, the io thread (any thread; appenders exclude one another, nobody else holds that
//   lock) InboxReader   one inbox reader thread commit        any thread (the store writer, after its commit)
//   when_synced   any thread; the callback runs on the syncer's thread, posts and returns
// The syncer's thread is the inbox's own: group sync, next segment, reserve, retention.
//
// On disk: segments of a fixed size, preallocated, so that a full disk shows when a segment is prepared and not in the
// middle of a message. Written by pwritev and not through a mapping: where the disk fails after all, that is an error
// code and not SIGBUS (measured: 15.5 µs a message with the file, 14.3 without any). One further segment, the reserve,
// always lies ready: it takes what arrives when the disk is full. When the reserve is full too, `append` fails and the
// caller makes the process end, so that the broker delivers again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/raw_message.h"
#include "core/result.h"
#include "core/self_fault.h"
#include "metrics/metrics.h"

namespace firegate::ingest {

constexpr std::size_t kMaxPayload = 8 * 1024 * 1024;  // what the broker lets through (architecture, section 8)
constexpr std::size_t kMaxTopic = 65'535;             // MQTT 5.0, 1.5.4

struct InboxSettings {
  std::filesystem::path folder;
  std::size_t segment_bytes = 64 * 1024 * 1024;  // at least kMaxPayload + kMaxTopic and headers; our choice
  Millis sync_within{10};                        // architecture, decision 2
  Millis keep_for{std::chrono::hours{7 * 24}};   // finished segments (architecture, section 9.7) ...
  std::uint64_t keep_bytes = 5'000'000'000;      // ... whichever limit is met first
  Millis retry_every{1000};                      // how often a full disk is tried again; our choice
};

// Bytes that follow every payload of a batch and may be read (not written): parsers that read ahead need no copy.
constexpr std::size_t kReadAhead = 64;

// Messages read from the inbox. `messages` point into the batch: valid until it is filled again or ends.
class InboxBatch {
 public:
  std::span<const RawMessage> messages() const noexcept { return messages_; }
  bool empty() const noexcept { return messages_.empty(); }

 private:
  friend class InboxReader;
  friend class InboxFiles;
  std::vector<std::byte> bytes_;
  std::vector<RawMessage> messages_;
};

class InboxFiles;

class Inbox {
 public:
  // Takes the folder (created when absent; one process at a time), checks every message after `committed` and continues
  // the sequence. What does not check is skipped or cut, counted, and raised as `inbox_torn`.
  // Errors: io_failed; refused (another process has it); unsupported (written by another version).
  static Result<std::unique_ptr<Inbox>> open(const InboxSettings& settings, InboxSeq committed, Clock& clock,
                                             metrics::Metrics& metrics, SelfFault& faults);
  // Syncs, then stops the syncer. Readers must have ended.
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // About 1 µs; no allocation; never waits for the disk's sync. On return the message survives the end of the process;
  // `synced_up_to` says when it survives a power cut.
  // Errors: bad_input (too large: nothing was written, later messages are not touched); io_failed (nowhere to write).
  Result<InboxSeq> append(std::string_view topic, std::string_view payload, bool retained, bool duplicate,
                          Instant arrived_at) noexcept;

  InboxSeq last() const noexcept;          // newest message; the `committed` given to `open` when there is none
  InboxSeq committed() const noexcept;     // everything up to here is finished
  InboxSeq synced_up_to() const noexcept;  // everything up to here is on disk
  Steady syncer_pulse() const noexcept;    // when the syncer's thread last came round; it does so each second

  // Everything up to `seq` is finished; lower values than before do nothing.
  void commit(InboxSeq seq) noexcept;

  // Runs `done` once everything up to `seq` is on disk: now, on this thread, when it is; else on the syncer's thread.
  void when_synced(InboxSeq seq, std::function<void()> done);

  // One message that still lies in a segment, for display. Reads up to a segment: some 10 ms. Any thread.
  // Errors: not_found; io_failed.
  Result<void> read_at(InboxSeq seq, InboxBatch& batch) const;

  // Ends the wait of the reader, now and later.
  void stop_reading() noexcept;

 private:
  friend class InboxReader;
  explicit Inbox(std::unique_ptr<InboxFiles> files);
  std::unique_ptr<InboxFiles> files_;
};

// Reads in order of sequence. One thread; one reader at a time may wait. Numbers may be missing where the disk was
// damaged.
class InboxReader {
 public:
  InboxReader(Inbox& inbox, InboxSeq from) noexcept;  // `from`: number of the first message, usually committed() + 1

  // Fills `batch` with what follows, at most 1,024 messages or about 256 KiB (one larger message fills a batch alone).
  // Waits up to `max_wait` when there is nothing new; the batch is empty then, and after stop_reading(). Under load it
  // looks at most once in three milliseconds, so that appending wakes nobody.
  // Errors: io_failed: the disk cannot be read; call again later.
  Result<void> next(InboxBatch& batch, Millis max_wait);

 private:
  InboxFiles& files_;
  InboxSeq next_;
  std::uint64_t segment_ = 0;  // first number of the segment read last; 0: not yet found
  std::size_t offset_ = 0;
  Steady last_look_{};
  bool behind_ = true;  // the last batch was full
};

}  // namespace firegate::ingest
