#include "alarms/alarm_book.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::alarms {

struct AlarmBook::Cause {
  Instant at{};
  std::string_view why{};
  std::string_view who = "system";
  std::string_view post{};
  const Act* act = nullptr;  // a person's

  std::string name() const { return act ? act->by : std::string(); }
  std::string address() const { return act ? act->address : std::string(); }
};

namespace {

std::string origin_key(std::string_view rule, std::string_view subject) { return fmt::format("{}\n{}", rule, subject); }

// Empty: the alarm belongs to no zone's group.
std::string zone_key(const Alarm& alarm) {
  const Subject& subject = alarm.subject;
  if (!threatens_life(alarm.alarm_class) || !subject.place || subject.place->zone.id.empty()) return {};
  const Place& place = *subject.place;
  return fmt::format("{}\n{}\n{}\n{}\n{}", label(alarm.alarm_class), place.estate.id, place.building.id, place.floor.id,
                     place.zone.id);
}

bool judged_false(const Alarm& alarm) noexcept {
  return alarm.verdict == Verdict::test || alarm.verdict == Verdict::device_fault;
}

// Whether the alarm speaks for a fire (gas, ...) in its zone.
bool counts_in_zone(const Alarm& alarm) noexcept {
  return alarm.state != AlarmState::normal && !alarm.overlays.any() && !alarm.late &&
         alarm.confirmation != Confirmation::unverified && !judged_false(alarm);
}

std::string in_words(const Evidence& evidence) {
  const std::string_view unit = info(evidence.point).unit;
  std::string text = fmt::format("{} {}", name(evidence.point), to_text(evidence.point, evidence.value));
  if (!unit.empty()) text += fmt::format(" {}", unit);
  if (evidence.limit) text += fmt::format(" (limit {})", *evidence.limit);
  return text;
}

std::string in_words(const std::vector<Evidence>& evidence, bool late) {
  std::string text;
  for (const Evidence& entry : evidence) {
    if (!text.empty()) text += ", ";
    text += in_words(entry);
    if (late) text += fmt::format(", measured {}", to_text(entry.at));
  }
  return text;
}

std::string reason_of(const Act& act) {
  std::string text;
  if (act.kind == ActKind::verdict) text = label(*act.verdict);
  if (act.kind == ActKind::shelve) text = fmt::format("until {}", to_text(*act.until));
  if (!text.empty() && !act.why.empty()) text += ": ";
  return text + act.why;
}

AlarmEvent event_of(ActKind kind) noexcept {
  switch (kind) {
    case ActKind::acknowledge: return AlarmEvent::acknowledge;
    case ActKind::unacknowledge: return AlarmEvent::unacknowledge;
    case ActKind::verdict: return AlarmEvent::verdict;
    case ActKind::reset: return AlarmEvent::reset;
    case ActKind::shelve: return AlarmEvent::shelve;
    case ActKind::unshelve: return AlarmEvent::unshelve;
  }
  return AlarmEvent::acknowledge;
}

// What is wrong with the act itself, whatever the alarm; empty when nothing is.
std::string wrong_with(const Act& act, Instant now) {
  if (act.kind == ActKind::verdict && !act.verdict) return "found no verdict, expected one";
  if (act.kind != ActKind::shelve) return {};
  if (!act.until) return "found no end, expected one";
  if (*act.until <= now) return fmt::format("found the end {}, expected a time to come", to_text(*act.until));
  if (*act.until > now + kLongestShelving) {
    return fmt::format("found the end {}, expected {} at the latest", to_text(*act.until),
                       to_text(now + kLongestShelving));
  }
  return {};
}

tl::unexpected<Error> refused(std::string_view what, const Alarm& alarm, Refusal why) {
  return fail(ErrorCode::refused, fmt::format("{} alarm {} on {}: state is {}, {}", what, to_text(alarm.id),
                                              alarm.subject.text(), label(alarm.state), explain(why)));
}

tl::unexpected<Error> unknown_alarm(std::string_view what, AlarmId id) {
  return fail(ErrorCode::not_found, fmt::format("{} alarm {}: no such live alarm", what, to_text(id)));
}

void record(const Alarm& alarm, Batch& batch) {
  batch.urgent = true;
  if (!batch.alarms.empty() && batch.alarms.back().id == alarm.id) {
    batch.alarms.back() = alarm;
  } else {
    batch.alarms.push_back(alarm);
  }
}

// A notice has a revision of its own, because alarm id and revision are its key.
void notify(Alarm& alarm, NoticeKind kind, Instant at, Batch& batch) {
  ++alarm.revision;
  batch.notices.push_back({kind, at, alarm});
}

void notify_all(Alarm& alarm, const Transition& transition, AlarmEvent event, Instant at, Batch& batch) {
  const EffectSet effects = transition.effects;
  if (effects.has(Effect::announce)) notify(alarm, NoticeKind::raised, at, batch);
  if (effects.has(Effect::announce_again)) notify(alarm, NoticeKind::announced_again, at, batch);
  if (effects.has(Effect::returned)) notify(alarm, NoticeKind::returned, at, batch);
  if (event == AlarmEvent::acknowledge) notify(alarm, NoticeKind::acknowledged, at, batch);
  if (event == AlarmEvent::verdict) notify(alarm, NoticeKind::verdict, at, batch);
  if (effects.has(Effect::ended)) notify(alarm, NoticeKind::ended, at, batch);
}

void judge(Alarm& alarm, const Act& act) {
  alarm.verdict = act.verdict;
  alarm.verdict_by = act.by;
  if (act.verdict == Verdict::real) {
    alarm.confirmation = Confirmation::verified;
  } else if (alarm.confirmation == Confirmation::verified) {
    alarm.confirmation = Confirmation::single;
  }
}

// The fields of the alarm that follow from the transition.
void follow(Alarm& alarm, const Transition& transition, AlarmEvent event, Instant at, const Act* act) {
  const bool was_acknowledged = !needs_acknowledgement(alarm.state);
  alarm.state = transition.next.state;
  alarm.overlays = transition.next.overlays;
  alarm.changed_at = at;
  if (transition.effects.has(Effect::count_occurrence)) {
    ++alarm.occurrences;
    alarm.last_raised_at = at;
    alarm.returned_at.reset();
  }
  if (event == AlarmEvent::clear) alarm.returned_at = at;
  if (was_acknowledged && needs_acknowledgement(alarm.state)) {
    alarm.acknowledged_at.reset();
    alarm.acknowledged_by.clear();
  }
  if (transition.effects.has(Effect::forget_verdict)) {
    alarm.verdict.reset();
    alarm.verdict_by.clear();
    if (alarm.confirmation == Confirmation::verified) alarm.confirmation = Confirmation::single;
  }
  if (!act) return;
  if (event == AlarmEvent::acknowledge) {
    alarm.acknowledged_at = at;
    alarm.acknowledged_by = act->by;
  }
  if (event == AlarmEvent::verdict) judge(alarm, *act);
}

}  // namespace

