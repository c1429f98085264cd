// JSON that says one thing twice: RFC 8259, 4 leaves open which of the two holds, and two readers of one body (we, and
// whatever stands before us) must not take it for different acts. Boost.JSON takes the last without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firegate::api {

// A key that stands twice in one object, at any depth; none where there is none. `text` has been parsed before.
std::optional<std::string> key_that_stands_twice(std::string_view text);

}  // namespace firegate::api
