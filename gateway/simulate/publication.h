// What leaves the simulator: MQTT messages and the connections they leave on. Plain values; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace firegate::simulate {

// Index into Estate::links().
using LinkNo = std::size_t;

struct Publication {
  LinkNo link = 0;
  std::string topic, payload;
  int qos = 1;
  bool retain = false;
  // The connection of `link` breaks and the broker says this on its behalf. The publisher breaks the connection;
  // the next ordinary publication of the link opens it again.
  bool will = false;
};

// One MQTT connection: a device's own, or one that speaks for many (a Zigbee coordinator, a LoRaWAN network server).
struct Link {
  std::string name;  // ends the MQTT client id: [A-Za-z0-9_-]
  std::optional<Publication> will;
};

}  // namespace firegate::simulate
