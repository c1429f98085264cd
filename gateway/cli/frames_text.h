// Text of GB/T 26875.3 devices: GB 18030, in fields of a fixed length that are padded.
#pragma once

#include <string>
#include <string_view>

namespace firegate::cli {

// UTF-8 without the padding at the end (zeros, spaces). What is no character, as one that a field's end has cut in two,
// becomes U+FFFD; so does every byte above ASCII where the system cannot convert GB 18030.
std::string text_from_gb18030(std::string_view bytes);

}  // namespace firegate::cli