// The alarm of this rule and subject; a new one, not yet raised, when none is live.
Alarm& AlarmBook::open(Raise& raise) {
  const std::string subject = raise.subject.text();
  if (const auto known = by_origin_.find(origin_key(raise.rule, subject)); known != by_origin_.end()) {
    return live_.at(known->second);
  }
  Alarm alarm;
  alarm.id = alarm_id(raise.rule, subject, raise.at);
  alarm.rule = std::move(raise.rule);
  alarm.alarm_class = raise.alarm_class;
  alarm.subject = std::move(raise.subject);
  alarm.confirmation = raise.confirmation;
  alarm.first_raised_at = raise.at;
  if (raise.out_of_service) alarm.overlays.set(Overlay::out_of_service);
  keep(alarm);
  return live_.at(alarm.id);
}

AlarmId AlarmBook::raise(Raise raise, Batch& batch) {
  const std::string why = raise.why.empty() ? in_words(raise.evidence, raise.late) : std::move(raise.why);
  const Cause cause{raise.at, why};
  Alarm& alarm = open(raise);
  const AlarmId id = alarm.id;
  if (raise.out_of_service) apply(id, AlarmEvent::disable, cause, batch);
  const bool counted = condition_present(alarm.state) && counts_in_zone(alarm);
  const bool proven = alarm.confirmation == Confirmation::unverified && raise.confirmation > Confirmation::unverified;
  alarm.late = raise.late;
  if (!raise.evidence.empty()) alarm.evidence = std::move(raise.evidence);
  apply(id, AlarmEvent::raise, cause, batch);
  if (proven) {
    confirm(alarm, raise.confirmation, cause, batch);
    apply(id, AlarmEvent::zone_raise, cause, batch);
  }
  if (!counted) tell_zone(alarm, cause, batch);
  if (raise.pulse) apply(id, AlarmEvent::clear, {raise.at, "a pulse, gone at once"}, batch);
  return id;
}

