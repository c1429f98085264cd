// RuleSet: all rules and their overrides, compiled for lookup by kind and by changed point. Immutable, shared by all
// partitions, any thread.
#pragma once

#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config_node.h"
#include "rules/override.h"
#include "rules/rule.h"

namespace firegate::rules {

using RuleNo = std::uint16_t;  // position in RuleSet::all(); valid for this RuleSet only, never stored
using PointSet = std::bitset<kPointCount>;

// One in_zone or nearby: a condition that is asked of the devices around.
struct Look {
  RuleNo rule = 0;  // whose condition asks
  Scope scope{};
  KindSet kinds;  // of the devices that answer
  const Condition* of = nullptr;
  bool in_zone = false;  // lost members take no part
  PointSet points;       // that `of` looks at
};

class RuleSet {
 public:
  // `rules` have distinct ids and are at most 65,535; `overrides` name rules among them.
  explicit RuleSet(std::vector<Rule> rules, std::vector<Override> overrides = {});
  RuleSet(const RuleSet&) = delete;  // by_id_ and looks_ view what rules_ holds
  RuleSet& operator=(const RuleSet&) = delete;

  std::span<const Rule> all() const noexcept { return rules_; }
  const Rule& operator[](RuleNo no) const noexcept { return rules_[no]; }
  std::optional<RuleNo> find(std::string_view id) const noexcept;

  // Rules of a kind, in the order of their ids.
  std::span<const RuleNo> of(DeviceKind kind) const noexcept;
  // Those of them that look at `point`.
  std::span<const RuleNo> touched(DeviceKind kind, Point point) const noexcept;
  // Those of them that want every report of `point`, also when its value is the same.
  std::span<const RuleNo> sampled(DeviceKind kind, Point point) const noexcept;
  // Those of them that judge whether the device is heard.
  std::span<const RuleNo> absence(DeviceKind kind) const noexcept;
  // The delay after which `online` false counts for a device of this kind and wire format: the shortest of its absence
  // rules; none when it does not count.
  std::optional<Millis> offline_delay(DeviceKind kind, std::string_view format) const noexcept;
  // The points that a rule looks at on its own device.
  const PointSet& points(RuleNo no) const noexcept { return points_[no]; }

  // What rules ask of the devices around.
  std::span<const Look> looks() const noexcept { return looks_; }

  // The rules that are other ones for this device, in the order of their numbers; pointers live as long as the set.
  std::vector<std::pair<RuleNo, const Rule*>> overridden(const Device& device) const;
  std::span<const Override> overrides() const noexcept { return overrides_; }
  // Every rule of the device's kind, in the order of their ids.
  std::vector<Explained> explain(const Device& device) const;

 private:
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  std::span<const RuleNo> in(Range range) const noexcept;
  template <typename Wanted>
  Range append(std::size_t kind, Wanted wanted);
  void index_points();
  void number_looks();
  const Override* decisive(RuleNo no, const Device& device, std::vector<const Override*>* passed_by) const;

  std::vector<Rule> rules_;
  std::vector<Override> overrides_;                // by rule, the most specific first
  std::vector<Range> override_ranges_;             // [rule], in overrides_
  std::vector<PointSet> points_, sampled_points_;  // [rule]
  std::vector<Look> looks_;
  std::vector<RuleNo> order_;                                  // all ranges one after another
  std::vector<Range> by_kind_;                                 // [kind]
  std::vector<Range> by_point_, by_sample_;                    // [kind × kPointCount + point]
  std::vector<Range> absence_;                                 // [kind]
  boost::unordered_flat_map<std::string_view, RuleNo> by_id_;  // views of rules_
};
using RuleSetPtr = std::shared_ptr<const RuleSet>;

// Reads rule files (each a map with `rules: [...]`, `overrides: [...]` or both). Null and at least one problem when
// anything is wrong; every problem of every file is found in one run. Ids are unique over all files. `calendar` may be
// null: then working days are Monday to Friday.
RuleSetPtr parse(const std::vector<ConfigNodePtr>& files, Problems& problems, CalendarPtr calendar = nullptr);

}  // namespace firegate::rules
