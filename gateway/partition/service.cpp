// Partition: devices that are out of service or in test. Both end by themselves, at their own time.
#include <algorithm>

#include "partition/partition.h"
#include "partition/subject_text.h"

namespace firegate::partition {
namespace {

// Where the model says when it is being tested, only that, or a fire, is the test.
bool speaks_for_test(const DeviceMessage& message) noexcept {
  return std::any_of(message.readings.begin(), message.readings.end(), [](const Reading& reading) {
    const bool* truth = as_bool(reading.value);
    return truth && *truth && (reading.point == Point::test || says_fire(reading.point));
  });
}

}  // namespace

// Of what was kept: alarms of class `test` by rules of another class were raised in a test. Where it has ended while we
// were away, the first timer says so.
void Partition::restore_service() {
  for (const auto& [id, alarm] : book_.live()) {
    if (alarm.alarm_class != AlarmClass::test) continue;
    const auto rule = rules_->find(alarm.rule);
    const bool own = rule && std::ranges::any_of((*rules_)[*rule].steps, [](const rules::Step& step) {
                       return step.alarm_class == AlarmClass::test;
                     });
    if (own) continue;
    book_.restore_in_test(id);
    const DevicePtr* device = map_->by_id(alarm.subject.device);
    const auto found = device ? devices_.find((*device)->no) : devices_.end();
    if (found != devices_.end()) found->second.in_test = true;
  }
  for (auto& [no, state] : devices_) {
    state.disabled = state.device->disablement != nullptr;
    state.in_test = state.in_test || state.device->test != nullptr;
    if (state.in_test && !state.device->test) state.next_check = now_;
    state.next_check = std::min(state.next_check, service_ends(state));
  }
}

// Brings the book to what is: called when the device changes and when something of it is due.
void Partition::settle_service(DeviceState& state, Instant now, Batch& batch) {
  const Device& device = *state.device;
  const bool disabled = state.is_disabled(now), in_test = state.is_in_test(now);
  const bool was_disabled = std::exchange(state.disabled, disabled);
  if (disabled && !was_disabled) book_.disable(device.id, now, device.disablement->reason, batch);
  if (!disabled && was_disabled) book_.enable(device.id, now, "", batch);
  if (std::exchange(state.in_test, in_test) && !in_test) end_test(state, now, batch);
  state.next_check = std::min(state.next_check, service_ends(state));
}

// What a rule still finds is real from now on, whatever was held back until now. Rules themselves know nothing of
// tests: their states went on, so none of them would say it again by itself.
void Partition::end_test(const DeviceState& state, Instant now, Batch& batch) {
  for (const RuleSlot& slot : state.slots.all()) {
    const rules::Rule& rule = rule_for(state, slot.rule);
    const std::uint8_t level = slot.state.level();
    if (level == 0 || level > rule.steps.size() || !rule.enabled) continue;
    rules::Judgement still;
    still.answer = rules::Answer::active;
    still.alarm_class = rule.steps[level - 1u].alarm_class;
    still.level = level;
    const Alarm* known = book_.find(rule.id, subject_text(*state.device, slot.port));
    if (known && !book_.is_in_test(known->id) && condition_present(known->state) &&
        known->alarm_class == still.alarm_class) {
      continue;  // it was real before the test and is
    }
    if (known) still.evidence = known->evidence;
    alarms::Raise raise = raise_of(state, rule, slot.port, still, now);
    if (slot.state.unproven()) raise.confirmation = Confirmation::unverified;
    raise.why = "the test has ended and the condition is still there";
    book_.raise(std::move(raise), batch);
  }
}

// The first message of the device itself within the test.
void Partition::note_test(DeviceState& state, const ToPartition& item, Batch& batch) const {
  const TestWindow* test = state.device->test.get();
  if (!test || test->passed || state.passed_test == test->no) return;
  if (item.retained || item.message.kind == MessageKind::will) return;
  if (item.arrived_at < test->at || item.arrived_at >= test->until) return;
  if (test->needs_flag && !speaks_for_test(item.message)) return;
  state.passed_test = test->no;
  TestRow row;
  row.device = state.device->id;
  row.no = test->no;
  row.at = item.arrived_at;
  row.raw = item.raw;
  for (const Reading& reading : item.message.readings) {
    const double* number = as_number(reading.value);
    if (reading.point == Point::signal_dbm && number) row.signal_dbm = *number;
  }
  batch.tests.push_back(std::move(row));
  batch.urgent = true;  // somebody stands in the corridor and waits
}

}  // namespace firegate::partition
