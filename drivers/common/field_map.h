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

// The element under "a.b.0": members of objects and items of lists. "a|b": the first of these that is there. "." or ""
// is the element itself.
std::optional<json::Element> element_under(const json::Element& element, std::string_view path);
std::optional<json::Element> element_under(const json::Object& object, std::string_view path);
// The element as a configuration file writes it: text, true and numbers as text.
std::string word_of(const json::Element& element);
// What the field says, by its words, scale and type; unknown where that is not certain.
Value value_of(const FieldMeaning& meaning, const json::Element& element);
// Adds a reading. One point may be said by several fields (two alarm levels of one detector): a yes of one is a yes.
void join(std::vector<Reading>& readings, Reading reading);

// Adds the model's fields that the object has. "a.b" goes into objects, "a.0" into lists.
void read_model_fields(const Model& model, const json::Object& object, MappedReadings& mapped);
// Adds what can be read without knowing the model. A member that is an object stands for its member `wrapped`, where
// one is named ({"temperature": {"value": 21.5}}).
void read_common_fields(const json::Object& object, MappedReadings& mapped, std::string_view wrapped = {});

}  // namespace firegate
