// Base64 (RFC 4648, section 4). Pure.
#pragma once

#include <string>
#include <string_view>

namespace firegate::api {

std::string to_base64(std::string_view bytes);

}  // namespace firegate::api
