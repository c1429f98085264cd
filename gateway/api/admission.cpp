#include "api/admission.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/problem.h"

namespace firegate::api {
namespace {

bool is_port(std::string_view text) noexcept {
  return text.empty() || (text.size() <= 6 && text.size() >= 2 && text.front() == ':' &&
                          std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
}

// Name or address of a Host header, without port and brackets; empty when it is none.
std::string_view name_of(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !is_port(host.substr(end + 1))) return {};
    return host.substr(1, end - 1);
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos && !is_port(host.substr(colon))) return {};
  return host.substr(0, colon);
}

bool fits(std::string_view name, std::string_view pattern) noexcept {
  if (!pattern.starts_with("*.")) return equal_ignoring_case(name, pattern);
  const std::size_t dot = name.find('.');  // a wildcard is one label (RFC 6125, section 6.4.3)
  return dot != std::string_view::npos && dot > 0 && equal_ignoring_case(name.substr(dot), pattern.substr(1));
}

bool is_own_origin(std::string_view origin, const Request& request) noexcept {
  const std::string_view scheme = request.secure ? "https://" : "http://";
  return origin.starts_with(scheme) && equal_ignoring_case(origin.substr(scheme.size()), request.header("Host"));
}

bool changes_something(std::string_view method) noexcept {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool contains(std::span<const std::string> list, std::string_view word) noexcept {
  return std::ranges::find(list, word) != list.end();
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// The addresses of every X-Forwarded-For, in the order in which proxies added them.
std::vector<std::string_view> forwarded_for(const Headers& headers) {
  std::vector<std::string_view> addresses;
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, "X-Forwarded-For")) continue;
    std::string_view rest = header.value;
    while (true) {
      const std::size_t comma = rest.find(',');
      addresses.push_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest = rest.substr(comma + 1);
    }
  }
  return addresses;
}

// As inet_ntop writes it, so that one address has one text; an IPv4 address mapped into IPv6 as IPv4. Empty: none, or a
// loopback address, which nobody can come from by way of a proxy.
std::string reachable_address(std::string_view text) {
  const std::string terminated(text);
  in6_addr bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (::inet_pton(AF_INET, terminated.c_str(), &bytes) == 1) {
    return terminated.starts_with("127.") ? std::string() : terminated;
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), &bytes) != 1 || IN6_IS_ADDR_LOOPBACK(&bytes)) return {};
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    ::inet_ntop(AF_INET, &bytes.s6_addr[12], written.data(), written.size());
    return reachable_address(written.data());
  }
  ::inet_ntop(AF_INET6, &bytes, written.data(), written.size());
  return written.data();
}

std::string forwarded_address(const Headers& headers, std::span<const std::string> trusted_proxies) {
  const auto chain = forwarded_for(headers);
  const auto last = std::find_if_not(chain.rbegin(), chain.rend(),
                                     [&](std::string_view hop) { return contains(trusted_proxies, hop); });
  std::string address = last == chain.rend() ? std::string() : reachable_address(*last);
  return address.empty() ? std::string(kUnknownAddress) : address;
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept {
  const std::string_view name = name_of(host);
  return equal_ignoring_case(name, "localhost") || name == "127.0.0.1" || (name == "::1" && host.starts_with('['));
}

bool is_own_host(std::string_view host, std::span<const std::string> names) noexcept {
  if (is_loopback_host(host)) return true;
  const std::string_view name = name_of(host);
  return !name.empty() && std::ranges::any_of(names, [name](const std::string& own) { return fits(name, own); });
}

void set_origin(Request& request, const Peer& peer, std::span<const std::string> trusted_proxies) {
  request.address = peer.address;
  request.secure = peer.secure;
  request.local_uid = peer.local_uid;
  if (peer.local_uid || !contains(trusted_proxies, peer.address)) return;
  request.secure = peer.secure || equal_ignoring_case(trimmed(request.header("X-Forwarded-Proto")), "https");
  request.address = forwarded_address(request.headers, trusted_proxies);
}

std::optional<Response> refuse_stranger(const Request& request, bool upgrade, std::span<const std::string> names) {
  if (request.local_uid) return std::nullopt;
  const std::string_view host = request.header("Host");
  if (!is_own_host(host, names)) {
    return problem(
        403, "forbidden",
        fmt::format("checking the Host header: found \"{}\", expected localhost, 127.0.0.1, [::1], a name in "
                    "the certificate or one of api.hosts",
                    host));
  }
  const std::string_view origin = request.header("Origin");
  if ((changes_something(request.method) || upgrade) && !origin.empty() && !is_own_origin(origin, request)) {
    return problem(403, "forbidden",
                   fmt::format("checking the Origin header: found \"{}\", expected {}://{}", origin,
                               request.secure ? "https" : "http", host));
  }
  return std::nullopt;
}

std::optional<Response> refuse_unknown_proxy(const Request& request, const Peer& peer,
                                             std::span<const std::string> trusted_proxies) {
  if (!peer.on_this_machine || peer.local_uid || contains(trusted_proxies, peer.address)) return std::nullopt;
  for (const std::string_view name : {"X-Forwarded-For", "Forwarded", "X-Real-IP"}) {
    if (!request.header(name).empty()) {
      return problem(403, "forbidden",
                     fmt::format("checking where a request comes from: found {} from {}, which is not "
                                 "one of api.trusted_proxies",
                                 name, peer.address));
    }
  }
  return std::nullopt;
}

}  // namespace firegate::api
