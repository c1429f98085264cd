#include "alarms/alarm_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "alarms/alarm_book_cause.h"

namespace firegate::alarms {

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

// Who speaks for the alarm.
std::set<std::string_view> speakers(const Alarm& alarm) {
  std::set<std::string_view> devices;
  for (const Evidence& one : alarm.evidence) devices.insert(one.device.empty() ? alarm.subject.device : one.device);
  if (devices.empty()) devices.insert(alarm.subject.device);
  return devices;
}

// Two alarms of one zone are two triggers only when two devices speak: what a rule says about a zone and the device
// whose value it saw are one.
bool independent(const Alarm& a, const Alarm& b) {
  if (a.subject.device == b.subject.device) return false;
  std::set<std::string_view> devices = speakers(a);
  devices.merge(speakers(b));
  return devices.size() > 1;
}

std::string in_words(const Evidence& evidence) {
  const std::string_view unit = info(evidence.point).unit;
  std::string text = fmt::format("{} {}", name(evidence.point), to_text(evidence.point, evidence.value));
  if (!evidence.device.empty()) text.insert(0, evidence.device + " ");
  if (!unit.empty()) text += fmt::format(" {}", unit);
  if (evidence.limit) text += fmt::format(" (limit {})", *evidence.limit);
  if (evidence.share_pct) text += fmt::format(" ({:.0f} %)", *evidence.share_pct);
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
  if (act.why.empty()) return "found no reason, expected one";
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

// A notice has a revision of its own, because alarm id and revision are its key.
void notify(Alarm& alarm, NoticeKind kind, Instant at, Batch& batch) {
  ++alarm.revision;
  batch.notices.push_back({kind, at, alarm});
}

void notify_all(Alarm& alarm, EffectSet effects, AlarmEvent event, const Act* act, Instant at, Batch& batch) {
  if (effects.has(Effect::announce)) notify(alarm, NoticeKind::raised, at, batch);
  if (effects.has(Effect::announce_again)) notify(alarm, NoticeKind::announced_again, at, batch);
  if (effects.has(Effect::returned)) notify(alarm, NoticeKind::returned, at, batch);
  if (effects.has(Effect::stepped_down)) notify(alarm, NoticeKind::stepped_down, at, batch);
  if (event == AlarmEvent::acknowledge && act) notify(alarm, NoticeKind::acknowledged, at, batch);
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

// While it chatters, its comings and goings are not told; what people do, and a step of its class, are.
EffectSet told(const Alarm& alarm, EffectSet effects, AlarmEvent event) noexcept {
  const bool comes_or_goes = event == AlarmEvent::raise || event == AlarmEvent::clear;
  if (!alarm.chattering || !comes_or_goes || threatens_life(alarm.alarm_class)) return effects;
  return effects.without(Effect::announce).without(Effect::announce_again).without(Effect::returned);
}

// A row about the alarm that is no transition of it.
void write_row(std::string_view kind, const Alarm& alarm, Instant at, std::string_view why, Batch& batch) {
  const std::string state(label(alarm.state));
  batch.journal.push_back(
      {at, std::string(kind), alarm.id, alarm.subject.text(), state, state, "system", "", std::string(why), "", ""});
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
  alarm.line = std::move(raise.line);
  alarm.first_raised_at = raise.at;
  if (raise.out_of_service) alarm.overlays.set(Overlay::out_of_service);
  keep(alarm);
  return live_.at(alarm.id);
}

// What somebody makes the device say, to hear it. A real alarm that is live already is nobody's test.
AlarmId AlarmBook::raise_in_test(Raise raise, Batch& batch) {
  const Alarm* known = find(raise.rule, raise.subject.text());
  if (known && !is_in_test(known->id)) return known->id;
  const std::string why = "in test: " + (raise.why.empty() ? in_words(raise.evidence, raise.late) : raise.why);
  const Cause cause{raise.at, why};
  raise.alarm_class = AlarmClass::test;
  raise.confirmation = Confirmation::single;
  raise.line.clear();
  Alarm& alarm = open(raise);
  const AlarmId id = alarm.id;
  in_test_.insert(id);
  if (!raise.evidence.empty()) alarm.evidence = std::move(raise.evidence);
  if (raise.out_of_service) apply(id, AlarmEvent::disable, cause, batch);
  if (!condition_present(alarm.state)) apply(id, AlarmEvent::raise, cause, batch);
  apply(id, AlarmEvent::acknowledge, {raise.at, "in test"}, batch);
  if (raise.pulse) apply(id, AlarmEvent::clear, {raise.at, "a pulse, gone at once"}, batch);
  return id;
}

// True when the alarm of this raise was one of a test: from now on it counts as any other, from its beginning.
bool AlarmBook::leave_test(const Raise& raise) {
  const Alarm* known = find(raise.rule, raise.subject.text());
  if (!known || in_test_.erase(known->id) == 0) return false;
  Alarm& alarm = live_.at(known->id);
  alarm.first_raised_at = alarm.last_raised_at = raise.at;
  alarm.occurrences = condition_present(alarm.state) ? 1 : 0;
  alarm.confirmation = raise.confirmation;
  alarm.acknowledged_at.reset();
  alarm.acknowledged_by.clear();
  return true;
}

AlarmId AlarmBook::raise(Raise raise, Batch& batch) {
  if (raise.in_test) return raise_in_test(std::move(raise), batch);
  const std::string why = raise.why.empty() ? in_words(raise.evidence, raise.late) : std::move(raise.why);
  Cause cause{raise.at, why};
  cause.out_of_test = leave_test(raise);
  const Stepped stepped = step_class(raise, cause, batch);
  Alarm& alarm = open(raise);
  const AlarmId id = alarm.id;
  const bool present = condition_present(alarm.state);
  if (present && stepped == Stepped::refused) return id;
  if (raise.out_of_service) apply(id, AlarmEvent::disable, cause, batch);
  const bool counted = present && stepped != Stepped::up && counts_in_zone(alarm);
  const bool proven = raise.confirmation > alarm.confirmation;
  alarm.late = raise.late;
  if (!raise.evidence.empty()) alarm.evidence = std::move(raise.evidence);
  if (!present) {
    note_chatter(alarm, raise.at, batch);
    join_line(alarm, cause, batch);
  }
  if (!present || stepped == Stepped::no) apply(id, AlarmEvent::raise, cause, batch);
  if (!present) lead_line(alarm, cause, batch);
  if (proven) {
    confirm(alarm, raise.confirmation, cause, batch);
    apply(id, AlarmEvent::zone_raise, cause, batch);
  }
  if (!counted) tell_zone(alarm, cause, batch);
  if (raise.pulse) apply(id, AlarmEvent::clear, {raise.at, "a pulse, gone at once"}, batch);
  return id;
}

// A live alarm that is raised in another class moves there, where the lifecycle lets it.
AlarmBook::Stepped AlarmBook::step_class(const Raise& raise, const Cause& cause, Batch& batch) {
  const Alarm* known = find(raise.rule, raise.subject.text());
  if (!known || known->alarm_class == raise.alarm_class) return Stepped::no;
  const bool up = info(raise.alarm_class).priority <= info(known->alarm_class).priority;
  const std::string why = fmt::format("{} to {}: {}", label(known->alarm_class), label(raise.alarm_class), cause.why);
  Cause step{cause.at, why};
  step.to_class = raise.alarm_class;
  step.out_of_test = cause.out_of_test;
  const Refusal refusal = apply(known->id, up ? AlarmEvent::step_up : AlarmEvent::step_down, step, batch);
  if (refusal != Refusal::none) return Stepped::refused;
  return up ? Stepped::up : Stepped::down;
}

void AlarmBook::move_class(Alarm& alarm, AlarmClass to) {
  leave_zone(alarm);
  alarm.alarm_class = to;
  if (const std::string zone = zone_key(alarm); !zone.empty()) by_zone_[zone].insert(alarm.id);
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
    if (independent(other, alarm) && counts_in_zone(other)) partners.push_back(id);
  }
  return partners;
}

// Only ever makes the confirmation stronger.
void AlarmBook::confirm(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch) {
  if (now <= alarm.confirmation) return;
  set_confirmation(alarm, now, cause, batch);
  if (alarm.overlays.any()) {
    ++alarm.revision;
  } else {
    notify(alarm, NoticeKind::confirmed, cause.at, batch);
  }
  record(alarm, batch);
}

// After a verdict: an alarm that was judged false confirms nobody, and one that was not speaks again.
void AlarmBook::reweigh_zone(AlarmId id, const Cause& cause, Batch& batch) {
  Alarm* alarm = change(id);
  if (!alarm || alarm->alarm_class != AlarmClass::fire_alarm) return;
  if (!judged_false(*alarm)) {
    const std::vector<AlarmId> partners = counts_in_zone(*alarm) ? zone_partners(*alarm) : std::vector<AlarmId>{};
    for (const AlarmId partner : partners) confirm(live_.at(partner), Confirmation::confirmed, cause, batch);
    if (!partners.empty()) confirm(*alarm, Confirmation::confirmed, cause, batch);
    return;
  }
  weaken(*alarm, cause, batch);
  for (const AlarmId partner : zone_partners(*alarm)) {
    if (zone_partners(live_.at(partner)).empty()) weaken(live_.at(partner), cause, batch);
  }
}

void AlarmBook::weaken(Alarm& alarm, const Cause& cause, Batch& batch) {
  if (alarm.confirmation != Confirmation::confirmed || speakers(alarm).size() > 1) return;
  set_confirmation(alarm, Confirmation::single, cause, batch);
  ++alarm.revision;
  record(alarm, batch);
}

void AlarmBook::set_confirmation(Alarm& alarm, Confirmation now, const Cause& cause, Batch& batch) {
  batch.journal.push_back({cause.at, "confirmation", alarm.id, alarm.subject.text(),
                           std::string(label(alarm.confirmation)), std::string(label(now)), std::string(cause.who), "",
                           std::string(cause.why), cause.name(), cause.address()});
  alarm.confirmation = now;
  alarm.changed_at = cause.at;
}

bool AlarmBook::clear(std::string_view rule, std::string_view subject, Instant at, std::string_view why, Batch& batch) {
  const Alarm* alarm = find(rule, subject);
  if (!alarm || !condition_present(alarm->state)) return false;
  const Alarm before = *alarm;
  apply(before.id, AlarmEvent::clear, {at, why}, batch);
  if (!before.line.empty()) leave_line(before, at, batch);
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
  const Cause cause{now, why, act.who.empty() ? act.by : act.who, act.post, &act};
  Result<Alarm> done = apply_for(act.alarm, event_of(act.kind), cause, batch);
  if (!done || act.kind != ActKind::verdict) return done;
  reweigh_zone(act.alarm, cause, batch);
  return *find(act.alarm);
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

// The one way in which an alarm changes its state, its overlays or its class.
Refusal AlarmBook::apply(AlarmId id, AlarmEvent event, const Cause& cause, Batch& batch) {
  Alarm& alarm = live_.at(id);
  const Standing from{alarm.state, alarm.overlays, alarm.verdict.has_value()};
  const AlarmPolicy policy = policy_of(alarm.alarm_class);
  const AlarmPolicy stricter = cause.to_class ? std::max(policy, policy_of(*cause.to_class)) : policy;
  const Transition transition = step(from, stricter, event);
  if (transition.refusal != Refusal::none || !transition.effects.any()) return transition.refusal;
  if (cause.to_class) move_class(alarm, *cause.to_class);
  follow(alarm, transition, event, cause.at, cause.act);
  reschedule(alarm, cause);
  if (event == AlarmEvent::suppress) alarm.suppressed_why = cause.why;
  end_suppression(alarm, batch);
  batch.journal.push_back({cause.at, std::string(label(event)), id, alarm.subject.text(),
                           std::string(label(from.state)), std::string(label(alarm.state)), std::string(cause.who),
                           std::string(cause.post), std::string(cause.why), cause.name(), cause.address()});
  const std::uint32_t before = alarm.revision;
  EffectSet effects = told(alarm, transition.effects, event);
  if (cause.out_of_test && effects.has(Effect::announce_again)) {
    effects = effects.without(Effect::announce_again).with(Effect::announce);
  }
  if (!is_in_test(id)) notify_all(alarm, effects, event, cause.act, cause.at, batch);
  if (alarm.revision == before) ++alarm.revision;
  record(alarm, batch);
  if (transition.effects.has(Effect::ended)) drop(id);
  return Refusal::none;
}

void AlarmBook::reschedule(Alarm& alarm, const Cause& cause) {
  if (cause.act && cause.act->kind == ActKind::shelve) {
    alarm.shelved_until = cause.act->until;
    alarm.shelved_by = cause.act->by;
    alarm.shelved_why = cause.act->why;
    alarm.end_announced = *alarm.shelved_until - kWarnBefore <= cause.at;
  }
  if (!alarm.overlays.has(Overlay::shelved)) {
    alarm.shelved_until.reset();
    alarm.shelved_by.clear();
    alarm.shelved_why.clear();
    alarm.end_announced = false;
  }
  schedule_shelving(alarm);
}

void AlarmBook::schedule_shelving(const Alarm& alarm) {
  shelvings_.erase(alarm.id);
  warnings_.erase(alarm.id);
  if (!alarm.shelved_until) return;
  shelvings_.set(alarm.id, *alarm.shelved_until);
  if (!alarm.end_announced) warnings_.set(alarm.id, *alarm.shelved_until - kWarnBefore);
}

// What goes with the overlay goes when it does.
void AlarmBook::end_suppression(Alarm& alarm, Batch& batch) {
  if (alarm.overlays.has(Overlay::suppressed_by_design)) return;
  alarm.suppressed_why.clear();
  if (alarm.cause != AlarmId{}) count_consequence(alarm.cause, -1, batch);
  alarm.cause = AlarmId{};
}

Instant AlarmBook::next_deadline() const noexcept {
  return std::min({shelvings_.next(), warnings_.next(), quiet_.next(), lines_.next_deadline()});
}

void AlarmBook::advance(Instant now, Batch& batch) {
  for (Instant at = next_deadline(); at <= now && at != kNever; at = next_deadline()) {
    if (shelvings_.next() == at) {
      apply(shelvings_.first(), AlarmEvent::shelve_timeout, {at, "its time is over"}, batch);
    } else if (warnings_.next() == at) {
      warn_of_end(warnings_.first(), at, now, batch);
    } else if (quiet_.next() == at) {
      end_chatter(quiet_.first(), at, batch);
    } else if (const auto line = lines_.due(at)) {
      release_line(*line, at, batch);
    }
  }
}

void AlarmBook::clock_stepped(Millis step) {
  chatter_.clock_stepped(step);
  lines_.clock_stepped(step);
}

void AlarmBook::warn_of_end(AlarmId id, Instant at, Instant now, Batch& batch) {
  Alarm& alarm = live_.at(id);
  warnings_.erase(id);
  if (*alarm.shelved_until <= now) return;  // we were away: it ends in the same breath
  alarm.end_announced = true;
  notify(alarm, NoticeKind::overlay_ending, at, batch);
  record(alarm, batch);
}

// ---- chatter ----

// Before the raise: the one that makes it chatter is held back already.
void AlarmBook::note_chatter(Alarm& alarm, Instant at, Batch& batch) {
  const bool chatters = chatter_.raised(origin_key(alarm.rule, alarm.subject.text()), at);
  if (chatters && !alarm.chattering) {
    alarm.chattering = true;
    const std::string why =
        fmt::format("{} raises within {} s", kChatterRaises, kChatterWindow / std::chrono::seconds{1});
    write_row("chattering", alarm, at, why, batch);
  }
  if (alarm.chattering) quiet_.set(alarm.id, at + kChatterWindow);
}

// What was held back is told now.
void AlarmBook::end_chatter(AlarmId id, Instant at, Batch& batch) {
  Alarm& alarm = live_.at(id);
  quiet_.erase(id);
  alarm.chattering = false;
  alarm.changed_at = at;
  write_row("quiet", alarm, at, "no raise for a minute", batch);
  const bool owed = needs_acknowledgement(alarm.state) && !alarm.overlays.any() && !threatens_life(alarm.alarm_class);
  if (owed) {
    notify(alarm, NoticeKind::announced_again, at, batch);
  } else {
    ++alarm.revision;
  }
  record(alarm, batch);
}

// ---- what is kept ----

void AlarmBook::restore(std::vector<Alarm> alarms) {
  for (const Alarm& alarm : alarms) {
    if (is_live(alarm)) keep(alarm);
  }
  restore_lines();
}

void AlarmBook::keep(const Alarm& alarm) {
  live_.insert_or_assign(alarm.id, alarm);
  by_origin_.insert_or_assign(origin_key(alarm.rule, alarm.subject.text()), alarm.id);
  if (const std::string zone = zone_key(alarm); !zone.empty()) by_zone_[zone].insert(alarm.id);
  schedule_shelving(alarm);
  if (alarm.chattering) quiet_.set(alarm.id, alarm.last_raised_at + kChatterWindow);
  lines_.add(alarm);
}

void AlarmBook::drop(AlarmId id) {
  const auto alarm = live_.find(id);
  in_test_.erase(id);
  by_origin_.erase(origin_key(alarm->second.rule, alarm->second.subject.text()));
  leave_zone(alarm->second);
  quiet_.erase(id);
  lines_.remove(alarm->second);
  live_.erase(alarm);
}

void AlarmBook::leave_zone(const Alarm& alarm) {
  const auto group = by_zone_.find(zone_key(alarm));
  if (group == by_zone_.end()) return;
  group->second.erase(alarm.id);
  if (group->second.empty()) by_zone_.erase(group);
}

Alarm* AlarmBook::change(AlarmId id) noexcept {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
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
