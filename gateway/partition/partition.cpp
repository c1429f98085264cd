#include "partition/partition.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::partition {
namespace {

Subject subject_of(const Device& device, Port port) {
  return {device.id, port, device.name, device.kind, device.mapped, device.place};
}

std::string subject_text(const Device& device, Port port) {
  return port == kNoPort ? device.id : fmt::format("{}/{}", device.id, port);
}

const PlacePtr& own_place() {
  static const PlacePtr place = [] {
    Place made;
    made.building = {std::string(kOwnBuilding), "firegate"};
    return std::make_shared<const Place>(std::move(made));
  }();
  return place;
}

bool looks_at(const rules::Rule& rule, Point point) noexcept {
  const rules::Condition* condition = rule.condition();
  return condition && std::any_of(condition->tests.begin(), condition->tests.end(),
                                  [point](const rules::Test& test) { return test.point == point; });
}

}  // namespace

// ---- the journey of one message ----

void Partition::receive(const ToPartition& item, Batch& batch) {
  const Instant now = std::max(now_, item.arrived_at);
  advance(now, batch);
  DeviceState& state = state_of(item.device, now);
  if (item.seq != 0 && item.seq <= state.progress->restored) return;  // committed before the restart

  const bool was_overdue = now >= state.liveness.overdue_at(state.policy);
  hear(state, item);
  if (item.raw) batch.raws.push_back({state.device->id, item.raw});
  std::vector<Current> pulses;
  const Touched touched = take_values(state, item, pulses, batch);
  if (was_overdue) {
    judge_all(state, now, batch);  // its values were stale: a delay that came due meanwhile is decided now
  } else {
    judge(state, touched, now, batch);
    judge_absence(state, now, batch);
  }
  for (const Current& pulse : pulses) judge_pulse(state, pulse, now, batch);
  update_presence(state, now);
  schedule(state);
}

// Notes who spoke: the sign of life, the device's own numbering, the position in the inbox.
void Partition::hear(DeviceState& state, const ToPartition& item) {
  state.progress->seen = std::max(state.progress->seen, item.seq);
  state.progress->dirty = true;
  const DeviceMessage& message = item.message;
  if (!item.retained && message.kind != MessageKind::will) state.liveness.heard(item.arrived_at);
  for (const Reading& reading : message.readings) {
    const bool* online = as_bool(reading.value);
    if (reading.point != Point::online || !online) continue;
    if (*online) {
      state.liveness.said_online(item.arrived_at, item.retained);
    } else {
      state.liveness.said_offline(item.arrived_at);
    }
  }
  if (message.seq) {
    state.boot = message.boot;
    state.seq = *message.seq;
  }
  if (!state.dirty) {
    state.dirty = true;
    dirty_.push_back(&state);
  }
}

// Normalises, stores the current values and keeps history rows. Returns the points that a rule may have to look at.
Partition::Touched Partition::take_values(DeviceState& state, const ToPartition& item, std::vector<Current>& pulses,
                                          Batch& batch) {
  Touched touched;
  auto normalised = readings::normalise(item.message, {item.arrived_at, item.retained, item.backlog});
  bad_readings_ += normalised.bad;
  for (Current& value : normalised.values) {
    if (readings::is_pulse(item.message.kind, value)) {
      batch.readings.push_back({state.device->id, value});
      pulses.push_back(std::move(value));
      continue;
    }
    const std::pair key(value.point, value.port);
    const readings::Stored stored = readings::store(state.values, std::move(value));
    if (!stored.taken) continue;
    const Current& current = *state.values.find(key.first, key.second);
    if (stored.keep) batch.readings.push_back({state.device->id, current});
    if (!stored.differs) continue;
    forget_retained(state, current, batch);
    touched.push_back(key);
  }
  return touched;
}

void Partition::judge(DeviceState& state, const Touched& touched, Instant now, Batch& batch) {
  for (const auto& [point, port] : touched) {
    for (const rules::RuleNo no : rules_->touched(state.device->kind, point)) {
      const rules::Rule& rule = (*rules_)[no];
      if (!applies(state, rule)) continue;
      if (port != kNoPort) {
        judge_rule(state, rule, port, now, batch);
      } else {
        for (const Port subject : ports_of(state, rule)) judge_rule(state, rule, subject, now, batch);
      }
    }
  }
}

