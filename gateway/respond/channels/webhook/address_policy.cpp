#include "respond/channels/webhook/address_policy.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace firegate::respond {
namespace {

struct Net4 {
  std::uint32_t net;
  int bits;
};
// RFC 6890 and its registry: everything that is not for the open Internet.
constexpr std::array kInternal4{Net4{0x00000000, 8},  Net4{0x0A000000, 8},  Net4{0x64400000, 10}, Net4{0xA9FE0000, 16},
                                Net4{0xAC100000, 12}, Net4{0xC0000000, 24}, Net4{0xC0000200, 24}, Net4{0xC0586300, 24},
                                Net4{0xC0A80000, 16}, Net4{0xC6120000, 15}, Net4{0xC6336400, 24}, Net4{0xCB007100, 24},
                                Net4{0xE0000000, 4},  Net4{0xF0000000, 4}};

AddressScope scope_of_v4(std::uint32_t address) noexcept {
  if (address >> 24 == 127) return AddressScope::loopback;
  const bool internal = std::any_of(kInternal4.begin(), kInternal4.end(),
                                    [address](const Net4& one) { return (address ^ one.net) >> (32 - one.bits) == 0; });
  return internal ? AddressScope::internal : AddressScope::global;
}

std::uint32_t v4_at(const std::uint8_t* bytes) noexcept {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

AddressScope scope_of_v6(const std::array<std::uint8_t, 16>& bytes) noexcept {
  const auto starts = [&bytes](std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
  };
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return scope_of_v4(v4_at(&bytes[12]));     // mapped
  if (starts({0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return scope_of_v4(v4_at(&bytes[12]));  // NAT64
  if (starts({0x20, 0x02})) return scope_of_v4(v4_at(&bytes[2]));                                    // 6to4
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && bytes[15] == 1) return AddressScope::loopback;
  const bool global = (bytes[0] & 0xE0) == 0x20 && !starts({0x20, 0x01, 0x0D, 0xB8}) && !starts({0x20, 0x01, 0, 0});
  return global ? AddressScope::global : AddressScope::internal;
}

}  // namespace

AddressScope scope_of(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return scope_of_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), v6.sin6_addr.s6_addr, bytes.size());
    return scope_of_v6(bytes);
  }
  return AddressScope::internal;
}

bool AddressPolicy::allows(const sockaddr& address) const noexcept {
  const AddressScope found = scope(address);
  return loopback_only ? found == AddressScope::loopback : found == AddressScope::global || allow_private;
}

}  // namespace firegate::respond
