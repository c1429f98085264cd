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
#include "metrics/census.h"
#include "partition/device_state.h"
#include "partition/neighbours.h"
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

  // Adds what goes with a batch that is about to be written, as of now: how far each source has come, who was heard
  // when, what rules remember.
  void close(Batch& batch);
  // Whether `close` would add something.
  bool is_dirty() const noexcept { return !dirty_.empty(); }

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
  metrics::BuildingsCensus census(Instant now) const;  // looks at every device: now and then

 private:
  // What a message said, as the rules need it.
  struct Heard {
    struct Said {
      Point point{};
      Port port = kNoPort;
      bool differs = false;  // in value or quality; else it is a repetition
    };
    std::vector<Said> values;
    rules::PointSet points;  // of `values`
    std::vector<Current> pulses;
  };
  using Timer = std::pair<Instant, DeviceNo>;
  using Subject = std::pair<rules::RuleNo, Port>;  // one rule on one port
  class Around;
  static inline const rules::PointSet kAllPoints = rules::PointSet{}.set();

  // partition.cpp: the way of a message, timers
  void hear(DeviceState& state, const ToPartition& item);
  Heard take_values(DeviceState& state, const ToPartition& item, Batch& batch);
  void mark_dirty(DeviceState& state);
  void forget_retained(const DeviceState& state, const Current& now, Batch& batch);
  void schedule(DeviceState& state);
  void update_presence(DeviceState& state, Instant now);
  DeviceSnapshot snapshot(const DeviceState& state) const;

  // judging.cpp: rules → alarms
  void judge(DeviceState& state, const Heard& heard, Instant now, Batch& batch);
  void judge_all(DeviceState& state, Instant now, Batch& batch);
  void judge_due(DeviceState& state, Instant now, Batch& batch);
  void judge_absence(DeviceState& state, Instant now, Batch& batch);
  void judge_pulse(DeviceState& state, const Current& pulse, Instant now, Batch& batch);
  void judge_subjects(DeviceState& state, rules::RuleNo no, Instant now, Batch& batch);
  void judge_rule(DeviceState& state, rules::RuleNo no, Port port, Instant now, Batch& batch);
  void keep_counted(DeviceState& state, rules::RuleNo no, Port port, rules::RuleState counted);
  void switch_off(DeviceState& state, rules::RuleNo no, Port port, Instant now, Batch& batch);
  void apply(const DeviceState& state, const rules::Rule& rule, Port port, const rules::Judgement& judgement,
             Instant now, Batch& batch);
  bool raise_unproven(const DeviceState& state, const rules::Rule& rule, Port port, const rules::Judgement& judgement,
                      Instant now, Batch& batch);
  alarms::Raise raise_of(const DeviceState& state, const rules::Rule& rule, Port port,
                         const rules::Judgement& judgement, Instant now) const;
  rules::SubjectView view_of(const DeviceState& state, Port port) const noexcept;
  const rules::Rule& rule_for(const DeviceState& state, rules::RuleNo no) const noexcept;
  std::vector<Port> ports_of(const DeviceState& state, const rules::PointSet& points) const;

  // looks.cpp: what devices answer to those around them
  void answer_looks(DeviceState& state, const rules::PointSet& touched, Instant now);
  rules::Contribution answer_to(const rules::Look& look, const DeviceState& state, Instant now) const;
  void leave_looks(DeviceState& state, DeviceNo no);
  void ask_again(const Membership& membership, DeviceNo but);
  void judge_askers(Instant now, Batch& batch);

  // service.cpp: devices out of service and in test
  void restore_service();
  void settle_service(DeviceState& state, Instant now, Batch& batch);
  void end_test(const DeviceState& state, Instant now, Batch& batch);
  void note_test(DeviceState& state, const ToPartition& item, Batch& batch) const;

  // devices.cpp: devices and rules come, change and go
  DeviceState& speaker(const DevicePtr& device, Instant now);
  DeviceState& state_of(const DevicePtr& device, Instant now);
  void adopt(DeviceState& state, const DevicePtr& device);
  void restore(const Restored& restored);
  void renumber(DeviceState& state, const rules::RuleSet& before) const;
  void forget(DeviceNo no, std::string_view why, Instant now, Batch& batch);

  Owns owns_;
  rules::RuleSetPtr rules_;
  DeviceMapPtr map_;
  alarms::AlarmBook book_;
  std::map<DeviceNo, DeviceState> devices_;  // entries never move
  Neighbours neighbours_;
  std::set<std::pair<DeviceNo, rules::RuleNo>> askers_;               // to be judged again: what they look at has changed
  std::vector<Subject> subjects_;                                     // of one message; kept for its room
  std::map<std::pair<std::string, std::string>, Progress> progress_;  // (building, source); entries never move
  std::set<std::pair<std::string, Point>> retained_fires_;            // raised once from a retained value
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<DeviceState*> dirty_;
  Instant now_{};  // the latest time this partition has seen
  std::size_t mapped_ = 0, online_ = 0;
  std::uint64_t bad_readings_ = 0;
};

}  // namespace firegate::partition
