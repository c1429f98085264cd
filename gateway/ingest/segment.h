// Segment: one preallocated file of the inbox. Header of 64 bytes, then records aligned to 8 bytes, then zeros.
// A record: 32 bytes of header, topic, payload, padding. Its CRC-32C starts from the segment's random salt, so that
// bytes inside a hostile payload never pass for a record when the inbox looks for the next one after damage. Numbers
// are little endian. Threads: `write` and `seal` by the appender, `sync` by the syncer, `read` by anybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/raw_message.h"
#include "core/result.h"

namespace firegate::ingest {

constexpr std::size_t kSegmentHeader = 64;
constexpr std::size_t kRecordHeader = 32;
constexpr std::uint32_t kSegmentVersion = 1;

constexpr std::size_t record_size(std::size_t topic, std::size_t payload) noexcept {
  return (kRecordHeader + topic + payload + 7) & ~std::size_t{7};
}

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  ~File();
  File(File&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  File& operator=(File&& other) noexcept;
  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// How far `read` went.
struct ReadOutcome {
  std::size_t offset = 0;     // where to go on
  std::size_t damaged = 0;    // bytes passed over that are no record (zeros not counted)
  std::size_t valid_end = 0;  // end of the last record that checks; 0: none was found
  InboxSeq last = 0;          // its number
  int error = 0;              // errno; 0: none
};

class Segment {
 public:
  // Makes a spare segment: preallocated, on disk, not yet in use. Leaves nothing behind when it fails.
  // Errors: overloaded (no space); io_failed.
  static Result<std::shared_ptr<Segment>> prepare(const std::filesystem::path& file, std::size_t bytes);
  // Opens a segment of an earlier run. Errors: io_failed; corrupt (no header of ours); unsupported (other version).
  static Result<std::shared_ptr<Segment>> load(const std::filesystem::path& file);

  // Puts a spare into use. `ordinal` orders segments. Returns errno; 0: done.
  int take(std::uint64_t ordinal, InboxSeq first, Instant created_at) noexcept;
  // Writes one record behind the last. Returns errno; 0: done. After a failure nothing more may be written.
  int write(const RawMessage& message) noexcept;
  void seal() noexcept { sealed_.store(true, std::memory_order_release); }
  // A segment of an earlier run: its records end at `end`, the last has the number `last`; nothing is added to it.
  void close_recovered(std::size_t end, InboxSeq last) noexcept;
  int sync() noexcept;  // errno; 0: all written so far is on disk
  int trim() noexcept;  // cuts a sealed segment behind its last record; errno

  // Reads records from `offset` up to `end` with numbers from `from` on into `messages` (views into `bytes`), at most
  // `most` of them. Passes over what does not check.
  ReadOutcome read(std::size_t offset, std::size_t end, InboxSeq from, std::size_t most, std::vector<std::byte>& bytes,
                   std::vector<RawMessage>& messages) const;

  bool fits(std::size_t record) const noexcept { return tail() + record <= size_; }
  bool spare() const noexcept { return ordinal_ == 0; }
  bool sealed() const noexcept { return sealed_.load(std::memory_order_acquire); }
  std::size_t tail() const noexcept { return tail_.load(std::memory_order_acquire); }
  InboxSeq last() const noexcept { return last_.load(std::memory_order_acquire); }
  InboxSeq first() const noexcept { return first_; }
  std::uint64_t ordinal() const noexcept { return ordinal_; }
  Instant created_at() const noexcept { return created_at_; }
  std::size_t size() const noexcept { return size_; }
  const std::filesystem::path& file() const noexcept { return path_; }

  bool recovered = false;    // of an earlier run: its damage was counted when it was opened
  bool sync_failed = false;  // the syncer's: its unsynced records may be gone after a power cut
  bool trimmed = false;      // the syncer's

 private:
  Segment(std::filesystem::path path, File file, std::size_t size) noexcept;
  int write_header() noexcept;

  std::filesystem::path path_;
  File file_;
  std::size_t size_;
  std::uint64_t salt_ = 0;
  std::uint64_t ordinal_ = 0;  // 0: spare
  InboxSeq first_ = 0;
  Instant created_at_{};
  std::atomic<std::size_t> tail_{kSegmentHeader};
  std::atomic<InboxSeq> last_{0};
  std::atomic<bool> sealed_{false};
};

}  // namespace firegate::ingest
