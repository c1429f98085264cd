// The fields of a decoded object (what a network server's codec made of a LoRaWAN payload) as readings: by the model's
// file where we have one, else by patterns that hold for every vendor and never guess what an alarm's value means.
#pragma once

#include <vector>

#include "core/models.h"
#include "drivers/common/json.h"

namespace firegate {

struct MappedReadings {
  std::vector<Reading> state;
  std::vector<Reading> pulses;  // fields that say that something happened, not that something is
};

// Adds the model's fields that the object has. "a.b" goes into objects, "a.0" into lists.
void read_model_fields(const Model& model, const json::Object& object, MappedReadings& mapped);
// Adds what can be read without knowing the model.
void read_common_fields(const json::Object& object, MappedReadings& mapped);

}  // namespace firegate
