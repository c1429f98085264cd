// Grants as they are typed and printed: "duty@jinxiu", "admin@*".
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace firegate::cli {

// A role alone is for every estate.
boost::json::array grants_of(const std::vector<std::string>& words);
// Of the member "grants" of a user or token.
std::string grants_in_words(const boost::json::value& whose);

}  // namespace firegate::cli
