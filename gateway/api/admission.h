// Admission: whom the web part listens to before anybody has said who they are, and from where a request really comes.
// The Host must be a name of this gateway (a page of a stranger that rebinds its DNS name to our address sends its own
// name), and what changes something or opens a live feed must come from our own pages (a stranger's page sends its
// own Origin). Reliability, T14 and T16. The Unix socket needs neither: no browser comes that way. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "api/peer.h"

namespace firegate::api {

constexpr std::string_view kUnknownAddress = "unknown";  // RFC 7239, section 6.2

// Names and addresses of this gateway beside loopback: those of the settings and of the certificate ("*.example.org"
// stands for one label).
using HostNames = std::vector<std::string>;

// "127.0.0.1:8080", "localhost", "[::1]:8080".
bool is_loopback_host(std::string_view host) noexcept;
// Whether a Host header (with or without a port) names this gateway.
bool is_own_host(std::string_view host, std::span<const std::string> names) noexcept;

// Fills in the request's `address`, `secure` and `local_uid`. X-Forwarded-For and -Proto are believed of trusted
// proxies only: the address is then the last one that is not a trusted proxy's. A proxy that does not say, or says what
// cannot be (a loopback address: many proxies pass on what a visitor has written), gives "unknown", never this machine.
void set_origin(Request& request, const Peer& peer, std::span<const std::string> trusted_proxies);

// The refusal (403), or nothing. `upgrade`: the request asks for a WebSocket.
std::optional<Response> refuse_stranger(const Request& request, bool upgrade, std::span<const std::string> names = {});

// A proxy on this machine that nobody has listed would make strangers look like people at this machine: 403.
std::optional<Response> refuse_unknown_proxy(const Request& request, const Peer& peer,
                                             std::span<const std::string> trusted_proxies);

}  // namespace firegate::api
