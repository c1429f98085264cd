#include "rules/rule_set.h"

#include <algorithm>
#include <utility>

namespace firegate::rules {
namespace {

bool counts_offline(const Absence& absence, std::string_view format) noexcept {
  return absence.offline_delay && std::find(absence.sleeping_formats.begin(), absence.sleeping_formats.end(), format) ==
                                      absence.sleeping_formats.end();
}

// Calls `visit` for every look of the rule, always in the same order. Looks stand in no look.
template <typename RuleOrConst, typename Visit>
void for_each_look(RuleOrConst& rule, Visit visit) {
  const auto walk = [&visit](auto& self, auto& condition) -> void {
    if (auto* group = std::get_if<Group>(&condition.what)) {
      for (auto& part : group->of) self(self, part);
    } else if (auto* negated = std::get_if<Not>(&condition.what)) {
      self(self, negated->of.front());
    } else if (auto* zone = std::get_if<InZone>(&condition.what)) {
      visit(*zone, zone->of.front());
    } else if (auto* nearby = std::get_if<Nearby>(&condition.what)) {
      visit(*nearby, nearby->when.front());
    }
  };
  for (auto& step : rule.steps) walk(walk, step.when);
}

KindSet kinds_asked(const InZone&, const Rule& rule) noexcept { return rule.kinds; }
KindSet kinds_asked(const Nearby& leaf, const Rule&) noexcept { return leaf.kinds; }

PointSet points_of(const Condition& condition) {
  PointSet points;
  for_each_point(condition, [&points](Point point) { points.set(static_cast<std::size_t>(point)); });
  return points;
}

}  // namespace

RuleSet::RuleSet(std::vector<Rule> rules, std::vector<Override> overrides)
    : rules_(std::move(rules)), overrides_(std::move(overrides)) {
  std::sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
  for (std::size_t no = 0; no < rules_.size(); ++no) by_id_.emplace(rules_[no].id, static_cast<RuleNo>(no));
  std::stable_sort(overrides_.begin(), overrides_.end(), [](const Override& a, const Override& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.where.rank() > b.where.rank();
  });
  std::uint32_t at = 0;
  for (const Rule& rule : rules_) {
    const std::uint32_t begin = at;
    while (at < overrides_.size() && overrides_[at].rule == rule.id) ++at;
    override_ranges_.push_back({begin, at});
  }
  index_points();
  number_looks();
  for (std::size_t kind = 0; kind < label_count<DeviceKind>(); ++kind) {
    by_kind_.push_back(append(kind, [](std::size_t) { return true; }));
    absence_.push_back(append(kind, [this](std::size_t no) { return rules_[no].absence; }));
    for (std::size_t point = 0; point < kPointCount; ++point) {
      by_point_.push_back(append(kind, [this, point](std::size_t no) { return points_[no].test(point); }));
      by_sample_.push_back(append(kind, [this, point](std::size_t no) { return sampled_points_[no].test(point); }));
    }
  }
}

void RuleSet::index_points() {
  for (const Rule& rule : rules_) {
    PointSet all, sampled;
    for (const Step& step : rule.steps) {
      all |= points_of(step.when);
      for_each_condition(step.when, [&sampled](const Condition& condition) {
        if (has_memory(condition)) sampled |= points_of(condition);
      });
    }
    points_.push_back(all);
    sampled_points_.push_back(sampled);
  }
}

void RuleSet::number_looks() {
  std::vector<std::size_t> first(rules_.size());
  for (std::size_t no = 0; no < rules_.size(); ++no) {
    Rule& rule = rules_[no];
    first[no] = looks_.size();
    for_each_look(rule, [&](auto& leaf, const Condition& of) {
      leaf.look = static_cast<LookNo>(looks_.size());
      const bool in_zone = std::is_same_v<std::decay_t<decltype(leaf)>, InZone>;
      looks_.push_back({static_cast<RuleNo>(no), leaf.scope, kinds_asked(leaf, rule), &of, in_zone, points_of(of)});
    });
  }
  for (Override& other : overrides_) {
    auto look = static_cast<LookNo>(first[by_id_.at(other.rule)]);
    for_each_look(other.effective, [&look](auto& leaf, const Condition&) { leaf.look = look++; });
  }
}

template <typename Wanted>
RuleSet::Range RuleSet::append(std::size_t kind, Wanted wanted) {
  const auto begin = static_cast<std::uint32_t>(order_.size());
  for (std::size_t no = 0; no < rules_.size(); ++no) {
    if (rules_[no].kinds.test(kind) && wanted(no)) order_.push_back(static_cast<RuleNo>(no));
  }
  return {begin, static_cast<std::uint32_t>(order_.size())};
}

std::span<const RuleNo> RuleSet::in(Range range) const noexcept {
  return std::span(order_).subspan(range.begin, range.end - range.begin);
}

std::optional<RuleNo> RuleSet::find(std::string_view id) const noexcept {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

std::span<const RuleNo> RuleSet::of(DeviceKind kind) const noexcept {
  return in(by_kind_[static_cast<std::size_t>(kind)]);
}

std::span<const RuleNo> RuleSet::touched(DeviceKind kind, Point point) const noexcept {
  return in(by_point_[static_cast<std::size_t>(kind) * kPointCount + static_cast<std::size_t>(point)]);
}

std::span<const RuleNo> RuleSet::sampled(DeviceKind kind, Point point) const noexcept {
  return in(by_sample_[static_cast<std::size_t>(kind) * kPointCount + static_cast<std::size_t>(point)]);
}

std::span<const RuleNo> RuleSet::absence(DeviceKind kind) const noexcept {
  return in(absence_[static_cast<std::size_t>(kind)]);
}

std::optional<Millis> RuleSet::offline_delay(DeviceKind kind, std::string_view format) const noexcept {
  std::optional<Millis> shortest;
  for (const RuleNo no : absence(kind)) {
    for (const Step& step : rules_[no].steps) {
      for_each_condition(step.when, [&shortest, format](const Condition& condition) {
        const Absence* absence_leaf = condition.as<Absence>();
        if (!absence_leaf || !counts_offline(*absence_leaf, format)) return;
        shortest = std::min(shortest.value_or(Millis::max()), *absence_leaf->offline_delay);
      });
    }
  }
  return shortest;
}

// ---- overrides ----

const Override* RuleSet::decisive(RuleNo no, const Device& device, std::vector<const Override*>* passed_by) const {
  const Override* decides = nullptr;
  for (std::uint32_t at = override_ranges_[no].begin; at < override_ranges_[no].end; ++at) {
    const Override& other = overrides_[at];
    if (!other.where.matches(device)) continue;
    if (!decides) {
      decides = &other;
    } else if (passed_by) {
      passed_by->push_back(&other);
    }
  }
  return decides;
}

std::vector<std::pair<RuleNo, const Rule*>> RuleSet::overridden(const Device& device) const {
  std::vector<std::pair<RuleNo, const Rule*>> others;
  if (overrides_.empty()) return others;
  for (const RuleNo no : of(device.kind)) {
    if (const Override* decides = decisive(no, device, nullptr)) others.emplace_back(no, &decides->effective);
  }
  return others;
}

std::vector<Explained> RuleSet::explain(const Device& device) const {
  std::vector<Explained> list;
  for (const RuleNo no : of(device.kind)) {
    Explained one;
    one.decided_by = decisive(no, device, &one.passed_by);
    one.rule = one.decided_by ? &one.decided_by->effective : &rules_[no];
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace firegate::rules
