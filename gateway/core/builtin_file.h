// Text files that are part of the program: device models, wire formats and default rules. What the configuration folder does not have
// is taken from here.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace firegate {

struct BuiltinFile {
  std::string_view name;  // relative: "milesight/gs524n.yaml", "smoke_detector.yaml"
  std::string_view text;
};

std::span<const BuiltinFile> builtin_models() noexcept;   // drivers/models
std::span<const BuiltinFile> builtin_formats() noexcept;  // drivers/json_path/formats
std::span<const BuiltinFile> builtin_rules() noexcept;   // config/rules
std::span<const BuiltinFile> rule_schema() noexcept;     // config/schema/rules.schema.json, alone

}  // namespace firegate
