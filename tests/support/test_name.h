// The name of a parametrised test, from whatever says best what it is about.
#pragma once

#include <string>
#include <string_view>

namespace firegate {

// GoogleTest takes letters, digits and '_': everything else becomes '_'. The number keeps names apart.
inline std::string test_name(std::string_view text, std::size_t number) {
  std::string name = std::to_string(number) + '_';
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain || name.back() != '_') name += plain ? c : '_';
  }
  return name;
}

}  // namespace firegate
