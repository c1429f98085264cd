// Settings of the web part: the `api` section of gateway.yaml. Plain HTTP is for this machine only; from elsewhere
// people come by HTTPS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"

namespace firegate::api {

struct HttpsSettings {
  std::string address = "0.0.0.0";  // "::" for IPv4 and IPv6
  std::uint16_t port = 8443;        // 0: any free one, see Server::https_port()
  std::filesystem::path certificate = "tls/server.pem";
  std::filesystem::path key = "tls/server.key";
};

struct Settings {
  std::string address = "127.0.0.1";         // 127.0.0.1 or ::1
  std::uint16_t port = 8080;                 // 0: any free one, see Server::port()
  std::vector<std::string> posts{"desk-1"};  // desks that sound and silence; at least one
  std::optional<HttpsSettings> https;        // none: nobody from elsewhere, or by a proxy on this machine
  std::vector<std::string> hosts{};  // names and addresses under which people reach us, beside the certificate's
  std::vector<std::string> trusted_proxies{};  // addresses whose X-Forwarded-* we believe
  std::filesystem::path socket{};              // Unix socket for tools on this machine; empty: none
  std::size_t max_connections = 1000;          // reliability, T28
  std::size_t max_connections_per_address = 100;
  std::size_t max_live = 1000;  // counted apart

  // Everything has a default; that of `socket` is firegate.sock.
  static Settings parse(const ConfigNode& node, Problems& problems);
  // Relative paths lie below the data folder.
  void place_below(const std::filesystem::path& data);
};

bool is_loopback_address(std::string_view address) noexcept;  // 127.0.0.1 or ::1
bool is_ip_address(std::string_view text) noexcept;

}  // namespace firegate::api
