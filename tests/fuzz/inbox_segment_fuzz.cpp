// A segment of the inbox as a crash, a bad disk or a stranger may leave it. The first byte: 1 mends the checksums
// first, so that what stands behind them is reached; the second how many records are read at once. The records are the
// same however they are asked for.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "fuzz/fuzz.h"
#include "ingest/crc32c.h"
#include "ingest/segment.h"

namespace firegate::fuzz {
namespace {

constexpr std::uint32_t kRecordMagic = 0x31524746;  // "FGR1"
// Where the fields of segment.cpp lie; a test replays what these promise.
constexpr std::size_t kHeaderCrc = 12, kHeaderCovered = 16, kSalt = 16;
constexpr std::size_t kRecordCrc = 4, kRecordCovered = 8, kPayloadSize = 8, kTopicSize = 12;

template <typename Number>
Number number_at(const std::string& bytes, std::size_t at) noexcept {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

void put_crc(std::string& bytes, std::size_t at, std::uint32_t crc) noexcept {
  std::memcpy(&bytes[at], &crc, sizeof crc);
}

void mend_checksums(std::string& bytes) {
  if (bytes.size() < ingest::kSegmentHeader) return;
  put_crc(bytes, kHeaderCrc, ingest::crc32c(0, bytes.data() + kHeaderCovered, ingest::kSegmentHeader - kHeaderCovered));
  const auto salt = static_cast<std::uint32_t>(number_at<std::uint64_t>(bytes, kSalt));
  for (std::size_t at = ingest::kSegmentHeader; at + ingest::kRecordHeader <= bytes.size(); at += 8) {
    if (number_at<std::uint32_t>(bytes, at) != kRecordMagic) continue;
    const std::size_t length = std::size_t{number_at<std::uint16_t>(bytes, at + kTopicSize)} +
                               number_at<std::uint32_t>(bytes, at + kPayloadSize);
    if (at + ingest::kRecordHeader + length > bytes.size()) continue;
    const char* record = bytes.data() + at;
    const auto crc = ingest::crc32c(salt, record + kRecordCovered, ingest::kRecordHeader - kRecordCovered);
    put_crc(bytes, at + kRecordCrc, ingest::crc32c(crc, record + ingest::kRecordHeader, length));
  }
}

// A file in memory with these bytes, by a path that `Segment::load` can open.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : file_(::memfd_create("segment", MFD_CLOEXEC)) {
    must(::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "memory takes the segment");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_;
};

struct Record {
  std::string topic, payload;
  InboxSeq seq = 0;
  friend bool operator==(const Record&, const Record&) = default;
};

std::vector<Record> read_all(const ingest::Segment& segment, std::size_t most, std::size_t& damaged) {
  std::vector<Record> records;
  std::vector<std::byte> bytes;
  for (std::size_t offset = ingest::kSegmentHeader; offset < segment.size();) {
    std::vector<RawMessage> messages;
    const auto outcome = segment.read(offset, segment.size(), 0, most, bytes, messages);
    must(outcome.error == 0, "a file that is there can be read");
    must(outcome.offset > offset && outcome.offset <= segment.size(), "reading gets on, and stops at the end");
    must(messages.size() <= most, "not more than was asked for");
    for (const RawMessage& message : messages) {
      records.push_back({std::string(message.topic), std::string(message.payload), message.seq});
    }
    damaged += outcome.damaged;
    offset = outcome.offset;
  }
  return records;
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate;
  if (size < 2) return 0;
  std::string bytes(fuzz::text_of(data + 2, size - 2));
  if (data[0] % 2 == 1) fuzz::mend_checksums(bytes);
  const fuzz::MemoryFile file(bytes);
  const auto segment = ingest::Segment::load(file.path());
  if (!segment) return 0;
  std::size_t damaged = 0, damaged_again = 0;
  const auto records = fuzz::read_all(**segment, 1 + data[1] % 4, damaged);
  const auto again = fuzz::read_all(**segment, 1000, damaged_again);
  fuzz::must(records == again, "the same records however they are asked for");
  fuzz::must(damaged == damaged_again, "the same damage however it is looked at");
  return 0;
}
