// The part of AlarmBook that puts losses under their cause (lines.h).
#include <fmt/format.h>

#include <algorithm>

#include "alarms/alarm_book.h"
#include "alarms/alarm_book_cause.h"

namespace firegate::alarms {
namespace {

PlacePtr building_of(const Place& place) {
  auto building = std::make_shared<Place>();
  building->estate = place.estate;
  building->building = place.building;
  return building;
}

// Whether people can see it as what explains others: it is there, and nothing keeps it quiet.
bool may_explain(const Alarm& hub) noexcept { return condition_present(hub.state) && !hub.overlays.any(); }

}  // namespace

// Before the raise of a loss: with a cause it is suppressed from the start.
void AlarmBook::join_line(Alarm& alarm, const Cause& cause, Batch& batch) {
  lines_.add(alarm);
  const Lines::Key key = Lines::key_of(alarm);
  if (key.empty() || is_hub(alarm.subject.kind) || alarm.rule == kLineDown) return;
  if (lines_.at(key).cause == AlarmId{}) find_cause(key, alarm, cause, batch);
  if (const AlarmId by = lines_.at(key).cause; by != AlarmId{}) explain_by(alarm.id, by, cause.at, batch);
}

// After the raise of a hub: it explains what was lost just before.
void AlarmBook::lead_line(const Alarm& hub, const Cause& cause, Batch& batch) {
  const Lines::Key key = Lines::key_of(hub);
  if (key.empty() || !is_hub(hub.subject.kind) || hub.rule == kLineDown || !may_explain(hub)) return;
  if (lines_.at(key).cause == hub.id) lines_.unsettle(key);
  const std::vector<AlarmId> losses = recent_losses(key, hub.id, cause.at);
  if (lines_.at(key).cause != AlarmId{} || losses.empty()) return;
  lines_.has_cause(key, hub.id);
  for (const AlarmId loss : losses) explain_by(loss, hub.id, cause.at, batch);
}

void AlarmBook::find_cause(const Lines::Key& key, const Alarm& loss, const Cause& cause, Batch& batch) {
  const auto& hubs = lines_.at(key).hubs;
  const auto hub = std::find_if(hubs.begin(), hubs.end(), [this](AlarmId id) { return may_explain(live_.at(id)); });
  const std::vector<AlarmId> others = recent_losses(key, loss.id, cause.at);
  AlarmId by{};
  if (hub != hubs.end()) {
    by = *hub;
  } else {
    std::set<std::string_view> devices{loss.subject.device};
    for (const AlarmId other : others) devices.insert(live_.at(other).subject.device);
    if (devices.size() < kLineLosses) return;
    by = raise_line_down(loss, devices.size(), cause.at, batch);
  }
  lines_.has_cause(key, by);
  for (const AlarmId other : others) explain_by(other, by, cause.at, batch);
}

AlarmId AlarmBook::raise_line_down(const Alarm& loss, std::size_t losses, Instant at, Batch& batch) {
  Raise down;
  down.rule = kLineDown;
  down.alarm_class = AlarmClass::fault;
  // With its building: an alarm's id is made of rule, subject and moment, and one power cut takes a line of many
  // buildings.
  const std::string device = fmt::format("line:{}/{}", building_key(*loss.subject.place), loss.line);
  down.subject = {device, kNoPort, loss.line, DeviceKind::gateway, true, building_of(*loss.subject.place)};
  down.at = at;
  down.line = loss.line;
  down.why = fmt::format("line down: {} devices of {} lost within {} min", losses, loss.line,
                         kLineWindow / std::chrono::minutes{1});
  return raise(std::move(down), batch);
}

// Those that nothing explains yet and nothing keeps quiet.
std::vector<AlarmId> AlarmBook::recent_losses(const Lines::Key& key, AlarmId but, Instant at) {
  std::vector<AlarmId> recent;
  for (const AlarmId id : lines_.at(key).losses) {
    const Alarm& loss = live_.at(id);
    const bool is_recent = loss.last_raised_at > at - kLineWindow;
    if (id != but && is_recent && condition_present(loss.state) && !loss.overlays.any()) recent.push_back(id);
  }
  return recent;
}

void AlarmBook::explain_by(AlarmId id, AlarmId by, Instant at, Batch& batch) {
  const Alarm* cause = find(by);
  const std::string why = fmt::format("explained by {} on {}", to_text(by), cause ? cause->subject.text() : "a line");
  Alarm& loss = live_.at(id);
  if (loss.cause != AlarmId{} || apply(id, AlarmEvent::suppress, {at, why}, batch) != Refusal::none) return;
  loss.cause = by;
  record(loss, batch);
  count_consequence(by, 1, batch);
}

void AlarmBook::count_consequence(AlarmId by, int change_by, Batch& batch) {
  Alarm* cause = change(by);
  if (!cause) return;
  cause->consequences = static_cast<std::uint32_t>(static_cast<int>(cause->consequences) + change_by);
  ++cause->revision;
  record(*cause, batch);
}

// Something of the line is there again. A consequence that returned ends with it: nobody was told of it, and who
// acknowledges the cause has acknowledged it.
void AlarmBook::leave_line(const Alarm& gone, Instant at, Batch& batch) {
  const Lines::Key key = Lines::key_of(gone);
  if (gone.cause != AlarmId{}) {
    const std::string why = fmt::format("explained by {}", to_text(gone.cause));
    apply(gone.id, AlarmEvent::acknowledge, {at, why}, batch);
    if (find(gone.id)) apply(gone.id, AlarmEvent::unsuppress, {at, why}, batch);
  }
  Line* line = lines_.find(key);
  if (!line || line->cause == AlarmId{}) return;
  const bool hub_is_back = line->cause == gone.id;
  if (!hub_is_back && gone.cause != line->cause) return;
  const Alarm* cause = find(line->cause);
  const bool by_hub = cause && cause->rule != kLineDown && condition_present(cause->state);
  if (by_hub) return;  // one of its devices speaks, and it does not: it is not over
  const bool all_back = std::none_of(line->losses.begin(), line->losses.end(),
                                     [&](AlarmId id) { return live_.at(id).cause == line->cause; });
  lines_.settle(key, all_back ? at : at + kLineSettles);
  if (all_back) release_line(key, at, batch);
}

void AlarmBook::release_line(const Lines::Key& key, Instant at, Batch& batch) {
  const Line line = lines_.at(key);
  for (const AlarmId id : line.losses) {
    if (live_.at(id).cause == line.cause) apply(id, AlarmEvent::unsuppress, {at, "the line is up, it is not"}, batch);
  }
  lines_.forget_cause(key);
  const Alarm* cause = find(line.cause);
  if (cause && cause->rule == kLineDown && condition_present(cause->state)) {
    apply(line.cause, AlarmEvent::clear, {at, "the line is up"}, batch);
  }
}

// After a restart: who was under which cause, and when a line that had begun to speak settles.
void AlarmBook::restore_lines() {
  for (const auto& [id, alarm] : live_) {
    const Lines::Key key = Lines::key_of(alarm);
    if (alarm.rule == kLineDown && condition_present(alarm.state)) lines_.has_cause(key, id);
    if (alarm.cause != AlarmId{} && !key.empty()) lines_.has_cause(key, alarm.cause);
  }
  for (const auto& [id, alarm] : live_) {
    if (alarm.cause == AlarmId{}) continue;
    const Alarm* cause = find(alarm.cause);
    if (cause && condition_present(cause->state)) continue;
    lines_.settle(Lines::key_of(alarm), cause && cause->returned_at ? *cause->returned_at + kLineSettles : Instant{});
  }
}

}  // namespace firegate::alarms
