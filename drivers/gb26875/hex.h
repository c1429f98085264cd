// Bytes as hexadecimal text, as people and some gateways write frames. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firegate::gb26875 {

// Pairs of digits in either case, blanks between pairs allowed. None for anything else, for no digit and for half a
// pair.
std::optional<std::string> from_hex(std::string_view text);
std::string to_hex(std::string_view bytes);  // lower case

}  // namespace firegate::gb26875
