#include "cli/json_text.h"

#include <cstddef>

namespace firegate::cli {
namespace {

unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

std::string without_controls(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // U+0080 to U+009F are controls, too; in UTF-8: C2 and one byte more.
    const bool wide = byte(text, i) == 0xC2 && i + 1 < text.size() && byte(text, i + 1) < 0xA0;
    const bool control = wide || byte(text, i) < 0x20 || byte(text, i) == 0x7F;
    plain += control ? '?' : text[i];
    if (wide) ++i;
  }
  return plain;
}

}  // namespace

std::string text_at(const boost::json::value& value, std::string_view pointer) {
  boost::system::error_code absent;
  const boost::json::value* found = value.find_pointer(pointer, absent);
  return found && found->is_string() ? without_controls(std::string_view(found->get_string())) : std::string();
}

}  // namespace firegate::cli
