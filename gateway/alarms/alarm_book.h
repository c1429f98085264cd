// AlarmBook: the live alarms of one partition. Every change goes through the lifecycle table and is written to a Batch:
// the alarm as it is now, a journal row for each event, a notice for what people may have to be told. Owned by the
// partition, its strand only. Deterministic: the same calls give the same batches in the same order.
//
// An alarm is live until it is `normal` with no overlay left: a shelved alarm that went away stays here, so that its
// next raise is still shelved. Zones: alarms of the same life-threatening class in one zone form a group. When a device
// raises, the acknowledged alarms of the group's other devices become unacknowledged again, and for fire_alarm two
// different devices confirm each other (GB 50116-2013 4.1.6: two independent triggers). Unverified and late alarms and
// those out of service take no part.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alarms/lifecycle.h"
#include "core/act.h"
#include "core/alarm.h"
#include "core/batch.h"
#include "core/result.h"

namespace firegate::alarms {

// The longest shelving (our choice after domain, section 3.2: end of shift is typical, 24 h seen).
constexpr Millis kLongestShelving = std::chrono::hours{24};

struct Raise {
  std::string rule;
  AlarmClass alarm_class{};
  Subject subject;
  Instant at{};
  std::vector<Evidence> evidence;
  Confirmation confirmation = Confirmation::single;  // unverified or single
  bool late = false;
  bool out_of_service = false;  // the device is disabled: the alarm is kept, nobody is told
  bool pulse = false;           // an event: the condition is gone at once
  std::string why;              // empty: the evidence in words
};

class AlarmBook {
 public:
  AlarmId raise(Raise raise, Batch& batch);
  // The condition is gone. False when no such alarm is live or it was not present.
  bool clear(std::string_view rule, std::string_view subject, Instant at, std::string_view why, Batch& batch);
  // What a person does. not_found; refused (naming the state); bad_input (no verdict, no end, an end past or too far
  // away).
  Result<Alarm> act(const Act& act, Instant now, Batch& batch);
  // A disablement of the device began or ended: for every alarm of it. `why` names who and the reason.
  void disable(std::string_view device, Instant now, std::string_view why, Batch& batch);
  void enable(std::string_view device, Instant now, std::string_view why, Batch& batch);
  // Suppression by design of one alarm.
  Result<Alarm> suppress(AlarmId id, Instant now, std::string_view why, Batch& batch);
  Result<Alarm> unsuppress(AlarmId id, Instant now, std::string_view why, Batch& batch);
  // The store could not write and the alarm was announced all the same (true), or it was recorded after all (false).
  void mark_not_recorded(AlarmId id, bool not_recorded);

  // The next end of a shelving; kNever when there is none.
  Instant next_deadline() const noexcept;
  // Ends every shelving due until `now`, each at its own deadline.
  void advance(Instant now, Batch& batch);

  // From the store at start, before anything else; writes nothing.
  void restore(std::vector<Alarm> alarms);

  const Alarm* find(AlarmId id) const noexcept;                              // valid until the next change
  const Alarm* find(std::string_view rule, std::string_view subject) const;  // subject as Subject::text
  const std::map<AlarmId, Alarm>& live() const noexcept { return live_; }    // by id

 private:
  struct Cause;  // what led to an event: when, who, why

  Alarm& open(Raise& raise);
  Refusal apply(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch);
  Result<Alarm> apply_for(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch);
  void for_device(std::string_view device, AlarmEvent event, Instant now, std::string_view why, Batch& batch);
  void tell_zone(Alarm& alarm, const Cause& cause, Batch& batch);
  std::vector<AlarmId> zone_partners(const Alarm& alarm) const;
  void confirm(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch);
  void reschedule(Alarm& alarm, const Act* act);
  void keep(const Alarm& alarm);
  void drop(AlarmId id);

  std::map<AlarmId, Alarm> live_;
  boost::unordered_flat_map<std::string, AlarmId> by_origin_;          // rule and subject; looked up, never iterated
  boost::unordered_flat_map<std::string, std::set<AlarmId>> by_zone_;  // class and zone, the same
  std::set<std::pair<Instant, AlarmId>> shelvings_;                    // by end
};

}  // namespace firegate::alarms
