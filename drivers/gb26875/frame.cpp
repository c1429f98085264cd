#include "drivers/gb26875/frame.h"

#include <fmt/format.h>

#include <numeric>

namespace firegate::gb26875 {
namespace {

constexpr std::string_view kStart = "@@", kEnd = "##";
constexpr std::size_t kLengthAt = 24;
constexpr std::chrono::hours kBeijing{8};
constexpr int kYearBase = 2000;

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

void put(std::string& bytes, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

// Of the bytes between the start and the checksum.
std::uint8_t checksum_of(std::string_view bytes) noexcept {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0}, [](std::uint8_t sum, char byte) {
    return static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(byte));
  });
}

Frame read_head(std::string_view bytes) noexcept {
  Frame frame;
  frame.serial = static_cast<std::uint16_t>(number(bytes, 2, 2));
  frame.version = static_cast<std::uint8_t>(bytes[4]);
  frame.user_version = static_cast<std::uint8_t>(bytes[5]);
  for (std::size_t i = 0; i < 6; ++i) frame.sent_at.bytes[i] = static_cast<std::uint8_t>(bytes[6 + i]);
  frame.source = number(bytes, 12, 6);
  frame.destination = number(bytes, 18, 6);
  frame.command = static_cast<std::uint8_t>(bytes[kFrameHead - 1]);
  return frame;
}

tl::unexpected<Error> cannot_write(std::string what) {
  return fail(ErrorCode::bad_input, "writing a frame of GB/T 26875.3: " + std::move(what));
}

}  // namespace

std::optional<Instant> to_instant(const TimeTag& tag) noexcept {
  const auto [second, minute, hour, day, month, year] = tag.bytes;
  const std::chrono::year_month_day date{std::chrono::year{kYearBase + year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (second > 59 || minute > 59 || hour > 23 || year > 99 || !date.ok()) return std::nullopt;
  return Instant{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                 std::chrono::seconds{second} - kBeijing};
}

TimeTag to_time_tag(Instant at) noexcept {
  const auto there = at + kBeijing;
  const auto midnight = std::chrono::floor<std::chrono::days>(there);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(there - midnight)};
  const int year = static_cast<int>(date.year()) - kYearBase;
  if (year < 0 || year > 99) return {};
  return {{static_cast<std::uint8_t>(time.seconds().count()), static_cast<std::uint8_t>(time.minutes().count()),
           static_cast<std::uint8_t>(time.hours().count()),
           static_cast<std::uint8_t>(static_cast<unsigned>(date.day())),
           static_cast<std::uint8_t>(static_cast<unsigned>(date.month())), static_cast<std::uint8_t>(year)}};
}

Inspected inspect(std::string_view bytes) noexcept {
  Inspected found;
  const std::string_view start = bytes.substr(0, kStart.size());
  if (start != kStart.substr(0, start.size())) {
    found.error = FrameError::not_a_frame;
    return found;
  }
  if (bytes.size() < kFrameHead) {
    found.error = FrameError::incomplete;
    return found;
  }
  const std::size_t length = number(bytes, kLengthAt, 2);
  const std::size_t size = kShortestFrame + length;
  if (length > kLongestUnit || bytes.size() < size) {
    found.error = length > kLongestUnit ? FrameError::too_long : FrameError::incomplete;
    return found;
  }
  found.size = size;
  found.bytes = bytes.substr(0, size);
  found.frame = read_head(bytes);
  found.frame.unit = bytes.substr(kFrameHead, length);
  found.checksum = checksum_of(bytes.substr(kStart.size(), kFrameHead + length - kStart.size()));
  found.checksum_found = static_cast<std::uint8_t>(bytes[kFrameHead + length]);
  found.end_right = bytes.substr(size - kEnd.size(), kEnd.size()) == kEnd;
  if (!found.end_right) found.error = FrameError::bad_end;
  if (found.checksum != found.checksum_found) found.error = FrameError::bad_checksum;
  return found;
}

Result<std::string> write_frame(const Frame& frame) {
  if (frame.unit.size() > kLongestUnit) {
    return cannot_write(fmt::format("found a unit of {} bytes, expected at most {}", frame.unit.size(), kLongestUnit));
  }
  if (frame.source > kHighestAddress || frame.destination > kHighestAddress) {
    return cannot_write("found an address of more than six bytes");
  }
  if (frame.sent_at != TimeTag{} && !to_instant(frame.sent_at)) return cannot_write("found a time that is none");
  std::string bytes(kStart);
  bytes.reserve(kShortestFrame + frame.unit.size());
  put(bytes, frame.serial, 2);
  put(bytes, frame.version, 1);
  put(bytes, frame.user_version, 1);
  for (const std::uint8_t byte : frame.sent_at.bytes) put(bytes, byte, 1);
  put(bytes, frame.source, 6);
  put(bytes, frame.destination, 6);
  put(bytes, frame.unit.size(), 2);
  put(bytes, frame.command, 1);
  bytes += frame.unit;
  put(bytes, checksum_of(std::string_view(bytes).substr(kStart.size())), 1);
  bytes += kEnd;
  return bytes;
}

Frame answer_to(const Frame& frame, CommandByte command, Instant now) noexcept {
  Frame answer;
  answer.serial = frame.serial;
  answer.version = frame.version;
  answer.user_version = frame.user_version;
  answer.sent_at = to_time_tag(now);
  answer.source = frame.destination;
  answer.destination = frame.source;
  answer.command = static_cast<std::uint8_t>(command);
  return answer;
}

std::optional<Inspected> FrameSplitter::next() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  while (taken_ < buffer_.size()) {
    const std::string_view rest = std::string_view(buffer_).substr(taken_);
    const Inspected found = inspect(rest);
    if (found.error == FrameError::incomplete) break;
    const bool sum_right = found.checksum == found.checksum_found;
    if (found.size > 0 && (sum_right || found.end_right)) {
      // Of a frame that is wrong only the first byte is spent: the next one may start inside what its length claims.
      taken_ += found.error ? 1 : found.size;
      return found;
    }
    drop(1);
  }
  buffer_.erase(0, taken_);
  taken_ = 0;
  return std::nullopt;
}

void FrameSplitter::give_up() {
  if (waiting()) drop(1);
}

void FrameSplitter::drop(std::size_t bytes) noexcept {
  taken_ += bytes;
  garbage_ += bytes;
}

}  // namespace firegate::gb26875
