// A frame of GB/T 26875.3-2011 (table 1, p. 4-5): @@, serial number, version, time of sending, source, destination,
// length, command, application data unit, checksum, ##. Little endian. Pure; no exceptions; any thread.
//
// Nothing is escaped, so a frame is taken by its length and never by looking for ##. Reading keeps what is wrong beside
// what could be read; writing gives only what the standard allows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/labels.h"
#include "core/result.h"

namespace firegate::gb26875 {

constexpr std::size_t kFrameHead = 27;                           // up to and with the command byte
constexpr std::size_t kFrameTail = 3;                            // checksum and ##
constexpr std::size_t kShortestFrame = kFrameHead + kFrameTail;  // GB/T 26875.3, table 1
constexpr std::size_t kLongestUnit = 1024;                       // GB/T 26875.3, table 1
constexpr std::size_t kLongestFrame = kShortestFrame + kLongestUnit;
constexpr std::uint64_t kHighestAddress = 0xFFFF'FFFF'FFFF;  // six bytes

// Table 2. 0 and 7 to 127 are reserved, from 128 a maker's own.
enum class CommandByte : std::uint8_t { control = 1, send = 2, confirm = 3, request = 4, answer = 5, refuse = 6 };

// Seconds, minutes, hours, day, month, years from 2000: plain binary, no zone. Devices mean Beijing time (domain 1.5).
struct TimeTag {
  std::array<std::uint8_t, 6> bytes{};
  friend bool operator==(const TimeTag&, const TimeTag&) = default;
};
// None for what is no time; many devices send zeros.
std::optional<Instant> to_instant(const TimeTag& tag) noexcept;
// Zeros outside 2000 to 2099.
TimeTag to_time_tag(Instant at) noexcept;

struct Frame {
  std::uint16_t serial = 0;
  std::uint8_t version = 1, user_version = 1;
  TimeTag sent_at;
  std::uint64_t source = 0, destination = 0;
  std::uint8_t command = 0;
  std::string_view unit;  // the application data unit; a view into what was read

  bool is(CommandByte byte) const noexcept { return command == static_cast<std::uint8_t>(byte); }
};

enum class FrameError : std::uint8_t { not_a_frame, incomplete, too_long, bad_checksum, bad_end };
// What the front of some bytes says, right or wrong. `error` is the first thing that is wrong, in the order of the
// enum.
struct Inspected {
  std::optional<FrameError> error;
  std::size_t size = 0;    // of the whole frame; 0: the bytes end before it does, or no frame starts here
  std::string_view bytes;  // the whole frame, when size > 0; a view into what was read
  Frame frame;             // when size > 0
  std::uint8_t checksum = 0, checksum_found = 0;  // as it ought to be, as it is
  bool end_right = false;
};
Inspected inspect(std::string_view bytes) noexcept;

// Errors: bad_input: a unit longer than kLongestUnit, an address of more than six bytes, a time that is none (zeros may
// be).
Result<std::string> write_frame(const Frame& frame);

// The frame that confirms or refuses `frame`: its serial number and version, its addresses exchanged.
Frame answer_to(const Frame& frame, CommandByte command, Instant now) noexcept;

// Frames out of a stream: in pieces, together, between bytes that are none. One owner. After `next` has given none it
// keeps less than one frame, however much was added: a caller that drains after each `add` needs no other bound.
class FrameSplitter {
 public:
  void add(std::string_view bytes) { buffer_.append(bytes); }
  // The next frame: a whole one, or one of which only the checksum or only the end is wrong, to be refused. Views are
  // valid until the next call. What looks like neither is dropped byte by byte and counted.
  std::optional<Inspected> next();
  // The rest of what is waited for will not come: looks for a frame in what came after its start.
  void give_up();
  bool waiting() const noexcept { return buffer_.size() > taken_; }
  std::uint64_t garbage() const noexcept { return garbage_; }  // bytes

 private:
  void drop(std::size_t bytes) noexcept;

  std::string buffer_;
  std::size_t taken_ = 0;  // of the front of the buffer
  std::uint64_t garbage_ = 0;
};

}  // namespace firegate::gb26875

template <>
struct firegate::Labels<firegate::gb26875::FrameError> {
  static constexpr std::array<std::string_view, 5> list{"not_a_frame", "incomplete", "too_long", "bad_checksum",
                                                        "bad_end"};
};
