#include "ingest/segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "ingest/crc32c.h"
#include "ingest/inbox.h"

namespace firegate::ingest {
namespace {

static_assert(std::endian::native == std::endian::little, "the inbox is written in the processor's byte order");

constexpr std::array<char, 8> kSegmentMagic{'F', 'G', 'I', 'N', 'B', 'O', 'X', '\n'};
constexpr std::uint32_t kRecordMagic = 0x31524746;  // "FGR1"
constexpr std::size_t kChunk = 256 * 1024;          // read at a time; our choice
constexpr std::uint8_t kRetained = 1, kDuplicate = 2;

struct SegmentHeader {
  std::array<char, 8> magic = kSegmentMagic;
  std::uint32_t version = kSegmentVersion;
  std::uint32_t crc = 0;  // over what follows
  std::uint64_t salt = 0;
  std::uint64_t ordinal = 0;
  std::uint64_t first = 0;
  std::int64_t created_at = 0;
  std::array<std::uint64_t, 2> unused{};
};
static_assert(sizeof(SegmentHeader) == kSegmentHeader);

struct RecordHeader {
  std::uint32_t magic = kRecordMagic;
  std::uint32_t crc = 0;  // over what follows, topic and payload
  std::uint32_t payload = 0;
  std::uint16_t topic = 0;
  std::uint8_t flags = 0;
  std::uint8_t unused = 0;
  std::uint64_t seq = 0;
  std::int64_t arrived_at = 0;
};
static_assert(sizeof(RecordHeader) == kRecordHeader);

constexpr std::size_t kSegmentCovered = offsetof(SegmentHeader, salt);
constexpr std::size_t kRecordCovered = offsetof(RecordHeader, payload);

std::uint32_t crc_of(const SegmentHeader& header) noexcept {
  return crc32c(0, reinterpret_cast<const char*>(&header) + kSegmentCovered, kSegmentHeader - kSegmentCovered);
}

std::uint32_t crc_of(const RecordHeader& header, std::uint64_t salt) noexcept {
  return crc32c(static_cast<std::uint32_t>(salt), reinterpret_cast<const char*>(&header) + kRecordCovered,
                kRecordHeader - kRecordCovered);
}

std::string failed_on(std::string_view doing, const std::filesystem::path& file, int error) {
  return fmt::format("{} {}: {}", doing, file.string(), std::strerror(error));
}

// Reads exactly `size` bytes; errno, 0 when done. The end of the file reads as zeros.
int read_at(int file, std::byte* to, std::size_t size, std::size_t offset) noexcept {
  while (size > 0) {
    const ssize_t got = ::pread(file, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) {
      std::memset(to, 0, size);
      return 0;
    }
    to += got;
    size -= static_cast<std::size_t>(got);
    offset += static_cast<std::size_t>(got);
  }
  return 0;
}

enum class Found : std::uint8_t { record, damage, more };  // more: the record goes on behind the bytes at hand
struct Parsed {
  Found found = Found::damage;
  std::size_t size = 0;  // of the record; for `more` what must be at hand
  RawMessage message;
};

// Looks at the record that may start at `at`; `room`: bytes from there to the end of the segment's records.
Parsed parse(const std::byte* at, std::size_t have, std::size_t room, std::uint64_t salt) noexcept {
  RecordHeader header;
  if (room < kRecordHeader) return {};
  if (have < kRecordHeader) return {Found::more, kRecordHeader, {}};
  std::memcpy(&header, at, kRecordHeader);
  if (header.magic != kRecordMagic || header.payload > kMaxPayload) return {};
  if (kRecordHeader + header.topic + header.payload > room) return {};
  const std::size_t size = std::min(record_size(header.topic, header.payload), room);  // the file may end in padding
  if (size > have) return {Found::more, size, {}};
  const auto* text = reinterpret_cast<const char*>(at) + kRecordHeader;
  const std::size_t length = std::size_t{header.topic} + header.payload;
  if (crc32c(crc_of(header, salt), text, length) != header.crc) return {};
  RawMessage message;
  message.topic = {text, header.topic};
  message.payload = {text + header.topic, header.payload};
  message.arrived_at = Instant{Millis{header.arrived_at}};
  message.retained = (header.flags & kRetained) != 0;
  message.duplicate = (header.flags & kDuplicate) != 0;
  message.seq = header.seq;
  return {Found::record, size, message};
}

bool all_zero(const std::byte* at, std::size_t size) noexcept {
  return std::all_of(at, at + size, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Segment::Segment(std::filesystem::path path, File file, std::size_t size) noexcept
    : path_(std::move(path)), file_(std::move(file)), size_(size) {}

Result<std::shared_ptr<Segment>> Segment::prepare(const std::filesystem::path& file, std::size_t bytes) {
  File handle{::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!handle) return fail(ErrorCode::io_failed, failed_on("creating inbox segment", file, errno));
  std::shared_ptr<Segment> segment(new Segment(file, std::move(handle), bytes));
  int error = ::posix_fallocate(segment->file_.get(), 0, static_cast<off_t>(bytes));
  if (error == 0 && ::getrandom(&segment->salt_, sizeof segment->salt_, 0) < 0) error = errno;
  if (error == 0) error = segment->write_header();
  if (error == 0) error = segment->sync();
  if (error == 0) return segment;
  ::unlink(file.c_str());
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full ? ErrorCode::overloaded : ErrorCode::io_failed,
              failed_on("preallocating inbox segment", file, error));
}

Result<std::shared_ptr<Segment>> Segment::load(const std::filesystem::path& file) {
  File handle{::open(file.c_str(), O_RDWR | O_CLOEXEC)};
  if (!handle) return fail(ErrorCode::io_failed, failed_on("opening inbox segment", file, errno));
  struct stat status {};
  SegmentHeader header;
  int error = ::fstat(handle.get(), &status) != 0 ? errno : 0;
  if (error == 0) error = read_at(handle.get(), reinterpret_cast<std::byte*>(&header), kSegmentHeader, 0);
  if (error != 0) return fail(ErrorCode::io_failed, failed_on("reading inbox segment", file, error));
  if (header.magic != kSegmentMagic) {
    return fail(ErrorCode::corrupt,
                fmt::format("reading inbox segment {}: found no header of an inbox", file.string()));
  }
  if (header.version != kSegmentVersion) {
    return fail(ErrorCode::unsupported, fmt::format("reading inbox segment {}: found version {}, expected {}",
                                                    file.string(), header.version, kSegmentVersion));
  }
  if (header.crc != crc_of(header)) {
    return fail(ErrorCode::corrupt, fmt::format("reading inbox segment {}: header does not check", file.string()));
  }
  std::shared_ptr<Segment> segment(new Segment(file, std::move(handle), static_cast<std::size_t>(status.st_size)));
  segment->salt_ = header.salt;
  segment->ordinal_ = header.ordinal;
  segment->first_ = header.first;
  segment->created_at_ = Instant{Millis{header.created_at}};
  segment->recovered = true;
  return segment;
}

int Segment::write_header() noexcept {
  SegmentHeader header;
  header.salt = salt_;
  header.ordinal = ordinal_;
  header.first = first_;
  header.created_at = created_at_.time_since_epoch().count();
  header.crc = crc_of(header);
  const ssize_t put = ::pwrite(file_.get(), &header, kSegmentHeader, 0);
  if (put == static_cast<ssize_t>(kSegmentHeader)) return 0;
  return put < 0 ? errno : EIO;
}

int Segment::take(std::uint64_t ordinal, InboxSeq first, Instant created_at) noexcept {
  ordinal_ = ordinal;
  first_ = first;
  created_at_ = created_at;
  last_.store(first - 1, std::memory_order_release);
  return write_header();
}

int Segment::write(const RawMessage& message) noexcept {
  RecordHeader header;
  header.payload = static_cast<std::uint32_t>(message.payload.size());
  header.topic = static_cast<std::uint16_t>(message.topic.size());
  header.flags = static_cast<std::uint8_t>((message.retained ? kRetained : 0) | (message.duplicate ? kDuplicate : 0));
  header.seq = message.seq;
  header.arrived_at = message.arrived_at.time_since_epoch().count();
  header.crc = crc32c(crc32c(crc_of(header, salt_), message.topic.data(), message.topic.size()), message.payload.data(),
                      message.payload.size());

  const std::size_t length = kRecordHeader + message.topic.size() + message.payload.size();
  const std::array<iovec, 3> parts{iovec{&header, kRecordHeader},
                                   iovec{const_cast<char*>(message.topic.data()), message.topic.size()},
                                   iovec{const_cast<char*>(message.payload.data()), message.payload.size()}};
  const std::size_t at = tail_.load(std::memory_order_relaxed);
  ssize_t put = -1;
  do {
    put = ::pwritev(file_.get(), parts.data(), parts.size(), static_cast<off_t>(at));
  } while (put < 0 && errno == EINTR);
  if (put < 0) return errno;
  if (static_cast<std::size_t>(put) != length) return EIO;  // the disk took a part, which does not check
  last_.store(message.seq, std::memory_order_release);
  tail_.store(at + record_size(message.topic.size(), message.payload.size()), std::memory_order_release);
  return 0;
}

void Segment::close_recovered(std::size_t end, InboxSeq last) noexcept {
  last_.store(last, std::memory_order_release);
  tail_.store(end, std::memory_order_release);
  seal();
}

int Segment::sync() noexcept { return ::fdatasync(file_.get()) == 0 ? 0 : errno; }

int Segment::trim() noexcept {
  trimmed = true;
  if (::ftruncate(file_.get(), static_cast<off_t>(tail())) != 0) return errno;
  size_ = tail();
  return 0;
}

ReadOutcome Segment::read(std::size_t offset, std::size_t end, InboxSeq from, std::size_t most,
                          std::vector<std::byte>& bytes, std::vector<RawMessage>& messages) const {
  ReadOutcome outcome;
  outcome.offset = offset;
  std::size_t have = std::min(end - offset, kChunk);
  const auto load = [&] {
    if (bytes.size() < have + kReadAhead) bytes.resize(have + kReadAhead);
    return read_at(file_.get(), bytes.data(), have, offset);
  };
  outcome.error = load();
  std::size_t at = 0;
  while (outcome.error == 0 && at < have && messages.size() < most) {
    const Parsed parsed = parse(bytes.data() + at, have - at, end - offset - at, salt_);
    if (parsed.found == Found::more) {
      if (at > 0) break;  // the next call starts here
      have = parsed.size;
      outcome.error = load();
      continue;
    }
    if (parsed.found == Found::damage) {
      const std::size_t step = std::min<std::size_t>(8, have - at);
      if (!all_zero(bytes.data() + at, step)) outcome.damaged += step;
      at += step;
      continue;
    }
    at += parsed.size;
    outcome.valid_end = offset + at;
    outcome.last = parsed.message.seq;
    if (parsed.message.seq >= from) messages.push_back(parsed.message);
  }
  outcome.offset = offset + at;
  return outcome;
}

}  // namespace firegate::ingest
