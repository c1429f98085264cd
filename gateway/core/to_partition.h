// What the lanes hand to the partitions: decoded messages of known devices, in order of arrival for each source.
#pragma once

#include <string>
#include <vector>

#include "core/batch.h"
#include "core/device_map.h"
#include "core/reading.h"

namespace firegate {

// One device's message on its way to the device's building.
struct ToPartition {
  DevicePtr device;  // never null; unmapped devices have one too
  DeviceMessage message;
  Instant arrived_at{};
  RawCopyPtr raw{};       // the message as it came, where it is kept; null otherwise
  InboxSeq seq = 0;       // of the raw message; several items may share one
  // The first message of the building before this one that is still being decoded; 0: there is none. A restart reads from
  // there, so the building's position stays below it.
  InboxSeq unfinished_from = 0;
  bool retained = false;  // the retain flag was set on receipt
  bool backlog = false;   // redelivered or waited while we were away: it is late
};

// Any thread; never blocks. False: no room now, nothing was taken; the caller tries again later, in the same order.
class PartitionSink {
 public:
  virtual ~PartitionSink() = default;
  virtual bool deliver(std::string_view building, std::vector<ToPartition>& items, const InboxHold& hold) noexcept = 0;
};

}  // namespace firegate
