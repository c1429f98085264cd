// PartitionSet: the partitions of this process, each on its own strand, and the seams around them.
// A building belongs to one partition by the hash of its key, so nothing in the core needs a lock. What comes in waits in
// a bounded mailbox; when that is full, `deliver` refuses and the message waits in the inbox: nothing is dropped here.
// Built and owned by `app`. Every public call is for any thread unless it says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/act.h"
#include "core/archive.h"
#include "core/live.h"
#include "core/self_fault.h"
#include "core/sender.h"
#include "core/to_partition.h"
#include "metrics/metrics.h"
#include "rules/rule_set.h"

namespace firegate::partition {

struct Settings {
  unsigned partitions = 2;          // strands, and threads that run them (our choice: the cores of a small machine)
  std::size_t mailbox_items = 8192; // waiting per partition before `deliver` refuses (our choice: about a second of load)
  Millis flush_after{1000};         // values and positions are committed at the latest so long after they came
  Millis overloaded_after{5000};    // refusing for so long is a fault; over when nothing was refused for as long (our choice)
  Millis record_within{1000};       // architecture, section 4: no commit within 1 s, and a fire is announced unrecorded

  static Settings parse(const ConfigNode* node, Problems& problems);
};

struct Deps {
  Journal& journal;
  LiveSink& live;
  Announcer& announcer;
  metrics::Metrics& metrics;
  Clock& clock;
  TestSink* tests = nullptr;  // null: nobody waits for tests
};

struct Counts {
  std::uint64_t devices = 0, online = 0, live_alarms = 0, unacknowledged = 0;
  Millis decision_lag{};  // from arrival to decision, of the message decided last; the slowest partition's
};

class PartitionSet final : public PartitionSink, public Acts, public Devices, public SelfFault {
 public:
  PartitionSet(Settings settings, Deps deps, std::shared_ptr<const rules::RuleSet> rules, DeviceMapPtr map,
               const Restored& restored);
  ~PartitionSet() override;

  void start();
  // Takes no more, finishes what waits, hands the last batches to the journal and joins its threads.
  void stop();

  void use(DeviceMapPtr map);
  void use(std::shared_ptr<const rules::RuleSet> rules);
  void clock_stepped(Millis step);  // the clock was re-anchored
  // Once a second: gauges, and the fault of a mailbox that keeps refusing.
  void look_after_mailboxes();
  // Asks every strand for a sign of life.
  void ask_pulses();
  // Of the strand that has been silent for longest; any thread.
  Steady slowest_pulse() const noexcept;
  Counts counts() const noexcept;
  // Every live alarm, for the live feed's first snapshot. Before `start` only.
  std::vector<Alarm> live_alarms() const;

  bool deliver(std::string_view building, std::vector<ToPartition>& items, const InboxHold& hold) noexcept override;
  void post(Act act, std::function<void(Result<Alarm>)> done) noexcept override;
  void list(std::function<void(std::vector<DeviceSnapshot>)> done) noexcept override;
  void one(std::string id, std::function<void(Result<DeviceSnapshot>)> done) noexcept override;
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override;
  void clear(SelfFaultCode code, std::string_view part) noexcept override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firegate::partition
