// The subject of an alarm as text: "garage-03" or "garage-03/4" (Subject::text, without making a Subject).
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/device_map.h"
#include "core/reading.h"

namespace firegate::partition {

inline std::string subject_text(const Device& device, Port port) {
  return port == kNoPort ? device.id : fmt::format("{}/{}", device.id, port);
}

}  // namespace firegate::partition
