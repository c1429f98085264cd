// The session's cookie. `__Host-` ties it to this host, path / and Secure; scripts never see it; other sites never send
// it. Browsers take Secure cookies over plain HTTP from loopback.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"

namespace firegate::api {

constexpr std::string_view kSessionCookie = "__Host-firegate";
constexpr std::chrono::hours kCookieOfAWall{24 * 400};  // a wall's session never ends; browsers keep no cookie longer

// The session's secret that the request brings; empty: none.
std::string_view session_secret(const Request& request) noexcept;

Header set_session_cookie(std::string_view secret, std::chrono::seconds lasts);
Header clear_session_cookie();

}  // namespace firegate::api
