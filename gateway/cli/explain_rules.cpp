#include "cli/explain_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/builtin_file.h"
#include "core/config_node.h"
#include "drivers/json_path/json_driver.h"
#include "settings/yaml.h"

namespace firegate::cli {
namespace {

// A copy of the tree without the item.
ConfigNodePtr without(const ConfigNodePtr& node, const ConfigNode* item) {
  auto copy = std::make_shared<ConfigNode>(*node);
  copy->items.clear();
  copy->members.clear();
  for (const ConfigNodePtr& one : node->items) {
    if (one.get() != item) copy->items.push_back(without(one, item));
  }
  for (const ConfigNode::Member& member : node->members) {
    copy->members.push_back({member.key, member.key_at, without(member.value, item)});
  }
  return copy;
}

// Every item of the tree that says the point.
void collect(const ConfigNode& node, std::string_view point, std::vector<const ConfigNode*>& found) {
  const ConfigNode* said = node.find("point");
  if (said && said->scalar == point) found.push_back(&node);
  for (const ConfigNodePtr& item : node.items) collect(*item, point, found);
  for (const ConfigNode::Member& member : node.members) collect(*member.value, point, found);
}

std::string place(const ConfigNode& rule) {
  const ConfigNode* field = rule.find("field");
  const ConfigNode* value = rule.find("value");
  return fmt::format("{}:{}: {} {}", rule.at.file ? *rule.at.file : "", rule.at.line, field ? "field" : "value",
                     field   ? field->scalar
                     : value ? value->scalar
                             : "");
}

std::string in_format(const BuiltinFile& file, Point point, const RuleFinder::Still& still) {
  const std::string shown = "drivers/json_path/formats/" + std::string(file.name);
  Problems problems;
  const ConfigNodePtr root = settings::parse_yaml(file.text, shown, problems);
  if (!root) return shown;
  std::vector<const ConfigNode*> candidates;
  collect(*root, name(point), candidates);
  const Models none;
  for (const ConfigNode* candidate : candidates) {
    const auto changed = json_path::make_driver(json_path::JsonFormat::parse(
        *without(root, candidate), std::string(file.name.substr(0, file.name.rfind('.'))), problems));
    if (!still(*changed, none)) return place(*candidate);
  }
  return fmt::format("{}, names that all vendors use (drivers/common/field_map.cpp)", shown);
}

}  // namespace

const std::vector<RuleFinder::ModelFile>& RuleFinder::model_files() {
  if (!model_files_.empty()) return model_files_;
  for (const BuiltinFile& file : builtin_models()) {
    const auto slash = file.name.find('/');
    const auto dot = file.name.rfind('.');
    Problems problems;
    auto root = settings::parse_yaml(file.text, "drivers/models/" + std::string(file.name), problems);
    if (!root) continue;
    model_files_.push_back({std::move(root), std::string(file.name.substr(0, slash)),
                            std::string(file.name.substr(slash + 1, dot - slash - 1))});
  }
  return model_files_;
}

Models RuleFinder::only(const ModelFile& file, const ConfigNodePtr& root) {
  Models models;
  Problems problems;
  models.add(Model::parse(*root, file.brand, file.model, problems));
  return models;
}

std::optional<std::string> RuleFinder::in_models(const Driver& driver, Point point, const Still& still) {
  for (const ModelFile& file : model_files()) {
    std::vector<const ConfigNode*> candidates;
    collect(*file.root, name(point), candidates);
    if (candidates.empty() || !still(driver, only(file, file.root))) continue;
    for (const ConfigNode* candidate : candidates) {
      if (!still(driver, only(file, without(file.root, candidate)))) return place(*candidate);
    }
  }
  return std::nullopt;
}

std::string RuleFinder::find(const Driver& driver, Point point, const Still& still) {
  for (const BuiltinFile& file : builtin_formats()) {
    if (file.name.substr(0, file.name.rfind('.')) == driver.format()) return in_format(file, point, still);
  }
  if (auto found = in_models(driver, point, still)) return std::move(*found);
  return fmt::format("of the format itself (drivers/{}/notes.md)", driver.format());
}

}  // namespace firegate::cli
