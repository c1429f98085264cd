// What a person at a post can take in: figures of ISA-18.2 and IEC 62682 for alarm systems (domain, section 3.3).
#pragma once

#include <cstddef>

#include "core/clock.h"

namespace firegate {

// A flood starts with more than 10 announcements in 10 minutes, and ends with fewer than 5.
constexpr Millis kFloodWindow = std::chrono::minutes{10};
constexpr std::size_t kFloodStarts = 10;
constexpr std::size_t kFloodEnds = 5;

constexpr Millis kStaleAfter = std::chrono::hours{24};  // a condition that has been there for longer

}  // namespace firegate