void Partition::judge_all(DeviceState& state, Instant now, Batch& batch) {
  for (const rules::RuleNo no : rules_->of(state.device->kind)) {
    const rules::Rule& rule = (*rules_)[no];
    if (!applies(state, rule)) continue;
    if (rule.absence()) {
      judge_rule(state, rule, kNoPort, now, batch);
    } else {
      for (const Port port : ports_of(state, rule)) judge_rule(state, rule, port, now, batch);
    }
  }
}

void Partition::judge_absence(DeviceState& state, Instant now, Batch& batch) {
  for (const rules::RuleNo no : rules_->absence(state.device->kind)) {
    const rules::Rule& rule = (*rules_)[no];
    if (applies(state, rule)) judge_rule(state, rule, kNoPort, now, batch);
  }
}

void Partition::judge_rule(DeviceState& state, const rules::Rule& rule, Port port, Instant now, Batch& batch) {
  const auto slot = std::find_if(state.slots.begin(), state.slots.end(),
                                 [&](const RuleSlot& s) { return s.port == port && s.rule == rule.id; });
  rules::RuleState rule_state = slot == state.slots.end() ? rules::RuleState{} : slot->state;
  const rules::RuleState before = rule_state;

  const rules::SubjectView view{state.values, port, state.liveness.overdue_at(state.policy),
                                state.device->mapped ? state.liveness.lost_at(state.policy) : kNever,
                                state.liveness.last_heard()};
  const rules::Judgement judgement = rules::evaluate(rule, view, rule_state, now);
  apply(state, rule, port, rule_state, judgement, now, batch);
  state.next_check = std::min(state.next_check, judgement.recheck_at);

  if (rule_state == before) return;
  batch.rule_states.push_back({state.device->id, port, rule.id, rule_state.to_text()});
  if (slot == state.slots.end()) {
    state.slots.push_back({rule.id, port, rule_state});
  } else if (rule_state == rules::RuleState{}) {
    state.slots.erase(slot);
  } else {
    slot->state = rule_state;
  }
}

void Partition::apply(DeviceState& state, const rules::Rule& rule, Port port, rules::RuleState& rule_state,
                      const rules::Judgement& judgement, Instant now, Batch& batch) {
  switch (judgement.answer) {
    case rules::Answer::active: {
      alarms::Raise raise = raise_of(state, rule, port, now);
      raise.evidence = judgement.evidence;
      raise.late = judgement.quality == Quality::late;
      book_.raise(std::move(raise), batch);
      break;
    }
    case rules::Answer::cleared: book_.clear(rule.id, subject_text(*state.device, port), now, "", batch); break;
    case rules::Answer::unknown: raise_unproven(state, rule, port, rule_state, judgement, now, batch); break;
    case rules::Answer::unchanged: break;
  }
}

// A fire that exists only as a retained value is raised once per (subject, value), as unverified (architecture, decision 5).
void Partition::raise_unproven(DeviceState& state, const rules::Rule& rule, Port port, rules::RuleState& rule_state,
                               const rules::Judgement& judgement, Instant now, Batch& batch) {
  const bool rose_while_away = judgement.would_raise && judgement.quality == Quality::retained;
  if (!rose_while_away || !threatens_life(rule.alarm_class) || judgement.evidence.empty()) return;
  const Point point = judgement.evidence.front().point;
  std::string subject = subject_text(*state.device, port);
  if (!retained_fires_.emplace(subject, point).second) return;
  batch.retained_fires.push_back({std::move(subject), point, false});
  alarms::Raise raise = raise_of(state, rule, port, now);
  raise.evidence = judgement.evidence;
  raise.confirmation = Confirmation::unverified;
  raise.why = "retained value: it rose while the gateway was away, its age is unknown";
  book_.raise(std::move(raise), batch);
  rules::accept_unproven(rule_state);
}

// A live "no" ends the memory of a retained fire: should it rise again while we are away, it counts again.
void Partition::forget_retained(const DeviceState& state, const Current& now, Batch& batch) {
  const bool* value = as_bool(now.value);
  if (retained_fires_.empty() || now.quality != Quality::good || !value || *value) return;
  std::string subject = subject_text(*state.device, now.port);
  if (retained_fires_.erase({subject, now.point}) > 0) {
    batch.retained_fires.push_back({std::move(subject), now.point, true});
  }
}

