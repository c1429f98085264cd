// As much of JSON Schema as config/schema uses: type, properties, required, additionalProperties: false, items, enum,
// pattern (that of ids and that of durations), minimum, maximum, minLength, maxLength, minItems, maxItems.
#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "core/config_node.h"

namespace firegate::support {

inline std::optional<double> number_in(const ConfigNode& node) {
  double number = 0;
  const char* end = node.scalar.data() + node.scalar.size();
  const auto read = std::from_chars(node.scalar.data(), end, number);
  if (node.type != ConfigNode::Type::scalar || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

inline double bound(const ConfigNode& schema, std::string_view key, double otherwise) {
  const ConfigNode* found = schema.find(key);
  return found ? number_in(*found).value_or(otherwise) : otherwise;
}

inline bool within(double value, const ConfigNode& schema, std::string_view low, std::string_view high) {
  return value >= bound(schema, low, -1e300) && value <= bound(schema, high, 1e300);
}

inline bool fits_words(const ConfigNode& node, const ConfigNode& schema) {
  if (const ConfigNode* words = schema.find("enum")) {
    for (const auto& word : words->items) {
      if (node.type == ConfigNode::Type::scalar && word->scalar == node.scalar) return true;
    }
    return false;
  }
  const ConfigNode* pattern = schema.find("pattern");
  if (!pattern) return true;
  return pattern->scalar.starts_with("^[0-9]+") ? duration_from_text(node.scalar).has_value() : is_id(node.scalar);
}

inline bool fits_schema(const ConfigNode& node, const ConfigNode& schema);

inline bool fits_object(const ConfigNode& node, const ConfigNode& schema) {
  if (node.type != ConfigNode::Type::map) return false;
  if (const ConfigNode* required = schema.find("required")) {
    for (const auto& key : required->items) {
      if (!node.find(key->scalar)) return false;
    }
  }
  for (const auto& member : node.members) {
    const ConfigNode* of_member = schema.find("properties")->find(member.key);
    if (!of_member) return false;  // every object of ours says additionalProperties: false
    // A key without a value is as if it were missing, in YAML as people write it.
    if (member.value->type != ConfigNode::Type::null && !fits_schema(*member.value, *of_member)) return false;
  }
  return true;
}

inline bool fits_list(const ConfigNode& node, const ConfigNode& schema) {
  if (node.type != ConfigNode::Type::list) return false;
  if (!within(static_cast<double>(node.items.size()), schema, "minItems", "maxItems")) return false;
  for (const auto& item : node.items) {
    if (!fits_schema(*item, *schema.find("items"))) return false;
  }
  return true;
}

inline bool fits_schema(const ConfigNode& node, const ConfigNode& schema) {
  const ConfigNode* type = schema.find("type");
  const std::string name = type ? type->scalar : "";
  if (name == "object") return fits_object(node, schema);
  if (name == "array") return fits_list(node, schema);
  if (node.type != ConfigNode::Type::scalar) return false;
  if (name == "number" || name == "integer") {
    const auto number = number_in(node);
    if (!number || (name == "integer" && node.scalar.find_first_of(".eE") != std::string::npos)) return false;
    return within(*number, schema, "minimum", "maximum");
  }
  return fits_words(node, schema) && within(static_cast<double>(node.scalar.size()), schema, "minLength", "maxLength");
}

}  // namespace firegate::support
