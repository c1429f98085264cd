// The JSON form of what a driver said (vocabulary, `firegate decode`).
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "core/driver.h"

namespace firegate::cli {

boost::json::object decoded_json(std::string_view driver, const Decoded& decoded);
boost::json::object rejection_json(std::string_view driver, const Rejection& rejection);

}  // namespace firegate::cli