void Partition::judge_pulse(DeviceState& state, const Current& pulse, Instant now, Batch& batch) {
  for (const rules::RuleNo no : rules_->touched(state.device->kind, pulse.point)) {
    const rules::Rule& rule = (*rules_)[no];
    if (!applies(state, rule)) continue;
    const rules::Judgement judgement = rules::evaluate_pulse(rule, pulse);
    if (judgement.answer != rules::Answer::active) continue;
    const auto slot = std::find_if(state.slots.begin(), state.slots.end(),
                                   [&](const RuleSlot& s) { return s.port == pulse.port && s.rule == rule.id; });
    alarms::Raise raise = raise_of(state, rule, pulse.port, now);
    raise.evidence = judgement.evidence;
    raise.late = judgement.quality == Quality::late;
    raise.pulse = slot == state.slots.end() || !slot->state.active();
    book_.raise(std::move(raise), batch);
  }
}

alarms::Raise Partition::raise_of(const DeviceState& state, const rules::Rule& rule, Port port, Instant now) const {
  alarms::Raise raise;
  raise.rule = rule.id;
  raise.alarm_class = rule.alarm_class;
  raise.subject = subject_of(*state.device, port);
  raise.at = now;
  raise.confirmation = state.device->mapped ? Confirmation::single : Confirmation::unverified;
  raise.out_of_service = state.device->disablement && state.device->disablement->until > now;
  return raise;
}

// A device nobody has mapped alarms only when it says that lives are in danger.
bool Partition::applies(const DeviceState& state, const rules::Rule& rule) const noexcept {
  return state.device->mapped || (threatens_life(rule.alarm_class) && !rule.absence());
}

