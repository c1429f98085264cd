// QR codes as SVG (ISO/IEC 18004, by libqrencode). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace firegate::documents {

constexpr std::size_t kMaxQrBytes = 300;  // our choice: what a phone still reads off a screen at arm's length

// A square picture of dark modules on white with the quiet zone of four that the standard asks for; error correction M.
// bad_input: empty or too long; no NUL.
Result<std::string> qr_svg(std::string_view text);

}  // namespace firegate::documents
