// Partition: the state of its buildings and the flow of one message through it:
//   receive → normalise → current values → rules → alarms → batch
// Pure: no clock, no I/O, no threads; the same inputs in the same order give the same batches. Time comes in with the
// message or the call; timers that are due fire before a message of the same or a later time, at their own deadline.
// Owned by the PartitionSet (one strand), by a replay, or by a test.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alarms/alarm_book.h"
#include "core/archive.h"
#include "core/batch.h"
#include "core/live.h"
#include "core/self_fault.h"
#include "core/to_partition.h"
#include "readings/liveness.h"
#include "readings/normaliser.h"
#include "rules/evaluate.h"
#include "rules/rule_set.h"

namespace firegate::partition {

constexpr std::string_view kOwnBuilding = "gateway";     // pseudo-building of our own faults

class Partition {
 public:
  using Owns = std::function<bool(std::string_view building_key)>;

  // Takes up what was restored for the buildings it owns, and arms the liveness of every mapped device.
  Partition(Owns owns, rules::RuleSetPtr rules, DeviceMapPtr map, const Restored& restored, Instant now);

  void receive(const ToPartition& item, Batch& batch);
  Result<Alarm> act(const Act& act, Instant now, Batch& batch);
  void self_fault(SelfFaultCode code, std::string_view part, std::string_view detail, bool raised, Instant now, Batch& batch);

  // Fires every timer due until `now`. Call it at next_deadline() or later.
  void advance(Instant now, Batch& batch);
  Instant next_deadline() const noexcept;

  // Adds what goes with a batch that is about to be written: how far each source has come, who was heard when.
  void close(Batch& batch);

  void use(DeviceMapPtr map, Instant now, Batch& batch);
  void use(rules::RuleSetPtr rules, Instant now, Batch& batch);
  // Our clock was re-anchored by `step`: what was timed moves along, so that nobody is lost and no delay ends by it.
  void clock_stepped(Millis step);

  std::uint64_t bad_readings() const noexcept { return bad_readings_; }  // since the start
  std::size_t device_count() const noexcept { return mapped_; }
  std::size_t online_count() const noexcept { return online_; }
  std::size_t live_alarm_count() const noexcept { return book_.live().size(); }
  std::size_t unacknowledged_count() const noexcept;
  void live_alarms(std::vector<Alarm>& into) const;
  void list(std::vector<DeviceSnapshot>& into) const;  // without values
  std::optional<DeviceSnapshot> one(std::string_view id) const;

 private:
  // How far one source has come in one building.
  struct Progress {
    InboxSeq restored = 0;  // effects up to here were committed before the restart: those messages are not applied again
    InboxSeq seen = 0;
    bool dirty = false;
  };
  struct RuleSlot {
    std::string rule;  // by id: survives a change of rules
    Port port = kNoPort;
    rules::RuleState state;
  };
  struct DeviceState {
    DevicePtr device;
    CurrentValues values;
    readings::Liveness liveness;
    readings::LivenessPolicy policy;
    std::vector<RuleSlot> slots;  // those that are not in their default state
    Progress* progress = nullptr;
    std::string boot;             // native format: run and number of its last message
    std::uint64_t seq = 0;
    Instant next_check = kNever;  // when its rules are to be judged again
    Instant queued_at = kNever;   // earliest entry of it in timers_
    bool online = false;
    bool dirty = false;           // heard since the last close
  };
  using Touched = std::vector<std::pair<Point, Port>>;
  using Timer = std::pair<Instant, DeviceNo>;

  DeviceState& state_of(const DevicePtr& device, Instant now);
  void adopt(DeviceState& state, const DevicePtr& device);
  void restore(const Restored& restored);
  void hear(DeviceState& state, const ToPartition& item);
  Touched take_values(DeviceState& state, const ToPartition& item, std::vector<Current>& pulses, Batch& batch);
  void keep(DeviceState& state, const Current* before, const Current& now, bool changed, Batch& batch) const;
  void judge(DeviceState& state, const Touched& touched, Instant now, Batch& batch);
  void judge_all(DeviceState& state, Instant now, Batch& batch);
  void judge_rule(DeviceState& state, const rules::Rule& rule, Port port, Instant now, Batch& batch);
  void judge_absence(DeviceState& state, Instant now, Batch& batch);
  void judge_pulse(DeviceState& state, const Current& pulse, Instant now, Batch& batch);
  void apply(DeviceState& state, const rules::Rule& rule, Port port, rules::RuleState& rule_state,
             const rules::Judgement& judgement, Instant now, Batch& batch);
  void raise_unproven(DeviceState& state, const rules::Rule& rule, Port port, rules::RuleState& rule_state,
                      const rules::Judgement& judgement, Instant now, Batch& batch);
  void forget_retained(const DeviceState& state, const Current& now, Batch& batch);
  alarms::Raise raise_of(const DeviceState& state, const rules::Rule& rule, Port port, Instant now) const;
  bool applies(const DeviceState& state, const rules::Rule& rule) const noexcept;
  std::vector<Port> ports_of(const DeviceState& state, const rules::Rule& rule) const;
  void schedule(DeviceState& state);
  void update_presence(DeviceState& state, Instant now);
  void forget(DeviceNo no, Instant now, Batch& batch);
  DeviceSnapshot snapshot(const DeviceState& state) const;

  Owns owns_;
  rules::RuleSetPtr rules_;
  DeviceMapPtr map_;
  alarms::AlarmBook book_;
  std::map<DeviceNo, std::unique_ptr<DeviceState>> devices_;
  std::map<std::pair<std::string, std::string>, Progress> progress_;  // (building, source); entries never move
  std::set<std::pair<std::string, Point>> retained_fires_;            // raised once from a retained value
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<DeviceState*> dirty_;
  Instant now_{};  // the latest time this partition has seen
  std::size_t mapped_ = 0, online_ = 0;
  std::uint64_t bad_readings_ = 0;
};

}  // namespace firegate::partition
