// TextTemplate: text with places to fill in, "${topic.device}", as format files write topics, addresses and payloads.
// Inside a JSON string (an odd number of quotes before it) what is filled in is escaped; outside, what is not a number
// or true or false is written as a JSON string. What comes from a device can so never leave its place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"

namespace firegate::json_path {

class TextTemplate {
 public:
  // What stands for "topic.device"; none when it is missing. Then the whole template gives nothing.
  using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

  TextTemplate() = default;
  // `roots`: what a name may begin with ("topic.", "address"). Others are problems.
  static TextTemplate parse(const ConfigNode& node, std::span<const std::string_view> roots, Problems& problems);

  bool empty() const noexcept { return parts_.empty(); }
  std::optional<std::string> as_payload(const Lookup& lookup) const;
  // A topic: what is filled in has no slash and no wildcard, except the base.
  std::optional<std::string> as_topic(const Lookup& lookup) const;
  // As it is: addresses.
  std::optional<std::string> as_text(const Lookup& lookup) const;

 private:
  struct Part {
    std::string text;  // as it stands, or the name of what is filled in
    bool filled = false;
    bool in_string = false;
  };
  std::vector<Part> parts_;
};

}  // namespace firegate::json_path
