#include "core/batch.h"

#include <fmt/format.h>

#include <iterator>

namespace firegate {
namespace {

template <typename T>
void move_to_end(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
  from.clear();
}

}  // namespace

std::string Notice::key() const { return fmt::format("{}-{}", to_text(alarm.id), alarm.revision); }

bool Batch::empty() const noexcept {
  return alarms.empty() && journal.empty() && notices.empty() && readings.empty() && raws.empty() && devices.empty() &&
         tests.empty() && rule_states.empty() && retained_fires.empty() && links.empty() && positions.empty() && holds.empty();
}

void Batch::append(Batch&& other) {
  move_to_end(alarms, other.alarms);
  move_to_end(journal, other.journal);
  move_to_end(notices, other.notices);
  move_to_end(readings, other.readings);
  move_to_end(raws, other.raws);
  move_to_end(devices, other.devices);
  move_to_end(tests, other.tests);
  move_to_end(rule_states, other.rule_states);
  move_to_end(retained_fires, other.retained_fires);
  move_to_end(links, other.links);
  move_to_end(positions, other.positions);
  move_to_end(holds, other.holds);
  urgent = urgent || other.urgent;
  other.urgent = false;
}

}  // namespace firegate
