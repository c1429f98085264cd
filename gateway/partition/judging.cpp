// Partition: rules → alarms. Each rule is judged once a message on each port it is about, in the order of the rules.
#include <algorithm>

#include "partition/around.h"
#include "partition/partition.h"
#include "partition/subject_text.h"

namespace firegate::partition {
namespace {

// A device nobody has mapped alarms only when it says that lives are in danger.
bool applies(const DeviceState& state, const rules::Rule& rule) noexcept {
  return state.device->mapped || (threatens_life(rule.alarm_class) && !rule.absence);
}

bool lost_power(const std::vector<Evidence>& evidence) noexcept {
  return std::any_of(evidence.begin(), evidence.end(),
                     [](const Evidence& by) { return by.point == Point::mains_fail; });
}

}  // namespace

const rules::Rule& Partition::rule_for(const DeviceState& state, rules::RuleNo no) const noexcept {
  for (const auto& [number, rule] : state.overridden) {
    if (number == no) return *rule;
  }
  return (*rules_)[no];
}

void Partition::judge(DeviceState& state, const Heard& heard, Instant now, Batch& batch) {
  const DeviceKind kind = state.device->kind;
  subjects_.clear();
  for (const Heard::Said& said : heard.values) {
    for (const rules::RuleNo no :
         said.differs ? rules_->touched(kind, said.point) : rules_->sampled(kind, said.point)) {
      if ((*rules_)[no].absence) continue;  // judged with every message
      subjects_.emplace_back(no, said.port);
      if (said.port != kNoPort) continue;
      for (const Current& other : state.values.all()) {  // what the whole device says counts for its ports
        const bool its = rules_->points(no).test(static_cast<std::size_t>(other.point));
        if (its && other.port != kNoPort) subjects_.emplace_back(no, other.port);
      }
    }
  }
  std::sort(subjects_.begin(), subjects_.end());
  subjects_.erase(std::unique(subjects_.begin(), subjects_.end()), subjects_.end());
  for (const auto& [no, port] : subjects_) judge_rule(state, no, port, now, batch);
}

void Partition::judge_all(DeviceState& state, Instant now, Batch& batch) {
  for (const rules::RuleNo no : rules_->of(state.device->kind)) judge_subjects(state, no, now, batch);
}

void Partition::judge_due(DeviceState& state, Instant now, Batch& batch) {
  subjects_.clear();
  for (const RuleSlot& slot : state.slots.all()) {
    if (slot.check_at <= now) subjects_.push_back(slot.key());
    else state.next_check = std::min(state.next_check, slot.check_at);
  }
  for (const auto& [no, port] : subjects_) judge_rule(state, no, port, now, batch);
  judge_absence(state, now, batch);
  settle_service(state, now, batch);
}

void Partition::judge_absence(DeviceState& state, Instant now, Batch& batch) {
  for (const rules::RuleNo no : rules_->absence(state.device->kind)) judge_rule(state, no, kNoPort, now, batch);
}

// Every port that says one of the rule's points, and the device as a whole.
void Partition::judge_subjects(DeviceState& state, rules::RuleNo no, Instant now, Batch& batch) {
  const rules::PointSet& points = rules_->points(no);
  if ((*rules_)[no].absence || points.none()) return judge_rule(state, no, kNoPort, now, batch);
  for (const Port port : ports_of(state, points)) judge_rule(state, no, port, now, batch);
}

void Partition::judge_rule(DeviceState& state, rules::RuleNo no, Port port, Instant now, Batch& batch) {
  const rules::Rule& rule = rule_for(state, no);
  if (!applies(state, rule)) return;
  if (!rule.enabled) return switch_off(state, no, port, now, batch);
  const Around around(*this, state, now);
  rules::SubjectView view = view_of(state, port);
  view.around = &around;
  RuleSlot* known = state.slots.find(no, port);
  RuleSlot fresh{no, port};
  RuleSlot& slot = known ? *known : fresh;
  rules::Judgement judgement = rules::evaluate(rule, view, slot.state, now);
  apply(state, rule, port, judgement, now, batch);
  if (judgement.would_raise && raise_unproven(state, rule, port, judgement, now, batch)) {
    rules::accept_unproven(slot.state, judgement.level);
    judgement.changed = true;
  }
  slot.check_at = rule.absence ? kNever : judgement.recheck_at;
  slot.unsaved = slot.unsaved || judgement.changed;
  state.next_check = std::min(state.next_check, judgement.recheck_at);
  if (slot.check_at == kNever && slot.state.is_default()) {
    if (slot.unsaved) batch.rule_states.push_back({state.device->id, port, rule.id, ""});
    if (known) state.slots.erase(slot);
    return;
  }
  if (slot.unsaved) mark_dirty(state);
  if (!known) state.slots.put(std::move(fresh));
}

// An override says that the rule does not count here: its alarm ends.
void Partition::switch_off(DeviceState& state, rules::RuleNo no, Port port, Instant now, Batch& batch) {
  const RuleSlot* slot = state.slots.find(no, port);
  if (!slot) return;
  const std::string& id = (*rules_)[no].id;
  book_.clear(id, subject_text(*state.device, port), now, "the rule is switched off here", batch);
  batch.rule_states.push_back({state.device->id, port, id, ""});
  state.slots.erase(*slot);
}

void Partition::apply(const DeviceState& state, const rules::Rule& rule, Port port, const rules::Judgement& judgement,
                      Instant now, Batch& batch) {
  if (judgement.answer == rules::Answer::cleared) {
    book_.clear(rule.id, subject_text(*state.device, port), now, "", batch);
  } else if (judgement.answer == rules::Answer::active) {
    if (state.device->mapped || threatens_life(judgement.alarm_class)) {
      book_.raise(raise_of(state, rule, port, judgement, now), batch);
    }
  }
}

// A fire that exists only as a retained value is raised once per (subject, value), as unverified (architecture,
// decision 5). True when it was.
bool Partition::raise_unproven(const DeviceState& state, const rules::Rule& rule, Port port,
                               const rules::Judgement& judgement, Instant now, Batch& batch) {
  if (judgement.quality != Quality::retained || !threatens_life(judgement.alarm_class)) return false;
  if (judgement.evidence.empty()) return false;
  const Point point = judgement.evidence.front().point;
  std::string subject = subject_text(*state.device, port);
  if (!retained_fires_.emplace(subject, point).second) return false;
  batch.retained_fires.push_back({std::move(subject), point, false});
  alarms::Raise raise = raise_of(state, rule, port, judgement, now);
  raise.confirmation = Confirmation::unverified;
  raise.why = "retained value: it rose while the gateway was away, its age is unknown";
  book_.raise(std::move(raise), batch);
  return true;
}

void Partition::judge_pulse(DeviceState& state, const Current& pulse, Instant now, Batch& batch) {
  const Around around(*this, state, now);
  for (const rules::RuleNo no : rules_->touched(state.device->kind, pulse.point)) {
    const rules::Rule& rule = rule_for(state, no);
    if (!applies(state, rule) || !rule.enabled) continue;
    rules::SubjectView view = view_of(state, pulse.port);
    view.around = &around;
    view.pulse = &pulse;
    const RuleSlot* slot = state.slots.find(no, pulse.port);
    rules::RuleState rule_state = slot ? slot->state : rules::RuleState{};
    if (rules::count_pulse(rule, view, rule_state, now)) {
      keep_counted(state, no, pulse.port, std::move(rule_state));
      judge_rule(state, no, pulse.port, now, batch);
      continue;
    }
    const rules::Judgement judgement = rules::evaluate_pulse(rule, view, rule_state, now);
    if (judgement.answer != rules::Answer::active) continue;
    if (!state.device->mapped && !threatens_life(judgement.alarm_class)) continue;
    alarms::Raise raise = raise_of(state, rule, pulse.port, judgement, now);
    raise.pulse = !rule_state.active();
    book_.raise(std::move(raise), batch);
  }
}

void Partition::keep_counted(DeviceState& state, rules::RuleNo no, Port port, rules::RuleState counted) {
  RuleSlot* known = state.slots.find(no, port);
  RuleSlot& slot = known ? *known : state.slots.put({no, port});
  slot.state = std::move(counted);
  slot.unsaved = true;
  mark_dirty(state);
}

alarms::Raise Partition::raise_of(const DeviceState& state, const rules::Rule& rule, Port port,
                                  const rules::Judgement& judgement, Instant now) const {
  const Device& device = *state.device;
  const auto of_another = [](const Evidence& by) { return !by.device.empty(); };
  const bool two_speak = std::any_of(judgement.evidence.begin(), judgement.evidence.end(), of_another);
  alarms::Raise raise;
  raise.rule = rule.id;
  raise.alarm_class = judgement.alarm_class;
  raise.subject = {device.id, port, device.name, device.kind, device.mapped, device.place};
  raise.at = now;
  raise.evidence = judgement.evidence;
  raise.confirmation = !device.mapped                                                 ? Confirmation::unverified
                       : two_speak && judgement.alarm_class == AlarmClass::fire_alarm ? Confirmation::confirmed
                                                                                      : Confirmation::single;
  raise.late = judgement.quality == Quality::late;
  raise.out_of_service = state.is_disabled(now);
  raise.in_test = state.is_in_test(now);
  if (rule.absence || lost_power(judgement.evidence)) raise.line = device.source + "/" + device.format;
  return raise;
}

rules::SubjectView Partition::view_of(const DeviceState& state, Port port) const noexcept {
  rules::SubjectView view{state.values, port, state.overdue_at(),
                          state.device->mapped ? state.liveness.lost_at(state.policy) : kNever,
                          state.liveness.last_heard()};
  view.gap = readings::longest_silence(state.policy);
  view.kitchen = state.device->place->has(Occupancy::kitchen);
  return view;
}

// The ports that say one of the points, and the device as a whole where it does.
std::vector<Port> Partition::ports_of(const DeviceState& state, const rules::PointSet& points) const {
  std::vector<Port> ports;
  for (const Current& current : state.values.all()) {
    const bool wanted = points.test(static_cast<std::size_t>(current.point));
    if (wanted && std::find(ports.begin(), ports.end(), current.port) == ports.end()) ports.push_back(current.port);
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

}  // namespace firegate::partition
