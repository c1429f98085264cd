#include "partition/partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "partition/subject_text.h"

namespace firegate::partition {
namespace {

const PlacePtr& own_place() {
  static const PlacePtr place = [] {
    Place made;
    made.building = {std::string(kOwnBuilding), "firegate"};
    return std::make_shared<const Place>(std::move(made));
  }();
  return place;
}

}  // namespace

// ---- the journey of one message ----

void Partition::receive(const ToPartition& item, Batch& batch) {
  const Instant now = std::max(now_, item.arrived_at);
  advance(now, batch);
  DeviceState& state = speaker(item.device, now);
  if (item.seq != 0 && item.seq <= state.progress->restored) return;  // committed before the restart

  const bool was_overdue = now >= state.overdue_at();
  hear(state, item);
  if (item.raw) batch.raws.push_back({state.device->id, item.raw});
  const Heard heard = take_values(state, item, batch);
  if (was_overdue) {
    judge_all(state, now, batch);  // its values were stale: a delay that came due meanwhile is decided now
  } else {
    judge(state, heard, now, batch);
    judge_absence(state, now, batch);
  }
  for (const Current& pulse : heard.pulses) judge_pulse(state, pulse, now, batch);
  note_test(state, item, batch);
  answer_looks(state, was_overdue ? kAllPoints : heard.points, now);
  judge_askers(now, batch);
  update_presence(state, now);
  schedule(state);
}

// Notes who spoke: the sign of life, the device's own numbering, the position in the inbox.
void Partition::hear(DeviceState& state, const ToPartition& item) {
  const InboxSeq whole = item.unfinished_from == 0 ? item.seq : item.unfinished_from - 1;
  state.progress->seen = std::max(state.progress->seen, whole);
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
  state.heard = true;
  mark_dirty(state);
}

void Partition::mark_dirty(DeviceState& state) {
  if (std::exchange(state.dirty, true)) return;
  dirty_.push_back(&state);
}

// Normalises, stores the current values and keeps history rows. Returns what a rule may have to look at.
Partition::Heard Partition::take_values(DeviceState& state, const ToPartition& item, Batch& batch) {
  Heard heard;
  auto normalised = readings::normalise(item.message, {item.arrived_at, item.retained, item.backlog});
  bad_readings_ += normalised.bad;
  state.values.expect(normalised.values.size());
  for (Current& value : normalised.values) {
    if (readings::is_pulse(item.message.kind, value)) {
      batch.readings.push_back({state.device->id, value});
      heard.pulses.push_back(std::move(value));
      continue;
    }
    const std::pair key(value.point, value.port);
    const readings::Stored stored = readings::store(state.values, std::move(value));
    if (!stored.taken) continue;
    const Current& current = *state.values.find(key.first, key.second);
    if (stored.keep) batch.readings.push_back({state.device->id, current});
    heard.points.set(static_cast<std::size_t>(key.first));
    heard.values.push_back({key.first, key.second, stored.differs});
    if (stored.differs) forget_retained(state, current, batch);
  }
  return heard;
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
    DeviceState& state = found->second;
    if (state.queued_at != at) continue;  // an earlier entry took its place
    state.queued_at = kNever;
    state.next_check = kNever;
    book_.advance(at, batch);
    judge_due(state, at, batch);
    answer_looks(state, kAllPoints, at);
    judge_askers(at, batch);
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
    const std::string& id = state->device->id;
    for (RuleSlot& slot : state->slots.all()) {
      if (!std::exchange(slot.unsaved, false)) continue;
      batch.rule_states.push_back({id, slot.port, (*rules_)[slot.rule].id, slot.state.to_text()});
    }
    const auto heard_at = state->liveness.last_heard();
    if (!std::exchange(state->heard, false) || !heard_at || !state->device->mapped) continue;
    batch.devices.push_back({id, *heard_at, state->boot, state->seq});
  }
  dirty_.clear();
  for (auto& [key, progress] : progress_) {
    if (!progress.dirty) continue;
    progress.dirty = false;
    batch.positions.push_back({key.first, key.second, progress.seen});
  }
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
    if (state.device->mapped) into.push_back(snapshot(state));
  }
}

std::optional<DeviceSnapshot> Partition::one(std::string_view id) const {
  const DevicePtr* known = map_->by_id(id);
  const auto found = known ? devices_.find((*known)->no)
                           : std::find_if(devices_.begin(), devices_.end(),
                                          [id](const auto& entry) { return entry.second.device->id == id; });
  if (found == devices_.end()) return std::nullopt;
  DeviceSnapshot made = snapshot(found->second);
  made.values = found->second.values.all();
  return made;
}

}  // namespace firegate::partition
