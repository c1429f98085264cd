// The templates of discovery that say which field of a message holds the value: "{{ value_json.a.b[0] | float / 10 }}".
// Only what names one field is read; whatever computes, compares or chooses is refused, not guessed.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace firegate::ha {

struct ValueTemplate {
  bool whole = false;  // the payload itself, not a field of it
  std::string path;    // "a.b.0" (drivers/common/field_map.h)
  double scale = 1;

  // The error is what was found.
  static tl::expected<ValueTemplate, std::string> parse(std::string_view text);
};

}  // namespace firegate::ha
