#include "api/router.h"

#include <optional>

namespace firegate::api {
namespace {

std::string_view next_segment(std::string_view& path) noexcept {
  const std::size_t slash = path.find('/', 1);
  const std::string_view segment = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
  return segment;
}

// What stands for {parameter} in a segment; none when the verb after it is another one.
std::optional<std::string> argument_of(std::string_view expected, std::string_view found) {
  const std::string_view verb = expected.substr(expected.find('}') + 1);
  if (!found.ends_with(verb)) return std::nullopt;
  auto argument = percent_decoded(found.substr(1, found.size() - 1 - verb.size()), false);
  return argument && !argument->empty() ? argument : std::nullopt;
}

// The decoded arguments when the path fits the pattern.
std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path) {
  std::vector<std::string> arguments;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view expected = next_segment(pattern), found = next_segment(path);
    if (!expected.starts_with("/{")) {
      if (expected != found) return std::nullopt;
      continue;
    }
    auto argument = argument_of(expected, found);
    if (!argument) return std::nullopt;
    arguments.push_back(std::move(*argument));
  }
  return pattern.empty() && path.empty() ? std::optional(std::move(arguments)) : std::nullopt;
}

}  // namespace

Router::Found Router::find(std::string_view method, std::string_view raw_path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Found found;
  for (const Route& route : routes_) {
    auto arguments = fit(route.pattern, raw_path);
    if (!arguments) continue;
    if (route.method == wanted) return {&route, std::move(*arguments), {}};
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

}  // namespace firegate::api
