// Natural order of ids: numbers within them count as numbers, so that b1-f1-2 stands before b1-f1-10. Total: no two
// different texts are equal. Everything but digits by its bytes. Pure.
#pragma once

#include <string_view>

namespace firegate::api {

bool natural_less(std::string_view a, std::string_view b) noexcept;

}  // namespace firegate::api
