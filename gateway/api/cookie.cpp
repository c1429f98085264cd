#include "api/cookie.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::api {

std::string_view session_secret(const Request& request) noexcept {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const std::size_t border = rest.find(';');
    std::string_view pair = rest.substr(0, border);
    rest = border == std::string_view::npos ? std::string_view{} : rest.substr(border + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.starts_with(kSessionCookie) && pair.substr(kSessionCookie.size()).starts_with('=')) {
      return pair.substr(kSessionCookie.size() + 1);
    }
  }
  return {};
}

Header set_session_cookie(std::string_view secret, std::chrono::seconds lasts) {
  return {"Set-Cookie", fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}", kSessionCookie,
                                    secret, lasts.count())};
}

Header clear_session_cookie() { return set_session_cookie("", std::chrono::seconds{0}); }

}  // namespace firegate::api
