// A frame of the JUY charging protocol: 5A A5, length, command, result, data, sum. Little endian. Sources: notes.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/driver.h"

namespace firegate::juy {

enum class Code : std::uint8_t {
  login = 0x81,
  heartbeat = 0x82,
  start = 0x83,
  stop = 0x84,
  end = 0x85,
  local_start = 0x86,
  ports = 0x88,
  tariff_ports = 0x8F,
  identity = 0xC0,
};

struct Frame {
  std::uint8_t code = 0;
  std::string_view data;  // between RESULT and SUM
};

// The only frame of a message. Unparsable when the head, the length or the sum is wrong: the sum does not see lost zero
// bytes, so a right sum behind a wrong length is no frame either.
tl::expected<Frame, Rejection> read_frame(std::string_view bytes);
std::string write_frame(Code code, std::string_view data);

// Numbers from the front of a frame's data. After a short read `ok` is false and every number is 0.
class DataReader {
 public:
  explicit DataReader(std::string_view data) : rest_(data) {}
  std::uint32_t number(std::size_t bytes) noexcept;
  std::string_view text(std::size_t bytes) noexcept;
  void skip(std::size_t bytes) noexcept { static_cast<void>(text(bytes)); }
  bool ok() const noexcept { return ok_; }
  std::size_t left() const noexcept { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// A port and an order number as frames carry them.
std::string port_and_order(Port port, std::uint32_t order);

}  // namespace firegate::juy
