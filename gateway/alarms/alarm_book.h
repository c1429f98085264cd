// AlarmBook: the live alarms of one partition. Every change goes through the lifecycle table and is written to a Batch:
// the alarm as it is now, a journal row for each event, a notice for what people may have to be told. Owned by the
// partition, its strand only. Deterministic: the same calls give the same batches in the same order.
//
// An alarm is live until it is `normal` with no overlay left: a shelved alarm that went away stays here, so that its
// next raise is still shelved. Zones: alarms of the same life-threatening class in one zone form a group. When a device
// raises, the acknowledged alarms of the group's other devices become unacknowledged again, and for fire_alarm two
// different devices confirm each other (GB 50116-2013 4.1.6: two independent triggers). Unverified and late alarms,
// those out of service and those judged a test or a fault of the device take no part.
//
// Tests: what a device in test raises is of class `test`, acknowledged at once, and no notice is made of it; an alarm
// that was live before stays as it is. The first raise after the test makes it real: it is announced as new.
//
// Severity steps: a raise in another class moves the class of the live alarm (lifecycle: step_up, step_down). Losses
// with one cause are suppressed under it (lines.h); what chatters is announced when it is quiet (chatter.h), life
// threats each time. A shelving is warned of before it ends.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alarms/chatter.h"
#include "alarms/deadlines.h"
#include "alarms/lifecycle.h"
#include "alarms/lines.h"
#include "core/act.h"
#include "core/alarm.h"
#include "core/batch.h"
#include "core/result.h"

namespace firegate::alarms {

// The longest shelving (our choice after domain, section 3.2: end of shift is typical, 24 h seen).
constexpr Millis kLongestShelving = std::chrono::hours{24};
// People are told so long before a shelving ends (our choice); never of one that was made for less.
constexpr Millis kWarnBefore = std::chrono::minutes{10};

// Rules that no file has: the book's own. Faults of ours (self_*) are not among them.
constexpr bool is_built_in(std::string_view rule) noexcept { return rule == kLineDown; }

struct Raise {
  std::string rule;
  AlarmClass alarm_class{};
  Subject subject;
  Instant at{};
  std::vector<Evidence> evidence;
  Confirmation confirmation = Confirmation::single;  // unverified, single; confirmed: its evidence is of two devices
  std::string line;  // what the device speaks through, when it or its power is lost; else empty
  bool late = false;
  bool out_of_service = false;  // the device is disabled: the alarm is kept, nobody is told
  bool in_test = false;         // the device is in test: the alarm is of class `test`, nobody is told
  bool pulse = false;           // an event: the condition is gone at once
  std::string why;              // empty: the evidence in words
};

class AlarmBook {
 public:
  // A raise in a class that a live latching alarm may not step down to, while its condition is present, changes
  // nothing.
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

  // When something is due: the end of a shelving or the warning of it, the end of chatter, a line that has settled.
  Instant next_deadline() const noexcept;
  // Does what is due until `now`, each at its own deadline.
  void advance(Instant now, Batch& batch);
  // Windows move along with our clock; ends that people have set do not.
  void clock_stepped(Millis step);

  // From the store at start, before anything else; writes nothing.
  void restore(std::vector<Alarm> alarms);
  // Then: this one was raised in a test.
  void restore_in_test(AlarmId id) { in_test_.insert(id); }
  bool is_in_test(AlarmId id) const noexcept { return in_test_.contains(id); }

  const Alarm* find(AlarmId id) const noexcept;                              // valid until the next change
  const Alarm* find(std::string_view rule, std::string_view subject) const;  // subject as Subject::text
  const std::map<AlarmId, Alarm>& live() const noexcept { return live_; }    // by id

 private:
  struct Cause;  // what led to an event: when, who, why
  enum class Stepped : std::uint8_t { no, up, down, refused };

  AlarmId raise_in_test(Raise raise, Batch& batch);
  bool leave_test(const Raise& raise);
  Alarm& open(Raise& raise);
  Alarm* change(AlarmId id) noexcept;  // null: not live
  Stepped step_class(const Raise& raise, const Cause& cause, Batch& batch);
  void move_class(Alarm& alarm, AlarmClass to);
  Refusal apply(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch);
  Result<Alarm> apply_for(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch);
  void for_device(std::string_view device, AlarmEvent event, Instant now, std::string_view why, Batch& batch);
  void reschedule(Alarm& alarm, const Cause& cause);
  void schedule_shelving(const Alarm& alarm);
  void end_suppression(Alarm& alarm, Batch& batch);
  void keep(const Alarm& alarm);
  void drop(AlarmId id);

  // Zones.
  void tell_zone(Alarm& alarm, const Cause& cause, Batch& batch);
  std::vector<AlarmId> zone_partners(const Alarm& alarm) const;
  void reweigh_zone(AlarmId id, const Cause& cause, Batch& batch);
  void confirm(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch);
  void weaken(Alarm& alarm, const Cause& cause, Batch& batch);
  static void set_confirmation(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch);
  void leave_zone(const Alarm& alarm);

  // Chatter and warnings.
  void note_chatter(Alarm& alarm, Instant at, Batch& batch);
  void end_chatter(AlarmId id, Instant at, Batch& batch);
  void warn_of_end(AlarmId id, Instant at, Instant now, Batch& batch);

  // Lines.
  void join_line(Alarm& alarm, const Cause& cause, Batch& batch);
  void lead_line(const Alarm& hub, const Cause& cause, Batch& batch);
  void leave_line(const Alarm& gone, Instant at, Batch& batch);
  void find_cause(const Lines::Key& key, const Alarm& loss, const Cause& cause, Batch& batch);
  AlarmId raise_line_down(const Alarm& loss, std::size_t losses, Instant at, Batch& batch);
  std::vector<AlarmId> recent_losses(const Lines::Key& key, AlarmId but, Instant at);
  void explain_by(AlarmId loss, AlarmId cause, Instant at, Batch& batch);
  void count_consequence(AlarmId cause, int change, Batch& batch);
  void release_line(const Lines::Key& key, Instant at, Batch& batch);
  void restore_lines();

  std::map<AlarmId, Alarm> live_;
  boost::unordered_flat_map<std::string, AlarmId> by_origin_;          // rule and subject; looked up, never iterated
  boost::unordered_flat_map<std::string, std::set<AlarmId>> by_zone_;  // class and zone, the same
  std::set<AlarmId> in_test_;                                          // raised in a test, not yet real
  Deadlines shelvings_, warnings_, quiet_;                             // ends; warnings of them; ends of chatter
  Chatter chatter_;
  Lines lines_;
};

}  // namespace firegate::alarms
