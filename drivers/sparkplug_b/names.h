// The names of metrics that a birth has told, for the messages that only carry their aliases. Kept in the link state as
// rows of alias, data type and name between tabs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/sparkplug_b/payload.h"

namespace firegate::sparkplug {

struct Named {
  std::string_view name;
  DataType type = DataType::unknown;
};

std::string learned_names(const Payload& birth);

// Views into what was learned.
class Names {
 public:
  explicit Names(std::string_view learned);
  // The metric's own name, or that of its alias; the data type is the birth's where the metric has none.
  std::optional<Named> of(const Metric& metric) const;

 private:
  std::map<std::uint64_t, Named> by_alias_;
  std::map<std::string_view, DataType> types_;
};

}  // namespace firegate::sparkplug
