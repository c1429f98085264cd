// Admission: whom the web part listens to while there are no accounts. Only loopback names as Host (a page of a
// stranger that rebinds its DNS name to 127.0.0.1 sends its own name), and for acts and live feeds only the same origin
// or none (a stranger's page sends its own). Reliability, T16. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "api/http.h"

namespace firegate::api {

// "127.0.0.1:8080", "localhost", "[::1]:8080".
bool is_loopback_host(std::string_view host) noexcept;

// The refusal (403), or nothing. `upgrade`: the request asks for a WebSocket.
std::optional<Response> refuse_stranger(const Request& request, bool upgrade);

}  // namespace firegate::api
