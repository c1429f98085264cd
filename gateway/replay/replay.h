// Replay: recorded traffic through the whole core (lanes, partitions, rules, alarms), in one thread, without a clock:
// time is the time of each message's arrival. The same lanes and partitions as live, so that the same messages, devices
// and rules give the same alarms with the same ids, whatever the machine and the number of partitions. What differs
// from live: nothing waits, so no message is late by backlog; nothing is lost or recorded; people do not act. Owned by
// a command or a job; one thread.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/batch.h"
#include "core/models.h"
#include "core/unmapped_devices.h"
#include "decode/source.h"
#include "metrics/metrics.h"
#include "partition/partition.h"

namespace firegate::replay {

// What a replay works with. All of it outlives the replay.
struct Needs {
  const decode::Settings& decode;
  const Models& models;
  UnmappedDevices& unmapped;
  metrics::Metrics& metrics;  // counts what was decoded, ignored, rejected
  rules::RuleSetPtr rules;
  DeviceMapPtr devices;
  std::vector<LinkRow> links{};  // what sources had taught before, so that the first messages are understood
  Codecs* codecs = nullptr;      // null: there are none; their answers are waited for
};

class Replay {
 public:
  // `start`: when the gateway is taken to have started: devices are waited for from then on.
  Replay(Needs needs, Instant start, std::size_t partitions = 1);
  ~Replay();

  // Takes a message that came at `arrived_at`, after every timer that was due before. Earlier than the message before:
  // it is taken to have come with that one. Returns what happened, in order of (time, alarm).
  Batch receive(const RawMessage& message);
  // Takes a reading as it was stored (Archive::each_reading) as if its device had just said it. What the device had
  // said before and after was not stored where it said the same: of its silence nothing is known.
  Batch receive(const ReadingRow& stored);
  // Fires every timer due until `now`.
  Batch advance(Instant now);
  // Other rules, or other devices, from `now` on, as live.
  Batch use(rules::RuleSetPtr rules, Instant now);
  Batch use(DeviceMapPtr devices, Instant now);

 private:
  struct Parts;
  Batch after(Instant now, const std::function<void(Batch&)>& change);
  std::unique_ptr<Parts> parts_;
};

}  // namespace firegate::replay
