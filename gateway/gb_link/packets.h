// What the link itself says to units: frames as the standard has them. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "drivers/gb26875/frame.h"
#include "gb_link/units.h"

namespace firegate::gb_link {

constexpr std::uint8_t kDutyMinutes = 10;  // practice (domain 1.10); the standard leaves it to the centre
// Without a time tag such a frame says nothing but that the unit is there (domain 1.10).
constexpr std::size_t kLongestKeepAlive = 3;

bool is_known_command(std::uint8_t command) noexcept;  // GB/T 26875.3, table 2: 1 to 6
bool is_keep_alive(const gb26875::Frame& frame) noexcept;
// Whether a person at the unit answers a duty check (type 24, 查岗应答).
bool answers_duty_check(const gb26875::Frame& frame);

std::string confirmation(const gb26875::Frame& frame, Instant now);
std::string refusal(const gb26875::Frame& frame, Instant now);
// The answer to a unit that asks for the time; none: it asks for something else.
std::optional<std::string> time_for(const gb26875::Frame& request, Instant now);

// Commands to the unit, in its version and under its name for us.
std::string sync_clock(const Unit& unit, std::uint16_t serial, Instant now);
std::string duty_check(const Unit& unit, std::uint16_t serial, Instant now);

}  // namespace firegate::gb_link
