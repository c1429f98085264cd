#include "api/natural_order.h"

#include <algorithm>
#include <cstddef>

namespace firegate::api {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Cuts the number off the front of `text`, without its leading zeros.
std::string_view cut_number(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

// As numbers of any length: below zero, zero, above.
int compare_numbers(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) noexcept {
  std::string_view rest_a = a, rest_b = b;
  while (!rest_a.empty() && !rest_b.empty()) {
    if (is_digit(rest_a.front()) && is_digit(rest_b.front())) {
      const int order = compare_numbers(cut_number(rest_a), cut_number(rest_b));
      if (order != 0) return order < 0;
      continue;
    }
    const auto first_a = static_cast<unsigned char>(rest_a.front()),
               first_b = static_cast<unsigned char>(rest_b.front());
    if (first_a != first_b) return first_a < first_b;
    rest_a.remove_prefix(1);
    rest_b.remove_prefix(1);
  }
  if (rest_a.empty() != rest_b.empty()) return rest_a.empty();
  return a < b;  // "b01" and "b1": the same numbers, written differently
}

}  // namespace firegate::api
