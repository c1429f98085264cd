#include "rules/rule_set.h"

#include <algorithm>
#include <utility>

namespace firegate::rules {
namespace {

bool looks_at(const Rule& rule, Point point) noexcept {
  const Condition* condition = rule.condition();
  return condition && std::any_of(condition->tests.begin(), condition->tests.end(),
                                  [point](const Test& test) { return test.point == point; });
}

bool counts_offline(const Absence& absence, std::string_view format) noexcept {
  return absence.offline_delay && std::find(absence.sleeping_formats.begin(), absence.sleeping_formats.end(), format) ==
                                      absence.sleeping_formats.end();
}

}  // namespace

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  std::sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
  for (std::size_t no = 0; no < rules_.size(); ++no) by_id_.emplace(rules_[no].id, static_cast<RuleNo>(no));
  for (std::size_t kind = 0; kind < label_count<DeviceKind>(); ++kind) {
    by_kind_.push_back(append(kind, [](const Rule&) { return true; }));
    absence_.push_back(append(kind, [](const Rule& rule) { return rule.absence() != nullptr; }));
    for (std::size_t point = 0; point < kPointCount; ++point) {
      by_point_.push_back(
          append(kind, [point](const Rule& rule) { return looks_at(rule, static_cast<Point>(point)); }));
    }
  }
}

template <typename Wanted>
RuleSet::Range RuleSet::append(std::size_t kind, Wanted wanted) {
  const auto begin = static_cast<std::uint32_t>(order_.size());
  for (std::size_t no = 0; no < rules_.size(); ++no) {
    if (rules_[no].kinds.test(kind) && wanted(rules_[no])) order_.push_back(static_cast<RuleNo>(no));
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

std::span<const RuleNo> RuleSet::absence(DeviceKind kind) const noexcept {
  return in(absence_[static_cast<std::size_t>(kind)]);
}

std::optional<Millis> RuleSet::offline_delay(DeviceKind kind, std::string_view format) const noexcept {
  std::optional<Millis> shortest;
  for (const RuleNo no : absence(kind)) {
    const Absence& absence_rule = *rules_[no].absence();
    if (!counts_offline(absence_rule, format)) continue;
    shortest = std::min(shortest.value_or(Millis::max()), *absence_rule.offline_delay);
  }
  return shortest;
}

}  // namespace firegate::rules
