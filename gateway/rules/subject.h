// SubjectView: what a rule may see of its subject (a device or one port of it) and of the devices around it. A view: it
// is made for one call and owns nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/alarm.h"
#include "core/current_values.h"
#include "rules/condition.h"

namespace firegate::rules {

// How many of the other devices in a look's scope and kinds take part, and what they answer.
struct Tally {
  std::uint32_t available = 0, yes = 0, unknown = 0;
  friend bool operator==(const Tally&, const Tally&) = default;
};

// What the places around the subject say. Kept by the partition, up to date whenever a rule is judged.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  // Without the subject itself.
  virtual Tally tally(LookNo look) const noexcept = 0;
  // What speaks for the answer `yes`, of a few of the others, with their ids.
  virtual void evidence(LookNo look, std::vector<Evidence>& into) const = 0;
};

struct SubjectView {
  const CurrentValues& values;
  Port port = kNoPort;  // of the subject; a point that the port has not is looked for on the device as a whole
  // readings::Liveness; kNever both: the device's silence says nothing.
  Instant overdue_at = kNever;  // from then on all values are stale
  Instant lost_at = kNever;     // from then on the device is lost
  std::optional<Instant> last_heard{};
  Millis gap = Millis::max();            // a longer silence is a gap in a window
  bool kitchen = false;                  // what the place is used for
  const Surroundings* around = nullptr;  // null: nobody is around
  const Current* pulse = nullptr;        // takes the place of the current value while a pulse is judged

  const Current* find(Point point) const noexcept {
    if (pulse && pulse->point == point && (pulse->port == port || pulse->port == kNoPort)) return pulse;
    const Current* of_port = values.find(point, port);
    return of_port || port == kNoPort ? of_port : values.find(point);
  }
};

}  // namespace firegate::rules