// The others of the zone become unacknowledged again; two devices confirm a fire.
void AlarmBook::tell_zone(Alarm& alarm, const Cause& cause, Batch& batch) {
  if (!counts_in_zone(alarm)) return;
  const std::vector<AlarmId> partners = zone_partners(alarm);
  const std::string why = fmt::format("{} in the same zone", alarm.subject.text());
  const Cause for_partners{cause.at, why};
  const bool confirms = alarm.alarm_class == AlarmClass::fire_alarm;
  for (const AlarmId partner : partners) {
    Alarm& other = live_.at(partner);
    if (confirms) confirm(other, Confirmation::confirmed, for_partners, batch);
    apply(partner, AlarmEvent::zone_raise, for_partners, batch);
  }
  if (confirms && !partners.empty()) {
    const std::string by = fmt::format("{} in the same zone", live_.at(partners.front()).subject.text());
    confirm(alarm, Confirmation::confirmed, {cause.at, by}, batch);
  }
}

std::vector<AlarmId> AlarmBook::zone_partners(const Alarm& alarm) const {
  std::vector<AlarmId> partners;
  const auto group = by_zone_.find(zone_key(alarm));
  if (group == by_zone_.end()) return partners;
  for (const AlarmId id : group->second) {
    const Alarm& other = live_.at(id);
    if (other.subject.device != alarm.subject.device && counts_in_zone(other)) partners.push_back(id);
  }
  return partners;
}

// Only ever makes the confirmation stronger.
void AlarmBook::confirm(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch) {
  if (now <= alarm.confirmation) return;
  batch.journal.push_back({cause.at, "confirmation", alarm.id, alarm.subject.text(),
                           std::string(label(alarm.confirmation)), std::string(label(now)), std::string(cause.who), "",
                           std::string(cause.why), cause.name(), cause.address()});
  alarm.confirmation = now;
  alarm.changed_at = cause.at;
  if (alarm.overlays.any()) {
    ++alarm.revision;
  } else {
    notify(alarm, NoticeKind::confirmed, cause.at, batch);
  }
  record(alarm, batch);
}

bool AlarmBook::clear(std::string_view rule, std::string_view subject, Instant at, std::string_view why, Batch& batch) {
  const Alarm* alarm = find(rule, subject);
  if (!alarm || !condition_present(alarm->state)) return false;
  apply(alarm->id, AlarmEvent::clear, {at, why}, batch);
  return true;
}

Result<Alarm> AlarmBook::act(const Act& act, Instant now, Batch& batch) {
  const std::string_view what = label(act.kind);
  const Alarm* known = find(act.alarm);
  if (!known) return unknown_alarm(what, act.alarm);
  if (const std::string wrong = wrong_with(act, now); !wrong.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("{} alarm {}: {}", what, to_text(act.alarm), wrong));
  }
  const std::string why = reason_of(act);
  return apply_for(act.alarm, event_of(act.kind), {now, why, act.who.empty() ? act.by : act.who, act.post, &act}, batch);
}

Result<Alarm> AlarmBook::suppress(AlarmId id, Instant now, std::string_view why, Batch& batch) {
  if (!find(id)) return unknown_alarm("suppress", id);
  return apply_for(id, AlarmEvent::suppress, {now, why}, batch);
}

Result<Alarm> AlarmBook::unsuppress(AlarmId id, Instant now, std::string_view why, Batch& batch) {
  if (!find(id)) return unknown_alarm("unsuppress", id);
  return apply_for(id, AlarmEvent::unsuppress, {now, why}, batch);
}

// As `apply`, with the alarm as it is then: it may leave the book by this event.
Result<Alarm> AlarmBook::apply_for(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch) {
  const Alarm before = live_.at(id);
  if (const Refusal why = apply(id, event, cause, batch); why != Refusal::none) {
    return refused(label(event), before, why);
  }
  const Alarm* after = find(id);
  return after ? *after : batch.alarms.back();
}

