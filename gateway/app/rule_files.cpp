#include "app/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "app/rule_folder.h"
#include "core/builtin_file.h"
#include "settings/yaml.h"

namespace firegate::app {
namespace {

SourcePos whole(const std::string& file) { return {std::make_shared<const std::string>(file), 0, 0}; }

// What a node says, the same for the same meaning however it is laid out.
void say(const ConfigNode& node, std::string& text) {
  switch (node.type) {
    case ConfigNode::Type::null: text += '~'; return;
    case ConfigNode::Type::scalar:
      text += fmt::format("{}{}:{}", node.quoted ? 'q' : 's', node.scalar.size(), node.scalar);
      return;
    case ConfigNode::Type::list:
      text += '[';
      for (const ConfigNodePtr& item : node.items) say(*item, text);
      text += ']';
      return;
    case ConfigNode::Type::map:
      text += '{';
      for (const ConfigNode::Member& member : node.members) {
        text += fmt::format("{}:{}=", member.key.size(), member.key);
        say(*member.value, text);
      }
      text += '}';
      return;
  }
}

const std::string* scalar_of(const ConfigNode& node, std::string_view key) {
  const ConfigNode* found = node.find(key);
  return found && found->type == ConfigNode::Type::scalar ? &found->scalar : nullptr;
}

// Calls `take(id, node)` for each item of a list of the file that names a rule under `key`.
template <typename Take>
void each_item(const ConfigNode& file, std::string_view list, std::string_view key, Take take) {
  const ConfigNode* items = file.type == ConfigNode::Type::map ? file.find(list) : nullptr;
  if (!items || items->type != ConfigNode::Type::list) return;
  for (const ConfigNodePtr& item : items->items) {
    if (item->type != ConfigNode::Type::map) continue;
    if (const std::string* id = scalar_of(*item, key)) take(*id, *item);
  }
}

void describe(const std::vector<ConfigNodePtr>& files, CompiledRules& compiled) {
  for (const ConfigNodePtr& file : files) {
    each_item(*file, "rules", "id", [&compiled](const std::string& id, const ConfigNode& rule) {
      compiled.origins[id] = {rule.at.file ? *rule.at.file : std::string(), rule.at.line};
      say(rule, compiled.said[id]);
    });
  }
  for (const ConfigNodePtr& file : files) {
    each_item(*file, "overrides", "rule",
              [&compiled](const std::string& id, const ConfigNode& exception) { say(exception, compiled.said[id]); });
  }
}

}  // namespace

CompiledRules compile(const RuleFiles& files, const rules::CalendarPtr& calendar, Problems& problems) {
  std::vector<ConfigNodePtr> nodes;
  for (const RuleFile& file : files) {
    auto node = settings::parse_yaml(file.text, file.name, problems);
    if (node && node->type != ConfigNode::Type::null) nodes.push_back(std::move(node));  // an empty file says nothing
  }
  CompiledRules compiled;
  compiled.rules = rules::parse(nodes, problems, calendar);
  if (problems.empty() && (!compiled.rules || compiled.rules->all().empty())) {
    problems.add(ProblemCode::E105_missing_key, whole(files.empty() ? "" : files.front().name), "rules",
                 "found no rule in any file, expected at least one");
  }
  if (problems.empty()) {
    describe(nodes, compiled);
  } else {
    compiled.rules = nullptr;
    problems.sort();
  }
  return compiled;
}

RuleChanges changes_between(const CompiledRules& before, const CompiledRules& after) {
  RuleChanges changes;
  for (const auto& [id, said] : after.said) {
    const auto was = before.said.find(id);
    if (was == before.said.end()) {
      changes.added.push_back(id);
    } else if (was->second != said) {
      changes.changed.push_back(id);
    }
  }
  for (const auto& [id, said] : before.said) {
    if (!after.said.contains(id)) changes.removed.push_back(id);
  }
  return changes;
}

RuleFiles lay_over(RuleFiles files, const RulePatch& patch, Problems& problems) {
  for (const auto& [name, text] : patch) {
    if (!is_rule_file_name(name)) {
      problems.add(ProblemCode::E117_not_allowed, whole(name), "",
                   fmt::format("found a file of this name, expected x.yaml, without a folder, of at most {} bytes",
                               kMaxRuleFileName));
      continue;
    }
    std::erase_if(files, [&name = name](const RuleFile& file) { return file.name == name; });
    if (text) files.push_back({name, *text});
  }
  std::ranges::sort(files, {}, &RuleFile::name);
  std::size_t bytes = 0;
  for (const RuleFile& file : files) bytes += file.text.size();
  if (bytes > kMaxRuleBytes || files.size() > kMaxRuleFiles) {
    problems.add(ProblemCode::E116_too_large, whole(""), "",
                 fmt::format("found {} files of {} bytes, expected at most {} of {}", files.size(), bytes,
                             kMaxRuleFiles, kMaxRuleBytes));
  }
  return files;
}

RulePatch patch_between(const RuleFiles& from, const RuleFiles& to) {
  RulePatch patch;
  for (const RuleFile& file : from) patch.emplace(file.name, std::nullopt);
  for (const RuleFile& file : to) patch[file.name] = file.text;
  for (const RuleFile& file : from) {
    const auto same = patch.find(file.name);
    if (same->second == file.text) patch.erase(same);
  }
  return patch;
}

RuleFiles builtin_rule_files() {
  RuleFiles files;
  for (const BuiltinFile& file : builtin_rules()) files.push_back({std::string(file.name), std::string(file.text)});
  std::ranges::sort(files, {}, &RuleFile::name);
  return files;
}

}  // namespace firegate::app
