// Publisher: carries what an estate says to a broker, over one MQTT 5 connection for each link, with the wills of the
// wire formats and births on every connection. Runs on the caller's thread; Paho's callbacks only set flags and wake
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "simulate/simulator.h"

namespace firegate::simulate {

struct BrokerAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::string username, password;   // empty: none
  std::string client_id = "fgsim";  // begins the client id of every link
};

struct PublisherReport {
  std::uint64_t published = 0;    // handed to a connection
  std::uint64_t skipped = 0;      // said while the link was not connected; its next birth tells the state
  std::uint64_t connections = 0;  // made, first ones included
};

// {"published":..,"skipped":..,"connections":..}
std::string to_json(const PublisherReport& report);

// Lets the estate live until `stop` is requested or `last` has passed. A broker that is away is tried again, at first
// after half a second, then up to every ten. Ends with every link broken as by a power cut, so that the wills are
// published.
PublisherReport publish_estate(Estate& estate, const BrokerAddress& broker, const Clock& clock, std::stop_token stop,
                               std::optional<Millis> last = std::nullopt);

}  // namespace firegate::simulate
