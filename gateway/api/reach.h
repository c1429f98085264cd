// Reach: under which names people reach this gateway, and what a phone needs to trust it. Owned by the server, changed
// on the web thread only, when a certificate is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/admission.h"
#include "api/tls.h"

namespace firegate::api {

struct Reach {
  HostNames names;                     // of the settings and of the certificate
  std::optional<Authority> authority;  // the local one that signed the certificate; none: people trust it already
  std::string phone_page;              // "https://192.168.1.7:8443/ca"; empty without HTTPS
};

// `pair`: null without HTTPS. The page is at the first address that is not loopback, else at the first such name: a
// phone in a basement often knows no names.
Reach reach_of(const HostNames& hosts, const TlsPair* pair, std::uint16_t https_port);

}  // namespace firegate::api
