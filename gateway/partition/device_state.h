// DeviceState: everything a partition knows of one device. Owned by the Partition; a district has 100,000 of these, so
// what most devices do not need is empty until it is needed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/batch.h"
#include "core/device_map.h"
#include "partition/neighbours.h"
#include "readings/liveness.h"
#include "rules/rule_set.h"
#include "rules/rule_state.h"

namespace firegate::partition {

// How far one source has come in one building.
struct Progress {
  InboxSeq restored = 0;  // effects up to here were committed before the restart: those messages are not applied again
  InboxSeq seen = 0;
  bool dirty = false;
};

// What one rule remembers of the device or of one port of it.
struct RuleSlot {
  rules::RuleNo rule = 0;
  Port port = kNoPort;
  bool unsaved = false;  // its state is another one than at the last close
  rules::RuleState state{};
  Instant check_at = kNever;  // when it is to be judged again; rules of absence are judged with the device

  std::pair<rules::RuleNo, Port> key() const noexcept { return {rule, port}; }
};

// Those that are not in their default state or wait for a time, by rule and port.
class RuleSlots {
 public:
  RuleSlot* find(rules::RuleNo rule, Port port) noexcept {
    const auto at = lower_bound({rule, port});
    return at != slots_.end() && at->key() == std::pair(rule, port) ? &*at : nullptr;
  }
  const RuleSlot* find(rules::RuleNo rule, Port port) const noexcept {
    return const_cast<RuleSlots*>(this)->find(rule, port);
  }
  RuleSlot& put(RuleSlot slot) { return *slots_.insert(lower_bound(slot.key()), std::move(slot)); }
  void erase(const RuleSlot& slot) { slots_.erase(slots_.begin() + (&slot - slots_.data())); }

  std::vector<RuleSlot>& all() noexcept { return slots_; }
  const std::vector<RuleSlot>& all() const noexcept { return slots_; }
  // After the numbers of the rules have changed.
  void sort() {
    std::sort(slots_.begin(), slots_.end(), [](const RuleSlot& a, const RuleSlot& b) { return a.key() < b.key(); });
  }

 private:
  std::vector<RuleSlot>::iterator lower_bound(std::pair<rules::RuleNo, Port> key) noexcept {
    return std::lower_bound(slots_.begin(), slots_.end(), key,
                            [](const RuleSlot& slot, const auto& wanted) { return slot.key() < wanted; });
  }

  std::vector<RuleSlot> slots_;
};

struct DeviceState {
  DevicePtr device;
  CurrentValues values;
  readings::Liveness liveness;
  readings::LivenessPolicy policy;
  RuleSlots slots;
  std::vector<Membership> looks;                                         // where others look at it, or it at others
  std::vector<std::pair<rules::RuleNo, const rules::Rule*>> overridden;  // rules that are other ones for it, by number
  Progress* progress = nullptr;
  std::string boot;  // native format: run and number of its last message
  std::uint64_t seq = 0;
  Instant next_check = kNever;  // when anything of it is to be judged again
  Instant queued_at = kNever;   // earliest entry of it in the partition's timers
  bool online = false;
  bool dirty = false;  // something of it goes with the next close
  bool heard = false;  // since the last close
  bool disabled = false, in_test = false;  // as the book has it
  std::uint32_t passed_test = 0;           // number of the last test that a message has passed

  Instant overdue_at() const noexcept { return liveness.overdue_at(policy); }
  bool is_disabled(Instant now) const noexcept { return device->disablement && device->disablement->until > now; }
  bool is_in_test(Instant now) const noexcept { return device->test && device->test->until > now; }
};

// When a disablement or a test that the book knows ends by itself: people have set it, our clock does not move it.
inline Instant service_ends(const DeviceState& state) noexcept {
  const Instant enabled = state.disabled && state.device->disablement ? state.device->disablement->until : kNever;
  const Instant tested = state.in_test && state.device->test ? state.device->test->until : kNever;
  return std::min(enabled, tested);
}

}  // namespace firegate::partition
