// Base64 (RFC 4648) → bytes; none when it is not. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firegate::cli {

std::optional<std::string> from_base64(std::string_view text);

}  // namespace firegate::cli
