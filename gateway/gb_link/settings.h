// Settings of the GB/T 26875.3 link over TCP: section `gb26875` of gateway.yaml. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/config_node.h"

namespace firegate::gb_link {

struct Settings {
  std::optional<std::uint16_t> port;  // absent: no link. The standard names none
  std::string address = "127.0.0.1";  // an address of this machine; the protocol knows neither passwords nor encryption
  std::string source;                 // the source whose units these are; empty: the only one of the format
  std::size_t max_connections = 500;  // our choice, as are the other figures of this section
  std::size_t max_connections_per_address = 64;     // many units may stand behind one router
  Millis silent_after{std::chrono::minutes{5}};     // a connection without a right frame for so long is ended
  Millis sync_clock_every{std::chrono::hours{24}};  // and when a unit connects; 0: never
  Millis duty_check_every{0};                       // 查岗; 0: never

  // `node`: the section; null: there is none.
  static Settings parse(const ConfigNode* node, Problems& problems);
};

}  // namespace firegate::gb_link
