// The application data unit of GB/T 26875.3-2011 (table 3, p. 6-7, and p. 7-26): a type, a number of objects, the
// objects. One table of layouts serves reading and writing, up and down. Pure; no exceptions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "drivers/gb26875/frame.h"

namespace firegate::gb26875 {

enum class Type : std::uint8_t {
  system_state = 1,
  component_state = 2,
  component_value = 3,
  operation = 4,
  system_version = 5,
  system_configuration = 6,
  component_configuration = 7,
  system_time = 8,
  unit_state = 21,
  unit_operation = 24,
  unit_version = 25,
  unit_configuration = 26,
  unit_time = 28,
  read_system_state = 61,
  read_component_state = 62,
  read_component_value = 63,
  read_operations = 64,
  read_system_version = 65,
  read_system_configuration = 66,
  read_component_configuration = 67,
  read_system_time = 68,
  read_unit_state = 81,
  read_unit_operations = 84,
  read_unit_version = 85,
  read_unit_configuration = 86,
  read_unit_time = 88,
  initialise = 89,
  sync_clock = 90,
  duty_check = 91,
};

// What an object is made of, in the order in which it lies in the bytes.
enum class Part : std::uint8_t {
  system_type,
  system_address,
  component_type,
  component_address,  // 4 bytes
  status,             // 2 bytes
  unit_status,        // 1 byte
  analogue_type,
  analogue_value,  // 2 bytes, signed
  operation,       // 1 byte of flags
  operator_number,
  major,
  minor,
  description,   // 31 bytes, GB 18030
  text,          // a length byte and so many bytes, GB 18030
  record_count,  // how many records are asked for
  minutes,       // within which a duty check is to be answered
  reserved,      // 1 byte
  time,          // a time that is the message
  time_tag,      // when it happened; some devices leave it out
};

struct Object {
  std::uint8_t system_type = 0, system_address = 0, component_type = 0;
  std::uint32_t component_address = 0;
  std::uint16_t status = 0;  // of a system, a component or the unit
  std::uint8_t analogue_type = 0;
  std::int16_t analogue_value = 0;
  std::uint8_t operation = 0, operator_number = 0;
  std::uint8_t major = 0, minor = 0;
  std::string_view text;  // as in the bytes: GB 18030, padded
  std::uint8_t record_count = 0, minutes = 0, reserved = 0;
  TimeTag time;
};

// What objects of this type are made of; empty: the type is reserved or a maker's own.
std::span<const Part> layout_of(std::uint8_t type) noexcept;

struct DataUnit {
  std::uint8_t type = 0, count = 0;
  bool conformant = false;  // as many bytes as the standard says, and not more objects than it allows
  std::vector<Object> objects;
  std::string_view body;  // behind type and count

  bool is(Type wanted) const noexcept { return type == static_cast<std::uint8_t>(wanted); }
};
// Reads what can be read with certainty: the layouts of the standard, and those with a time tag without it. `objects`
// is empty when the bytes are neither. None: shorter than type and count. Views into `bytes`.
std::optional<DataUnit> read_unit(std::string_view bytes);

// Errors: bad_input: the standard has no such type, or not so many objects of it in one unit, or a text is too long.
Result<std::string> write_unit(Type type, std::span<const Object> objects);

}  // namespace firegate::gb26875
