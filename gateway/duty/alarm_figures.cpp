#include "duty/alarm_figures.h"

#include <algorithm>
#include <tuple>

namespace firegate::duty {
namespace {

double in(Millis unit, Millis span, std::uint64_t count) {
  return span <= Millis::zero()
             ? 0
             : static_cast<double>(count) * static_cast<double>(unit.count()) / static_cast<double>(span.count());
}

double percent(double part, double whole) { return whole <= 0 ? 0 : 100 * part / whole; }

// How many raises lie within the window, as time goes: each adds one, and takes it away kFloodWindow later.
void look_for_floods(const std::vector<Instant>& raises, Instant from, Instant to, AlarmFigures& figures) {
  std::vector<std::pair<Instant, int>> changes;
  for (const Instant at : raises) {
    changes.emplace_back(at, 1);
    if (at + kFloodWindow <= to) changes.emplace_back(at + kFloodWindow, -1);
  }
  std::sort(changes.begin(), changes.end());  // of one time the end first
  std::size_t count = 0;
  Millis flooded{};
  Instant since = from;
  for (const auto& [at, change] : changes) {
    if (figures.in_flood) flooded += at - since;
    since = at;
    count = change > 0 ? count + 1 : count - 1;
    figures.most_in_10_min = std::max<std::uint64_t>(figures.most_in_10_min, count);
    figures.in_flood = count > kFloodStarts || (figures.in_flood && count >= kFloodEnds);
  }
  if (figures.in_flood) flooded += to - since;
  figures.in_flood_pct = percent(static_cast<double>(flooded.count()), static_cast<double>((to - from).count()));
}

void find_bad_actors(const std::vector<AlarmEvent>& events, AlarmFigures& figures) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (const AlarmEvent& event : events) {
    if (event.kind == AlarmEvent::Kind::raised) ++counts[{event.rule, event.subject}];
  }
  std::vector<BadActor> all;
  for (const auto& [key, count] : counts) all.push_back({key.first, key.second, count});
  std::stable_sort(all.begin(), all.end(), [](const BadActor& a, const BadActor& b) { return a.raises > b.raises; });
  if (all.size() > kBadActors) all.resize(kBadActors);
  std::uint64_t theirs = 0;
  for (const BadActor& one : all) theirs += one.raises;
  figures.bad_actors = std::move(all);
  figures.bad_actors_pct = percent(static_cast<double>(theirs), static_cast<double>(figures.raises));
}

// Of sorted times the one that `share` of them do not exceed (nearest rank).
Millis rank(const std::vector<Millis>& sorted, std::size_t percent_of) {
  const std::size_t place = (sorted.size() * percent_of + 99) / 100;
  return sorted[std::max<std::size_t>(place, 1) - 1];
}

void time_acknowledgements(const std::vector<AlarmEvent>& events, AlarmFigures& figures) {
  std::map<AlarmId, Instant> open;
  std::vector<Millis> took;
  for (const AlarmEvent& event : events) {
    if (event.kind == AlarmEvent::Kind::raised) {
      open.emplace(event.alarm, event.at);
    } else if (const auto since = open.find(event.alarm); since != open.end()) {
      took.push_back(event.at - since->second);
      open.erase(since);
    }
  }
  figures.acknowledged = took.size();
  if (took.empty()) return;
  std::sort(took.begin(), took.end());
  figures.acknowledge_median = rank(took, 50);
  figures.acknowledge_p95 = rank(took, 95);
}

void look_at_live(const std::vector<Alarm>& live, Instant now, AlarmFigures& figures) {
  std::vector<std::pair<Instant, AlarmId>> stale;
  for (const Alarm& alarm : live) {
    if (condition_present(alarm.state)) {
      ++figures.standing;
      if (now - alarm.last_raised_at > kStaleAfter) stale.emplace_back(alarm.last_raised_at, alarm.id);
    }
    if (needs_acknowledgement(alarm.state) && !alarm.overlays.any()) ++figures.unacknowledged;
    if (alarm.chattering) figures.chattering.push_back(alarm.id);
    if (alarm.overlays.has(Overlay::shelved)) ++figures.shelved;
    if (alarm.overlays.has(Overlay::suppressed_by_design)) ++figures.suppressed;
    if (alarm.overlays.has(Overlay::out_of_service)) ++figures.out_of_service;
  }
  std::sort(stale.begin(), stale.end());
  for (const auto& [since, id] : stale) figures.stale.push_back(id);
}

}  // namespace

AlarmFigures figures_of(std::vector<AlarmEvent> events, const std::vector<Alarm>& live, Instant from, Instant to) {
  std::sort(events.begin(), events.end(), [](const AlarmEvent& a, const AlarmEvent& b) {
    return std::tie(a.at, a.alarm, a.kind) < std::tie(b.at, b.alarm, b.kind);
  });
  AlarmFigures figures;
  std::vector<Instant> raises;
  for (const AlarmEvent& event : events) {
    if (event.kind != AlarmEvent::Kind::raised) continue;
    raises.push_back(event.at);
    ++figures.by_priority[info(event.alarm_class).priority];
  }
  figures.raises = raises.size();
  figures.per_10_min = in(std::chrono::minutes{10}, to - from, figures.raises);
  figures.per_hour = in(std::chrono::hours{1}, to - from, figures.raises);
  figures.per_day = in(std::chrono::hours{24}, to - from, figures.raises);
  look_for_floods(raises, from, to, figures);
  find_bad_actors(events, figures);
  time_acknowledgements(events, figures);
  look_at_live(live, to, figures);
  return figures;
}

}  // namespace firegate::duty
