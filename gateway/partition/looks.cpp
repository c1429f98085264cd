// Partition: what devices answer to those around them, and who must be judged again when an answer changes.
#include <algorithm>

#include "partition/around.h"
#include "partition/partition.h"

namespace firegate::partition {
namespace {

constexpr std::size_t kMaxWitnesses = 4;  // of other devices in one alarm's evidence (our choice)

}  // namespace

// Asks the device anew whatever the touched points may have changed.
void Partition::answer_looks(DeviceState& state, const rules::PointSet& touched, Instant now) {
  for (Membership& membership : state.looks) {
    const rules::Look& look = rules_->looks()[membership.look];
    if (!membership.answers || (touched != kAllPoints && (look.points & touched).none())) continue;
    const rules::Contribution answer = answer_to(look, state, now);
    state.next_check = std::min(state.next_check, answer.changes_at);
    if (Neighbours::answer(state.device->no, membership, answer.part)) ask_again(membership, state.device->no);
  }
}

// Of several ports the greatest answer counts. A disabled device takes no part, nor does one
// in test; in a zone's count a lost one neither.
rules::Contribution Partition::answer_to(const rules::Look& look, const DeviceState& state, Instant now) const {
  if (state.is_disabled(now)) return {.changes_at = state.device->disablement->until};
  if (state.is_in_test(now)) return {.changes_at = state.device->test->until};
  const Instant lost_at = state.liveness.lost_at(state.policy);
  if (look.in_zone && (now >= lost_at || !rule_for(state, look.rule).enabled)) return {};
  rules::Contribution whole;
  if (look.in_zone) whole.changes_at = lost_at;
  // Not one word yet, and not lost either: nobody may count it out.
  if (look.in_zone && !state.liveness.last_heard()) return {rules::Part::unknown, lost_at};
  std::vector<Port> ports = ports_of(state, look.points);
  if (ports.empty()) ports.push_back(kNoPort);
  static const rules::RuleState kNothing;
  for (const Port port : ports) {
    const RuleSlot* slot = state.slots.find(look.rule, port);
    const auto answer = rules::contribution_to(*look.of, view_of(state, port), slot ? slot->state : kNothing, now);
    whole.part = std::max(whole.part, answer.part);
    whole.changes_at = std::min(whole.changes_at, answer.changes_at);
  }
  return whole;
}

// The device goes, or is about to be another one: those around it must do without.
void Partition::leave_looks(DeviceState& state, DeviceNo no) {
  for (Membership& membership : state.looks) {
    if (Neighbours::answer(no, membership, rules::Part::absent)) ask_again(membership, no);
  }
  neighbours_.leave(no, state.looks);
}

void Partition::ask_again(const Membership& membership, DeviceNo but) {
  for (const DeviceNo asker : membership.group->askers) {
    if (asker != but) askers_.emplace(asker, rules_->looks()[membership.look].rule);
  }
}

// In the order of devices and rules. What they find changes nobody's answer: an answer is about a device's own values.
void Partition::judge_askers(Instant now, Batch& batch) {
  for (const auto& [no, rule] : askers_) {
    const auto found = devices_.find(no);
    if (found == devices_.end()) continue;
    judge_subjects(found->second, rule, now, batch);
    schedule(found->second);
  }
  askers_.clear();
}

// ---- what a rule sees ----

const Membership* Partition::Around::membership(rules::LookNo look) const noexcept {
  const auto at = std::find_if(state_.looks.begin(), state_.looks.end(),
                               [look](const Membership& membership) { return membership.look == look; });
  return at == state_.looks.end() ? nullptr : &*at;
}

rules::Tally Partition::Around::tally(rules::LookNo look) const noexcept {
  const Membership* known = membership(look);
  return known ? known->others() : rules::Tally{};
}

void Partition::Around::evidence(rules::LookNo no, std::vector<Evidence>& into) const {
  const Membership* known = membership(no);
  if (!known) return;
  const rules::Look& look = partition_.rules_->looks()[no];
  std::size_t witnesses = 0;
  for (const DeviceNo other : known->group->yes) {
    if (other == state_.device->no || witnesses == kMaxWitnesses) continue;
    const DeviceState& witness = partition_.devices_.at(other);
    std::vector<Port> ports = partition_.ports_of(witness, look.points);
    if (ports.empty()) ports.push_back(kNoPort);
    rules::Spoken spoken;
    for (const Port port : ports) {
      const RuleSlot* slot = witness.slots.find(look.rule, port);
      static const rules::RuleState kNothing;
      const rules::SubjectView view = partition_.view_of(witness, port);
      rules::Walk(view, slot ? slot->state : kNothing, now_)
          .collect(*look.of, &rules::Finding::truth, rules::Truth::yes, spoken);
    }
    for (Evidence& by : spoken.evidence) {
      by.device = witness.device->id;
      into.push_back(std::move(by));
    }
    ++witnesses;
  }
}

}  // namespace firegate::partition
