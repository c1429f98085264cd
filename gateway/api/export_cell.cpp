#include "api/export_cell.h"

#include <algorithm>
#include <array>

namespace firegate::api {
namespace {

// = + - @ TAB CR LF, and the full-width forms of the first four.
constexpr std::array<std::string_view, 11> kTriggers{
    "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

}  // namespace

std::string export_cell(std::string_view text) {
  std::string cell = "\"";
  if (std::ranges::any_of(kTriggers, [text](std::string_view trigger) { return text.starts_with(trigger); }))
    cell += '\'';
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

}  // namespace firegate::api
