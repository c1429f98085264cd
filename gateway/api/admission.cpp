#include "api/admission.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/problem.h"

namespace firegate::api {
namespace {

bool is_port(std::string_view text) noexcept {
  return text.empty() || (text.size() <= 6 && text.size() >= 2 && text.front() == ':' &&
                          std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
}

bool is_same_origin(std::string_view origin, std::string_view host) noexcept {
  constexpr std::string_view kScheme = "http://";  // plain HTTP: the server listens on loopback only
  return origin.starts_with(kScheme) && equal_ignoring_case(origin.substr(kScheme.size()), host);
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept {
  for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (host.size() >= name.size() && equal_ignoring_case(host.substr(0, name.size()), name) &&
        is_port(host.substr(name.size())))
      return true;
  }
  return false;
}

std::optional<Response> refuse_stranger(const Request& request, bool upgrade) {
  const std::string_view host = request.header("Host");
  if (!is_loopback_host(host)) {
    return problem(403, "forbidden",
                   fmt::format("checking the Host header: found \"{}\", expected localhost, 127.0.0.1 or [::1]", host));
  }
  const std::string_view origin = request.header("Origin");
  if ((request.method == "POST" || upgrade) && !origin.empty() && !is_same_origin(origin, host)) {
    return problem(403, "forbidden",
                   fmt::format("checking the Origin header: found \"{}\", expected http://{}", origin, host));
  }
  return std::nullopt;
}

}  // namespace firegate::api
