// Override: other limits, or none, for some devices of a rule. Of those that match a device the most specific one
// decides, whole; the others count nothing. Written beside the rules, in `overrides:` of any rule file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/device_map.h"
#include "rules/rule.h"

namespace firegate::rules {

// Which devices. What is given must match, all of it; an empty text or none matches everything.
struct Where {
  std::string device, location, zone, floor, building, estate, model;  // ids as in places.yaml and devices.csv
  std::optional<Occupancy> occupancy;
  std::optional<DeviceKind> kind;

  bool matches(const Device& device) const noexcept;
  // The more specific `where` has the greater number: device before location, zone, floor, building, estate, model,
  // occupancy, kind. One that names two of them is above one that names the greater alone.
  unsigned rank() const noexcept;
  std::string to_text() const;  // "zone z1, kind smoke_detector"
};

struct Override {
  std::string rule;  // id
  Where where;
  std::string set;     // as people read it: "at_least 90, on_delay 5s"
  std::string reason;  // why somebody wants this; needed to switch off a rule of a class that threatens life
  std::string source;  // where the limit comes from
  std::string at;      // "rules/site.yaml:12:5"
  Rule effective;      // the rule as it then is
};

// One line of `firegate rules explain`: a rule that is made for devices of this kind, and what decides its limits.
struct Explained {
  const Rule* rule = nullptr;              // as it is in force for this device
  const Override* decided_by = nullptr;    // null: the rule as it stands
  std::vector<const Override*> passed_by;  // others that match, less specific
};

// The limits of a rule in words, a line a step: "pre_alarm when port_temperature_c at least 65, clears below 60".
std::vector<std::string> in_words(const Rule& rule);

}  // namespace firegate::rules
