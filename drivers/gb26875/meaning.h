// What the objects of GB/T 26875.3-2011 say in our words: status bits (p. 8, 10, 14, 16), analogue values (table 6, p.
// 14), operations. A system and a component are devices under their unit. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/driver.h"
#include "drivers/gb26875/data_unit.h"

namespace firegate::gb26875 {

// "000000000379", "000000000379/1.1", "000000000379/1.1/131082".
std::string unit_address(std::uint64_t number);
std::string system_address(std::string_view unit, const Object& object);
std::string component_address(std::string_view unit, const Object& object);

// The other way round; the parts that the text does not have stay empty.
struct Address {
  std::uint64_t unit = 0;
  std::optional<std::pair<std::uint8_t, std::uint8_t>> system;  // type and address
  std::optional<std::uint32_t> component;
};
std::optional<Address> address_from_text(std::string_view text) noexcept;

// Bits of an operation (p. 16).
enum class Operation : std::uint8_t {
  reset = 0,
  silence,
  manual_alarm,
  alarm_cleared,
  self_test,
  duty_answer,  // of a unit; of a system the same bit is a confirmation
  test,
};
bool has(const Object& object, Operation operation) noexcept;

// What the unit at `address` sends of itself and of what is connected to it. `unread` counts values that are none of
// ours.
struct Meaning {
  std::vector<DeviceMessage> messages;
  std::uint32_t unread = 0;
};
Meaning meaning_of(const DataUnit& unit, std::string_view address);

}  // namespace firegate::gb26875
