// UTF-8: whether bytes are text, and bytes as a person can read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firegate {

// Length in bytes of the character at the start of `text`: 1 to 4; 0 where the bytes are not UTF-8 (overlong forms and
// surrogates are not) or the text is empty.
std::size_t utf8_length(std::string_view text) noexcept;
bool is_utf8(std::string_view text) noexcept;

// The first `bytes` bytes as text: control characters, and bytes that are not UTF-8, as \xNN.
std::string readable(std::string_view bytes, std::size_t limit);

}  // namespace firegate
