#include "gb_link/units.h"

#include <algorithm>

namespace firegate::gb_link {

Unit* Units::take(std::uint64_t address) {
  if (Unit* known = find(address)) return known;
  if (units_.size() >= kMostUnits) return nullptr;
  Unit& made = units_[address];
  made.address = address;
  return &made;
}

Unit* Units::find(std::uint64_t address) noexcept {
  const auto found = units_.find(address);
  return found == units_.end() ? nullptr : &found->second;
}

void Units::forget(Steady now) {
  std::erase_if(units_, [now](const auto& entry) {
    return !entry.second.connection && now - entry.second.heard_at > kForgetAfter;
  });
}

std::size_t Units::connected() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(units_, [](const auto& entry) { return entry.second.connection != nullptr; }));
}

}  // namespace firegate::gb_link
