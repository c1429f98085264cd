// Neighbours: who looks at whom. For each look of a rule (rules::Look) and each place of its scope a group: the devices
// that ask and how many of those that answer say yes. Kept up to date one answer at a time, so that judging a rule
// costs a look-up, and a change costs the group's askers once. Owned by the partition; one strand.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/device_map.h"
#include "rules/conditions.h"
#include "rules/rule_set.h"

namespace firegate::partition {

struct LookGroup {
  rules::Tally tally;            // of all that answer
  std::vector<DeviceNo> askers;  // sorted
  std::vector<DeviceNo> yes;     // who says it; sorted
};

// One device's part in one group.
struct Membership {
  rules::LookNo look = 0;
  bool asks = false, answers = false;
  rules::Part part = rules::Part::absent;  // its last answer
  LookGroup* group = nullptr;              // never null

  rules::Tally others() const noexcept;  // the group's tally without this device
};

class Neighbours {
 public:
  // The groups of a device, by look. It answers `absent` until told otherwise.
  std::vector<Membership> join(const rules::RuleSet& rules, const Device& device);
  // Takes the device out; its answers with it.
  void leave(DeviceNo device, std::vector<Membership>& memberships);
  // Whether the answer is another one than before.
  static bool answer(DeviceNo device, Membership& membership, rules::Part part);
  // Forgets every group: the rules have changed. Every device must join anew.
  void clear() { groups_.clear(); }

 private:
  std::map<std::pair<rules::LookNo, std::string>, LookGroup> groups_;  // entries never move
};

}  // namespace firegate::partition