// The subjects of a rule on this device: every port that says one of its points, and the device as a whole.
std::vector<Port> Partition::ports_of(const DeviceState& state, const rules::Rule& rule) const {
  std::vector<Port> ports;
  for (const Current& current : state.values.all()) {
    if (looks_at(rule, current.point) && std::find(ports.begin(), ports.end(), current.port) == ports.end()) {
      ports.push_back(current.port);
    }
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

// ---- timers ----

void Partition::schedule(DeviceState& state) {
  if (state.next_check >= state.queued_at) return;
  state.queued_at = state.next_check;
  timers_.emplace(state.next_check, state.device->no);
}

void Partition::advance(Instant now, Batch& batch) {
  while (!timers_.empty() && timers_.top().first <= now) {
    const auto [at, no] = timers_.top();
    timers_.pop();
    const auto found = devices_.find(no);
    if (found == devices_.end()) continue;
    DeviceState& state = *found->second;
    if (state.queued_at != at) continue;  // an earlier entry took its place
    state.queued_at = kNever;
    state.next_check = kNever;
    book_.advance(at, batch);
    judge_all(state, at, batch);
    update_presence(state, at);
    schedule(state);
  }
  book_.advance(now, batch);
  now_ = std::max(now_, now);
}

Instant Partition::next_deadline() const noexcept {
  const Instant timer = timers_.empty() ? kNever : timers_.top().first;
  return std::min(timer, book_.next_deadline());
}

void Partition::update_presence(DeviceState& state, Instant now) {
  if (!state.device->mapped) return;
  const bool online = state.liveness.presence(state.policy, now) == Presence::online;
  if (online == state.online) return;
  state.online = online;
  online_ += online ? 1 : -1;
}

// ---- people, and ourselves ----

Result<Alarm> Partition::act(const Act& act, Instant now, Batch& batch) {
  advance(now, batch);
  return book_.act(act, std::max(now, now_), batch);
}

void Partition::self_fault(SelfFaultCode code, std::string_view part, std::string_view detail, bool raised, Instant now,
                           Batch& batch) {
  now = std::max(now, now_);
  const std::string rule = fmt::format("self_{}", label(code));
  const std::string device = part.empty() ? std::string(kOwnBuilding) : fmt::format("{}:{}", kOwnBuilding, part);
  if (!raised) {
    book_.clear(rule, device, now, "", batch);
    return;
  }
  if (const Alarm* live = book_.find(rule, device); live && condition_present(live->state)) return;
  alarms::Raise raise;
  raise.rule = rule;
  raise.alarm_class = AlarmClass::fault;
  raise.subject = {device, kNoPort, "firegate", DeviceKind::gateway, true, own_place()};
  raise.at = now;
  raise.why = detail;
  book_.raise(std::move(raise), batch);
}

// ---- what goes with a batch ----

void Partition::close(Batch& batch) {
  for (DeviceState* state : dirty_) {
    state->dirty = false;
    const auto heard = state->liveness.last_heard();
    if (!heard || !state->device->mapped) continue;
    batch.devices.push_back({state->device->id, *heard, state->boot, state->seq});
  }
  dirty_.clear();
  for (auto& [key, progress] : progress_) {
    if (!progress.dirty) continue;
    progress.dirty = false;
    batch.positions.push_back({key.first, key.second, progress.seen});
  }
}

// ---- devices come, change and go ----

Partition::Partition(Owns owns, rules::RuleSetPtr rules, DeviceMapPtr map, const Restored& restored, Instant now)
    : owns_(std::move(owns)), rules_(std::move(rules)), map_(std::move(map)), now_(now) {
  for (const Position& position : restored.positions) {
    if (owns_(position.building)) progress_[{position.building, position.source}].restored = position.seq;
  }
  for (const DevicePtr& device : map_->devices()) {
    if (owns_(building_key(*device->place))) state_of(device, now);
  }
  restore(restored);
  Batch nothing;
  for (auto& [no, state] : devices_) {
    for (const rules::RuleNo rule : rules_->of(state->device->kind)) {
      // Only the deadlines are wanted here; what is due fires with the first `advance`.
      if ((*rules_)[rule].absence()) state->next_check = std::min(state->next_check, state->liveness.lost_at(state->policy));
    }
    for (const RuleSlot& slot : state->slots) state->next_check = std::min(state->next_check, slot.state.due());
    update_presence(*state, now);
    schedule(*state);
  }
}

void Partition::restore(const Restored& restored) {
  std::vector<Alarm> alarms;
  for (const Alarm& alarm : restored.alarms) {
    if (owns_(building_key(*alarm.subject.place))) alarms.push_back(alarm);
  }
  book_.restore(std::move(alarms));
  const auto mine = [this](std::string_view id) -> DeviceState* {
    const DevicePtr* device = map_->by_id(id);
    const auto found = device ? devices_.find((*device)->no) : devices_.end();
    return found == devices_.end() ? nullptr : found->second.get();
  };
  for (const DeviceRow& row : restored.devices) {
    if (DeviceState* state = mine(row.device)) {
      state->liveness.restore(row.last_heard);
      state->boot = row.boot;
      state->seq = row.seq;
    }
  }
  for (const ReadingRow& row : restored.values) {
    if (DeviceState* state = mine(row.device)) {
      Current value = row.current;
      value.quality = Quality::restored;
      state->values.put(std::move(value));
    }
  }
  for (const RuleStateRow& row : restored.rule_states) {
    DeviceState* state = mine(row.device);
    const auto rule_state = rules::RuleState::from_text(row.state);
    if (state && rule_state && *rule_state != rules::RuleState{}) state->slots.push_back({row.rule, row.port, *rule_state});
  }
  for (const RetainedFireRow& row : restored.retained_fires) retained_fires_.emplace(row.subject, row.point);
}

Partition::DeviceState& Partition::state_of(const DevicePtr& device, Instant now) {
  auto& slot = devices_[device->no];
  if (slot) {
    if (slot->device != device) adopt(*slot, device);
    return *slot;
  }
  slot = std::make_unique<DeviceState>();
  slot->liveness.arm(now);
  adopt(*slot, device);
  mapped_ += device->mapped ? 1 : 0;
  return *slot;
}

void Partition::adopt(DeviceState& state, const DevicePtr& device) {
  state.device = device;
  state.progress = &progress_[{building_key(*device->place), device->source}];
  state.policy = {device->interval, readings::jitter_of(device->id, device->interval),
                  rules_->offline_delay(device->kind, device->format)};
}

void Partition::use(DeviceMapPtr map, Instant now, Batch& batch) {
  advance(now, batch);
  map_ = std::move(map);
  std::vector<DeviceNo> gone;
  for (const auto& [no, state] : devices_) {
    const DevicePtr* device = map_->by_no(no);
    if (state->device->mapped && (!device || !owns_(building_key(*(*device)->place)))) gone.push_back(no);
  }
  for (const DeviceNo no : gone) forget(no, now, batch);
  for (const DevicePtr& device : map_->devices()) {
    if (!owns_(building_key(*device->place))) continue;
    const auto known = devices_.find(device->no);
    const bool was = known != devices_.end() && known->second->device->disablement.has_value();
    const bool is = device->disablement.has_value();
    DeviceState& state = state_of(device, now);
    if (is && !was) book_.disable(device->id, now, device->disablement->reason, batch);
    if (was && !is) book_.enable(device->id, now, "", batch);
    judge_all(state, now, batch);
    update_presence(state, now);
    schedule(state);
  }
}

void Partition::use(rules::RuleSetPtr rules, Instant now, Batch& batch) {
  advance(now, batch);
  // An alarm whose rule is gone would never clear: its condition ends with the rule.
  std::vector<std::pair<std::string, std::string>> orphans;
  for (const auto& [id, alarm] : book_.live()) {
    const bool own = building_key(*alarm.subject.place) == kOwnBuilding;
    if (!own && !rules->find(alarm.rule)) orphans.emplace_back(alarm.rule, alarm.subject.text());
  }
  for (const auto& [rule, subject] : orphans) book_.clear(rule, subject, now, "the rule was removed", batch);
  rules_ = std::move(rules);
  for (auto& [no, state] : devices_) {
    std::erase_if(state->slots, [this](const RuleSlot& slot) { return !rules_->find(slot.rule); });
    adopt(*state, state->device);
    judge_all(*state, now, batch);
    schedule(*state);
  }
}

void Partition::clock_stepped(Millis step) {
  now_ += step;
  timers_ = {};
  for (auto& [no, state] : devices_) {
    state->liveness.shift(step);
    for (RuleSlot& slot : state->slots) slot.state.shift(step);
    state->queued_at = kNever;
    if (state->next_check != kNever) state->next_check += step;
    schedule(*state);
  }
}

void Partition::forget(DeviceNo no, Instant now, Batch& batch) {
  DeviceState& state = *devices_.at(no);
  std::vector<std::pair<std::string, std::string>> conditions;
  for (const auto& [id, alarm] : book_.live()) {
    if (alarm.subject.device == state.device->id) conditions.emplace_back(alarm.rule, alarm.subject.text());
  }
  for (const auto& [rule, subject] : conditions) book_.clear(rule, subject, now, "the device was removed", batch);
  if (state.online) --online_;
  if (state.device->mapped) --mapped_;
  std::erase(dirty_, &state);
  devices_.erase(no);
}

// ---- for those who watch ----

std::size_t Partition::unacknowledged_count() const noexcept {
  return static_cast<std::size_t>(std::count_if(book_.live().begin(), book_.live().end(), [](const auto& entry) {
    return needs_acknowledgement(entry.second.state) && !entry.second.overlays.any();
  }));
}

void Partition::live_alarms(std::vector<Alarm>& into) const {
  for (const auto& [id, alarm] : book_.live()) into.push_back(alarm);
}

DeviceSnapshot Partition::snapshot(const DeviceState& state) const {
  return {state.device, state.liveness.presence(state.policy, now_), state.liveness.last_heard(), {}};
}

void Partition::list(std::vector<DeviceSnapshot>& into) const {
  for (const auto& [no, state] : devices_) {
    if (state->device->mapped) into.push_back(snapshot(*state));
  }
}

std::optional<DeviceSnapshot> Partition::one(std::string_view id) const {
  const DevicePtr* known = map_->by_id(id);
  const auto found = known ? devices_.find((*known)->no)
                           : std::find_if(devices_.begin(), devices_.end(),
                                          [id](const auto& entry) { return entry.second->device->id == id; });
  if (found == devices_.end()) return std::nullopt;
  DeviceSnapshot made = snapshot(*found->second);
  made.values = found->second->values.all();
  return made;
}

}  // namespace firegate::partition
