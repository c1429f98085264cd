#include "partition/neighbours.h"

#include <algorithm>

namespace firegate::partition {
namespace {

// The place of a scope, with the levels above it, because a zone's id is unique in its floor only. A device whose place
// does not name the level is alone.
std::string scope_key(const Device& device, rules::Scope scope) {
  const Place& place = *device.place;
  const PlaceName* levels[] = {&place.building, &place.floor, &place.zone, &place.location};
  const std::size_t depth = scope == rules::Scope::building ? 1
                            : scope == rules::Scope::floor  ? 2
                            : scope == rules::Scope::zone   ? 3
                                                            : 4;
  if (levels[depth - 1]->id.empty()) return "\n" + device.id;
  std::string key = place.estate.id;
  for (std::size_t level = 0; level < depth; ++level) key += "/" + levels[level]->id;
  return key;
}

void put(std::vector<DeviceNo>& sorted, DeviceNo device) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), device);
  if (at == sorted.end() || *at != device) sorted.insert(at, device);
}

void take(std::vector<DeviceNo>& sorted, DeviceNo device) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), device);
  if (at != sorted.end() && *at == device) sorted.erase(at);
}

void count(rules::Tally& tally, rules::Part part, std::uint32_t by) noexcept {
  if (part == rules::Part::absent) return;
  tally.available += by;
  if (part == rules::Part::yes) tally.yes += by;
  if (part == rules::Part::unknown) tally.unknown += by;
}

constexpr std::uint32_t kOneLess = static_cast<std::uint32_t>(-1);

}  // namespace

rules::Tally Membership::others() const noexcept {
  rules::Tally tally = group->tally;
  count(tally, part, kOneLess);
  return tally;
}

std::vector<Membership> Neighbours::join(const rules::RuleSet& rules, const Device& device) {
  std::vector<Membership> memberships;
  if (!device.mapped) return memberships;
  const auto kind = static_cast<std::size_t>(device.kind);
  for (std::size_t no = 0; no < rules.looks().size(); ++no) {
    const rules::Look& look = rules.looks()[no];
    const bool asks = rules[look.rule].kinds.test(kind), answers = look.kinds.test(kind);
    if (!asks && !answers) continue;
    const auto look_no = static_cast<rules::LookNo>(no);
    LookGroup& group = groups_[{look_no, scope_key(device, look.scope)}];
    if (asks) put(group.askers, device.no);
    memberships.push_back({look_no, asks, answers, rules::Part::absent, &group});
  }
  return memberships;
}

void Neighbours::leave(DeviceNo device, std::vector<Membership>& memberships) {
  for (Membership& membership : memberships) {
    answer(device, membership, rules::Part::absent);
    take(membership.group->askers, device);
  }
  memberships.clear();
}

bool Neighbours::answer(DeviceNo device, Membership& membership, rules::Part part) {
  if (membership.part == part) return false;
  LookGroup& group = *membership.group;
  count(group.tally, membership.part, kOneLess);
  count(group.tally, part, 1);
  if (part == rules::Part::yes) put(group.yes, device);
  if (membership.part == rules::Part::yes) take(group.yes, device);
  membership.part = part;
  return true;
}

}  // namespace firegate::partition
