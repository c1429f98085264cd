// The signature of a webhook: HMAC-SHA256 with the shared secret over "<unix seconds>.<body>". The time is signed, so
// that a receiver can refuse what is old.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firegate::respond {

// "t=1795316055,v1=5257a8..." (64 hexadecimal digits): the value of X-Firegate-Signature.
std::string signature(std::string_view secret, std::int64_t unix_seconds, std::string_view body);

}  // namespace firegate::respond
