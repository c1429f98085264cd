// Load: numbered native messages at a given rate or as fast as the broker takes them, every one acknowledged (QoS 1).
// A small MQTT 3.1.1 client of its own on Asio: it writes in bulk, so that the broker is the limit and not this
// program. Runs on the caller's thread until the count or the time is reached.
//
// Message number i (from 0) goes to device i mod devices as its message i / devices + 1, so whoever reads them can
// count what is lost and what came twice: per device the numbers 1, 2, 3, ... of the run `boot`.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "simulate/device_row.h"
#include "simulate/publisher.h"

namespace firegate::simulate {

struct LoadOptions {
  double rate = 0;                 // messages a second; 0: as fast as they are acknowledged
  std::uint64_t count = 0;         // messages in all; 0: no limit
  Millis duration{0};              // 0: no limit. With neither, it runs until stopped
  std::uint32_t in_flight = 4096;  // unacknowledged messages at once, at most 60,000; our choice
  std::string boot;                // names the run; empty: made from the clock
};

struct LoadReport {
  std::uint64_t sent = 0, acknowledged = 0;
  std::size_t devices = 0;
  std::string boot;
  Millis took{0};         // from the first message to the last acknowledgement
  bool complete = false;  // everything that was sent is acknowledged

  double rate() const noexcept;  // acknowledged messages a second
};

// {"sent":..,"acknowledged":..,"devices":..,"boot":"..","seconds":..,"rate":..,"complete":true}
std::string to_json(const LoadReport& report);

// The native detectors of the rows; where there are none, or `at_least` wants more, made-up ones "load-00001" of the
// first estate.
std::vector<DeviceRow> load_devices_of(std::span<const DeviceRow> rows, std::size_t at_least = 0);

// The payload of message `seq` of device number `device`: normal readings, 7 points, about 170 bytes. From one message
// to the next exactly one of temperature, humidity and signal changes by more than its deadband: a row a message.
std::string load_payload(std::uint64_t seq, std::string_view boot, std::size_t device);

// Fails where no connection can be made or the broker refuses it. A connection that is lost later ends the run:
// the report then says that it is not complete.
Result<LoadReport> run_load(std::span<const DeviceRow> devices, const LoadOptions& options, const BrokerAddress& broker,
                            const Clock& clock, std::stop_token stop);

}  // namespace firegate::simulate
