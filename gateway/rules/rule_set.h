// RuleSet: all rules, compiled for lookup by kind and by changed point. Immutable, shared by all partitions, any
// thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/config_node.h"
#include "rules/rule.h"

namespace firegate::rules {

using RuleNo = std::uint16_t;  // position in RuleSet::all(); valid for this RuleSet only, never stored

class RuleSet {
 public:
  // `rules` have distinct ids and are at most 65,535.
  explicit RuleSet(std::vector<Rule> rules);
  RuleSet(const RuleSet&) = delete;  // by_id_ views the strings of rules_
  RuleSet& operator=(const RuleSet&) = delete;

  std::span<const Rule> all() const noexcept { return rules_; }
  const Rule& operator[](RuleNo no) const noexcept { return rules_[no]; }
  std::optional<RuleNo> find(std::string_view id) const noexcept;

  // Rules of a kind, in the order of their ids.
  std::span<const RuleNo> of(DeviceKind kind) const noexcept;
  // Those of them that look at `point`.
  std::span<const RuleNo> touched(DeviceKind kind, Point point) const noexcept;
  // Those of them that judge whether the device is heard.
  std::span<const RuleNo> absence(DeviceKind kind) const noexcept;
  // The delay after which `online` false counts for a device of this kind and wire format: the shortest of its absence
  // rules; none when it does not count.
  std::optional<Millis> offline_delay(DeviceKind kind, std::string_view format) const noexcept;

 private:
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  std::span<const RuleNo> in(Range range) const noexcept;
  template <typename Wanted>
  Range append(std::size_t kind, Wanted wanted);

  std::vector<Rule> rules_;
  std::vector<RuleNo> order_;                                  // all ranges one after another
  std::vector<Range> by_kind_;                                 // [kind]
  std::vector<Range> by_point_;                                // [kind × kPointCount + point]
  std::vector<Range> absence_;                                 // [kind]
  boost::unordered_flat_map<std::string_view, RuleNo> by_id_;  // views of rules_
};
using RuleSetPtr = std::shared_ptr<const RuleSet>;

// Reads rule files (each a map with `rules: [...]`). Null and at least one problem when anything is wrong; every
// problem of every file is found in one run. Ids are unique over all files.
RuleSetPtr parse(const std::vector<ConfigNodePtr>& files, Problems& problems);

}  // namespace firegate::rules
