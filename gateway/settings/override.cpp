#include "settings/override.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::settings {
namespace {

// A copy of the map `node` in which `path` (from `path_at` on) leads to `value`. Siblings are shared, not copied.
ConfigNodePtr set_in(const ConfigNodePtr& node, std::string_view path, const std::string& prefix,
                     const ConfigNodePtr& value) {
  const auto dot = path.find('.');
  const std::string key(path.substr(0, dot));
  const std::string here = prefix.empty() ? key : prefix + "." + key;
  auto copy = node && node->type == ConfigNode::Type::map ? std::make_shared<ConfigNode>(*node)
                                                          : std::make_shared<ConfigNode>();
  copy->type = ConfigNode::Type::map;
  copy->path = prefix;
  auto member = std::find_if(copy->members.begin(), copy->members.end(), [&](const auto& m) { return m.key == key; });
  if (member == copy->members.end()) member = copy->members.insert(copy->members.end(), {key, value->at, nullptr});
  member->value = dot == std::string_view::npos ? value : set_in(member->value, path.substr(dot + 1), here, value);
  return copy;
}

}  // namespace

ConfigNodePtr with_overrides(const ConfigNodePtr& root, std::span<const std::string> overrides, Problems& problems) {
  const auto file = std::make_shared<const std::string>("--set");
  ConfigNodePtr result = root;
  int number = 0;
  for (const std::string& text : overrides) {
    const SourcePos at{file, ++number, 1};
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      problems.add(ProblemCode::E102_bad_syntax, at, "", fmt::format("found \"{}\", expected path.to.key=value", text));
      continue;
    }
    auto value = std::make_shared<ConfigNode>();
    value->type = ConfigNode::Type::scalar;
    value->at = at;
    value->path = text.substr(0, equals);
    value->scalar = text.substr(equals + 1);
    result = set_in(result, value->path, "", value);
  }
  if (!result) {
    auto empty = std::make_shared<ConfigNode>();
    empty->type = ConfigNode::Type::map;
    result = empty;
  }
  return result;
}

}  // namespace firegate::settings
