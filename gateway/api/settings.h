// Settings of the web part: the `api` section of gateway.yaml. Loopback only while there are no accounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"

namespace firegate::api {

struct Settings {
  std::string address = "127.0.0.1";         // 127.0.0.1 or ::1
  std::uint16_t port = 8080;                 // 0: any free one, see Server::port()
  std::vector<std::string> posts{"desk-1"};  // desks that sound and silence; at least one

  // {address, port, posts: [id, ...]}; everything has a default.
  static Settings parse(const ConfigNode& node, Problems& problems);
};

bool is_loopback_address(std::string_view address) noexcept;

}  // namespace firegate::api