void AlarmBook::disable(std::string_view device, Instant now, std::string_view why, Batch& batch) {
  for_device(device, AlarmEvent::disable, now, why, batch);
}

void AlarmBook::enable(std::string_view device, Instant now, std::string_view why, Batch& batch) {
  for_device(device, AlarmEvent::enable, now, why, batch);
}

void AlarmBook::for_device(std::string_view device, AlarmEvent event, Instant now, std::string_view why, Batch& batch) {
  std::vector<AlarmId> ids;
  for (const auto& [id, alarm] : live_) {
    if (alarm.subject.device == device) ids.push_back(id);
  }
  for (const AlarmId id : ids) apply(id, event, {now, why}, batch);
}

void AlarmBook::mark_not_recorded(AlarmId id, bool not_recorded) {
  if (const auto alarm = live_.find(id); alarm != live_.end()) alarm->second.not_recorded = not_recorded;
}

// The one way in which an alarm changes its state or its overlays.
Refusal AlarmBook::apply(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch) {
  Alarm& alarm = live_.at(id);
  const Standing from{alarm.state, alarm.overlays, alarm.verdict.has_value()};
  const Transition transition = step(from, policy_of(alarm.alarm_class), event);
  if (transition.refusal != Refusal::none || !transition.effects.any()) return transition.refusal;
  follow(alarm, transition, event, cause.at, cause.act);
  reschedule(alarm, cause.act);
  batch.journal.push_back({cause.at, std::string(label(event)), id, alarm.subject.text(),
                           std::string(label(from.state)), std::string(label(alarm.state)), std::string(cause.who),
                           std::string(cause.post), std::string(cause.why), cause.name(), cause.address()});
  const std::uint32_t before = alarm.revision;
  notify_all(alarm, transition, event, cause.at, batch);
  if (alarm.revision == before) ++alarm.revision;
  record(alarm, batch);
  if (transition.effects.has(Effect::ended)) drop(id);
  return Refusal::none;
}

void AlarmBook::reschedule(Alarm& alarm, const Act* act) {
  const std::optional<Instant> before = alarm.shelved_until;
  if (act && act->kind == ActKind::shelve) alarm.shelved_until = act->until;
  if (!alarm.overlays.has(Overlay::shelved)) alarm.shelved_until.reset();
  if (before) shelvings_.erase({*before, alarm.id});
  if (alarm.shelved_until) shelvings_.emplace(*alarm.shelved_until, alarm.id);
}

Instant AlarmBook::next_deadline() const noexcept { return shelvings_.empty() ? kNever : shelvings_.begin()->first; }

void AlarmBook::advance(Instant now, Batch& batch) {
  while (next_deadline() <= now) {
    const auto [until, id] = *shelvings_.begin();
    apply(id, AlarmEvent::shelve_timeout, {until, "its time is over"}, batch);
  }
}

void AlarmBook::restore(std::vector<Alarm> alarms) {
  for (const Alarm& alarm : alarms) {
    if (is_live(alarm)) keep(alarm);
  }
}

void AlarmBook::keep(const Alarm& alarm) {
  live_.insert_or_assign(alarm.id, alarm);
  by_origin_.insert_or_assign(origin_key(alarm.rule, alarm.subject.text()), alarm.id);
  if (const std::string zone = zone_key(alarm); !zone.empty()) by_zone_[zone].insert(alarm.id);
  if (alarm.shelved_until) shelvings_.emplace(*alarm.shelved_until, alarm.id);
}

void AlarmBook::drop(AlarmId id) {
  const auto alarm = live_.find(id);
  by_origin_.erase(origin_key(alarm->second.rule, alarm->second.subject.text()));
  if (const auto group = by_zone_.find(zone_key(alarm->second)); group != by_zone_.end()) {
    group->second.erase(id);
    if (group->second.empty()) by_zone_.erase(group);
  }
  live_.erase(alarm);
}

const Alarm* AlarmBook::find(AlarmId id) const noexcept {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

const Alarm* AlarmBook::find(std::string_view rule, std::string_view subject) const {
  const auto found = by_origin_.find(origin_key(rule, subject));
  return found == by_origin_.end() ? nullptr : find(found->second);
}

}  // namespace firegate::alarms
