// Peer: who is at the other end of a connection, as the sockets know it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firegate::api {

constexpr std::string_view kLocalAddress = "local";  // of everybody who comes by the Unix socket

struct Peer {
  std::string address;                // "192.168.1.7", "2001:db8::7"; an IPv4 address mapped into IPv6 as IPv4
  bool on_this_machine = false;       // loopback or the Unix socket
  bool secure = false;                // TLS
  std::optional<unsigned> local_uid;  // Unix socket: the user at the other end, as the kernel says (SO_PEERCRED)
};

}  // namespace firegate::api
