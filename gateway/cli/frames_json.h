// The JSON form of a frame and of an application data unit of GB/T 26875.3 (vocabulary, `firegate frames`). It shows
// what the bytes say, whether right or wrong; what that means for a device is the driver's affair.
#pragma once

#include <boost/json.hpp>
#include <string_view>

namespace firegate::cli {

// One line of hexadecimal text: {"ok", "error"?, "detail"?, "frame" or "adu"}. "error" is bad_hex, not_a_frame,
// incomplete, too_long, bad_checksum, bad_end (the first that holds) or trailing_bytes; "detail" says where and what.
boost::json::object frame_line_json(std::string_view line);

}  // namespace firegate::cli
