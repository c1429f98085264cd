#include "cli/grants.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "cli/json_text.h"

namespace firegate::cli {

boost::json::array grants_of(const std::vector<std::string>& words) {
  boost::json::array grants;
  for (const std::string& word : words) {
    const std::size_t at = word.find('@');
    grants.push_back({{"role", word.substr(0, at)}, {"estate", at == std::string::npos ? "*" : word.substr(at + 1)}});
  }
  return grants;
}

std::string grants_in_words(const boost::json::value& whose) {
  boost::system::error_code absent;
  const boost::json::value* grants = whose.find_pointer("/grants", absent);
  std::string words;
  if (!grants || !grants->is_array()) return words;
  for (const boost::json::value& grant : grants->get_array()) {
    words += fmt::format("{}{}@{}", words.empty() ? "" : " ", text_at(grant, "/role"), text_at(grant, "/estate"));
  }
  return words;
}

}  // namespace firegate::cli
