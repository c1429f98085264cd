// Partition: devices come, change and go, and so do the rules; what was kept comes back.
#include <algorithm>
#include <utility>

#include "partition/partition.h"

namespace firegate::partition {

Partition::Partition(Owns owns, rules::RuleSetPtr rules, DeviceMapPtr map, const Restored& restored, Instant now)
    : owns_(std::move(owns)), rules_(std::move(rules)), map_(std::move(map)), now_(now) {
  for (const Position& position : restored.positions) {
    if (owns_(position.building)) progress_[{position.building, position.source}].restored = position.seq;
  }
  for (const DevicePtr& device : map_->devices()) {
    if (owns_(building_key(*device->place))) state_of(device, now);
  }
  restore(restored);
  restore_service();
  for (auto& [no, state] : devices_) {
    // Only the deadlines are wanted here; what is due fires with the first `advance`.
    if (!rules_->absence(state.device->kind).empty()) {
      state.next_check = std::min(state.next_check, state.liveness.lost_at(state.policy));
    }
    for (const RuleSlot& slot : state.slots.all()) state.next_check = std::min(state.next_check, slot.check_at);
    answer_looks(state, kAllPoints, now);
    update_presence(state, now);
    schedule(state);
  }
  askers_.clear();  // nobody has heard anything yet
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
    return found == devices_.end() ? nullptr : &found->second;
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
    const auto rule = rules_->find(row.rule);
    auto rule_state = rules::RuleState::from_text(row.state);
    if (!state || !rule || !rule_state || rule_state->is_default()) continue;
    const Instant due = rule_state->due();
    if (!state->slots.find(*rule, row.port)) {
      state->slots.put({.rule = *rule, .port = row.port, .state = std::move(*rule_state), .check_at = due});
    }
  }
  for (const RetainedFireRow& row : restored.retained_fires) retained_fires_.emplace(row.subject, row.point);
}

// A mapped device is what the map says: a message on its way may still carry what it was.
DeviceState& Partition::speaker(const DevicePtr& device, Instant now) {
  const auto known = devices_.find(device->no);
  return known != devices_.end() && known->second.device->mapped ? known->second : state_of(device, now);
}

DeviceState& Partition::state_of(const DevicePtr& device, Instant now) {
  const auto [found, is_new] = devices_.try_emplace(device->no);
  DeviceState& state = found->second;
  if (is_new) {
    state.liveness.arm(now);
    mapped_ += device->mapped ? 1 : 0;
  }
  if (state.device != device) {
    adopt(state, device);
    answer_looks(state, kAllPoints, now);
  }
  return state;
}

void Partition::adopt(DeviceState& state, const DevicePtr& device) {
  leave_looks(state, device->no);
  state.device = device;
  state.looks = neighbours_.join(*rules_, *device);
  state.overridden = rules_->overridden(*device);
  state.progress = &progress_[{building_key(*device->place), device->source}];
  state.policy = {device->interval, readings::jitter_of(device->id, device->interval),
                  rules_->offline_delay(device->kind, device->format)};
}

void Partition::use(DeviceMapPtr map, Instant now, Batch& batch) {
  advance(now, batch);
  map_ = std::move(map);
  std::vector<std::pair<DeviceNo, std::string_view>> gone;
  for (const auto& [no, state] : devices_) {
    const Device& was = *state.device;
    const DevicePtr* device = was.mapped ? map_->by_no(no) : map_->by_address(was.source, was.format, was.address);
    if (!was.mapped && device) gone.emplace_back(no, "the device was adopted");
    if (was.mapped && (!device || !owns_(building_key(*(*device)->place)))) gone.emplace_back(no, "the device was removed");
  }
  for (const auto& [no, why] : gone) forget(no, why, now, batch);
  for (const DevicePtr& device : map_->devices()) {
    const auto known = devices_.find(device->no);
    if (known != devices_.end() && known->second.device == device) continue;  // as it was
    if (!owns_(building_key(*device->place))) continue;
    DeviceState& state = state_of(device, now);
    settle_service(state, now, batch);
    judge_all(state, now, batch);
    answer_looks(state, kAllPoints, now);
    update_presence(state, now);
    schedule(state);
  }
  judge_askers(now, batch);
}

void Partition::use(rules::RuleSetPtr rules, Instant now, Batch& batch) {
  advance(now, batch);
  // An alarm whose rule is gone would never clear: its condition ends with the rule.
  std::vector<std::pair<std::string, std::string>> orphans;
  for (const auto& [id, alarm] : book_.live()) {
    const bool own = building_key(*alarm.subject.place) == kOwnBuilding || alarms::is_built_in(alarm.rule);
    if (!own && !rules->find(alarm.rule)) orphans.emplace_back(alarm.rule, alarm.subject.text());
  }
  for (const auto& [rule, subject] : orphans) book_.clear(rule, subject, now, "the rule was removed", batch);
  const rules::RuleSetPtr before = std::exchange(rules_, std::move(rules));
  for (auto& [no, state] : devices_) state.looks.clear();
  neighbours_.clear();
  for (auto& [no, state] : devices_) {
    renumber(state, *before);
    adopt(state, state.device);
    judge_all(state, now, batch);
    answer_looks(state, kAllPoints, now);
    schedule(state);
  }
  judge_askers(now, batch);
}

// Slots go by the numbers of the rules, which are other ones now. What a rule that is gone remembered goes with it; of
// one that was changed the alarm and its delay stay, the windows begin anew.
void Partition::renumber(DeviceState& state, const rules::RuleSet& before) const {
  std::erase_if(state.slots.all(), [&](const RuleSlot& slot) { return !rules_->find(before[slot.rule].id); });
  for (RuleSlot& slot : state.slots.all()) {
    const rules::Rule& old = before[slot.rule];
    slot.rule = *rules_->find(old.id);
    if (rules::in_words(old) != rules::in_words((*rules_)[slot.rule])) slot.state.forget_past();
  }
  state.slots.sort();
}

namespace {

// What the device timed itself stays; what we timed moves along.
void shift(CurrentValues& values, Millis step) {
  for (Current value : std::vector<Current>(values.all())) {
    if (value.measured_at == value.updated_at) value.measured_at += step;
    value.changed_at += step;
    value.updated_at += step;
    values.put(std::move(value));
  }
}

}  // namespace

void Partition::clock_stepped(Millis step) {
  now_ += step;
  timers_ = {};
  book_.clock_stepped(step);
  for (auto& [no, state] : devices_) {
    state.liveness.shift(step);
    shift(state.values, step);
    for (RuleSlot& slot : state.slots.all()) {
      slot.state.shift(step);
      if (slot.check_at != kNever) slot.check_at += step;
    }
    state.queued_at = kNever;
    if (state.next_check != kNever) state.next_check += step;
    state.next_check = std::min(state.next_check, service_ends(state));
    schedule(state);
  }
}

void Partition::forget(DeviceNo no, std::string_view why, Instant now, Batch& batch) {
  DeviceState& state = devices_.at(no);
  std::vector<std::pair<std::string, std::string>> conditions;
  for (const auto& [id, alarm] : book_.live()) {
    if (alarm.subject.device == state.device->id) conditions.emplace_back(alarm.rule, alarm.subject.text());
  }
  for (const auto& [rule, subject] : conditions) book_.clear(rule, subject, now, why, batch);
  leave_looks(state, no);
  if (state.online) --online_;
  if (state.device->mapped) --mapped_;
  std::erase(dirty_, &state);
  devices_.erase(no);
}

}  // namespace firegate::partition
