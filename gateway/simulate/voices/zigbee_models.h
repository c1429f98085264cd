// Zigbee models that the simulator can be: vendor, model and exposed properties as zigbee-herdsman-converters 26.112.0
// lists them (settings that say nothing about the state are left out). Immutable tables; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/point.h"
#include "simulate/device_row.h"

namespace firegate::simulate {

struct ZigbeeProperty {
  std::string_view name, label;
  std::optional<Point> point;  // what it says of our facts; none: exposed, but never sent here
  std::string_view unit;       // numbers; empty for binary properties
  bool diagnostic = false;
  bool inverse = false;         // contact: true means closed
  std::string_view finished{};  // the whole expose as JSON, where it is neither binary nor a number
};

struct ZigbeeModel {
  std::string_view vendor, model, zigbee_id, description;
  bool mains;
  std::span<const ZigbeeProperty> properties;
};

// By the row's model; a model that is not in the table is the usual device of the row's kind.
const ZigbeeModel& zigbee_model(const DeviceRow& row);

}  // namespace firegate::simulate
