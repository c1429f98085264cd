// JsonText: what the commands print out of the program's answers.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace firegate::cli {

// The text at a JSON pointer; empty: there is none. Control characters become '?': names of devices come from outside,
// and a terminal would obey them.
std::string text_at(const boost::json::value& value, std::string_view pointer);

}  // namespace firegate::cli
