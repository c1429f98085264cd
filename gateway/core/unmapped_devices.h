// UnmappedDevices: devices that speak and are in nobody's list. The lanes ask here for an address that the map does not
// know, so that what an unknown device says is judged and shown too.
#pragma once

#include <string_view>

#include "core/device_map.h"
#include "core/raw_message.h"
#include "core/reading.h"

namespace firegate {

// Handles of unmapped devices have this bit set; the registry gives mapped devices numbers below it.
constexpr DeviceNo kUnmappedBit = 0x8000'0000u;

// Any thread. Called for addresses that the map does not have, only.
class UnmappedDevices {
 public:
  virtual ~UnmappedDevices() = default;
  // The device that said `message`; null when no more are kept (the message is then rejected as too_many_devices).
  virtual DevicePtr heard(std::string_view source, std::string_view format, const DeviceMessage& message,
                          const RawMessage& raw) = 0;
};

}  // namespace firegate
