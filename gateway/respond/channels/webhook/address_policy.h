// Which addresses a webhook may connect to (reliability T19). Judged on the address of the socket itself, after the
// name was resolved, so that no name server can talk us into our own network.
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace firegate::respond {

enum class AddressScope : std::uint8_t {
  global,
  loopback,  // 127.0.0.0/8, ::1
  internal,  // private, link-local, shared, multicast, unspecified, reserved: RFC 6890, RFC 4193, RFC 4291
};

// IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address. Families that are not IP are internal.
AddressScope scope_of(const sockaddr& address) noexcept;

struct AddressPolicy {
  bool loopback_only = false;  // the configured host is this machine
  bool allow_private = false;  // every other host: not only the open Internet
  AddressScope (*scope)(const sockaddr& address) noexcept = &scope_of;

  bool allows(const sockaddr& address) const noexcept;
};

}  // namespace firegate::respond
