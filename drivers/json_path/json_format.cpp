#include "drivers/json_path/json_format.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::json_path {
namespace {

constexpr std::array<std::string_view, 3> kAddressRoots{"topic.", "message.", "each."};
constexpr std::array<std::string_view, 6> kAnswerRoots{"base", "address", "topic.", "message.", "each.", "now"};
constexpr std::array<std::string_view, 6> kCommandRoots{"base",         "address",       "command.id",
                                                        "command.port", "command.until", "learned."};
constexpr std::array<std::string_view, 2> kGoodResults{"accepted", "done"};
constexpr std::size_t kDeepestEach = 4;  // stars in a path; each multiplies (our choice)

std::string scalar_of(const ConfigNode& node, Problems& problems) {
  if (node.type != ConfigNode::Type::scalar) {
    problems.add(ProblemCode::E106_wrong_type, node.at, node.path, "found no text or number, expected one");
  }
  return node.scalar;
}

std::vector<std::string> scalars_of(const ConfigNode* node, Problems& problems) {
  std::vector<std::string> texts;
  if (!node) return texts;
  if (node->type != ConfigNode::Type::list) return {scalar_of(*node, problems)};
  for (const auto& item : node->items) texts.push_back(scalar_of(*item, problems));
  return texts;
}

std::vector<Conditions::Is> parse_words(const ConfigNode* map, Problems& problems) {
  std::vector<Conditions::Is> list;
  if (!map) return list;
  for (const auto& member : map->members) list.push_back({member.key, scalars_of(member.value.get(), problems)});
  return list;
}

Conditions parse_conditions(MapReader& reader, Problems& problems) {
  Conditions conditions;
  conditions.is = parse_words(reader.map("when"), problems);
  conditions.has = scalars_of(reader.node("has"), problems);
  conditions.lacks = scalars_of(reader.node("lacks"), problems);
  return conditions;
}

std::optional<Conditions> parse_mark(const ConfigNode* map, Problems& problems) {
  if (!map) return std::nullopt;
  MapReader reader(*map, problems);
  Conditions conditions = parse_conditions(reader, problems);
  reader.finish();
  return conditions;
}

std::vector<TextTemplate> parse_templates(const ConfigNode* node, std::span<const std::string_view> roots,
                                          Problems& problems) {
  std::vector<TextTemplate> templates;
  if (!node) return templates;
  if (node->type != ConfigNode::Type::list) return {TextTemplate::parse(*node, roots, problems)};
  for (const auto& item : node->items) templates.push_back(TextTemplate::parse(*item, roots, problems));
  return templates;
}

OutgoingRule parse_outgoing(MapReader& reader, std::span<const std::string_view> roots, Problems& problems) {
  OutgoingRule rule;
  if (const ConfigNode* topic = reader.node("topic", true)) rule.topic = TextTemplate::parse(*topic, roots, problems);
  if (const ConfigNode* payload = reader.node("payload", true)) {
    rule.payload = TextTemplate::parse(*payload, roots, problems);
  }
  return rule;
}

FieldRule parse_field(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  FieldRule rule;
  if (!reader.ok()) return rule;
  const bool constant = reader.has("value");
  rule.meaning = FieldMeaning::read(reader, problems, !constant);
  rule.when = parse_conditions(reader, problems);
  if (constant) {
    rule.constant = value_from_config(*reader.node("value"), rule.meaning.point, problems);
    if (reader.has("field")) {
      reader.wrong("value", ProblemCode::E113_contradiction, "found a field and a value, expected one of them");
    }
  }
  reader.finish();
  return rule;
}

std::vector<FieldRule> parse_fields(const ConfigNode* list, Problems& problems) {
  std::vector<FieldRule> fields;
  if (!list) return fields;
  for (const auto& item : list->items) fields.push_back(parse_field(*item, problems));
  return fields;
}

std::optional<PortRule> parse_port(const ConfigNode* node, Problems& problems) {
  if (!node) return std::nullopt;
  if (node->type == ConfigNode::Type::scalar) return PortRule{node->scalar, false};
  MapReader reader(*node, problems);
  if (!reader.ok()) return std::nullopt;
  PortRule rule{reader.text("field"), reader.boolean("zero_is_device", false)};
  reader.finish();
  return rule;
}

std::optional<ReplyRule> parse_reply(const ConfigNode* node, Problems& problems) {
  if (!node) return std::nullopt;
  MapReader reader(*node, problems);
  ReplyRule rule{reader.text("id"), reader.text("result"), {}, reader.text("reason", "")};
  if (const ConfigNode* results = reader.map("results", true)) {
    for (const auto& member : results->members) {
      if (std::find(kGoodResults.begin(), kGoodResults.end(), member.value->scalar) == kGoodResults.end()) {
        problems.add(ProblemCode::E108_not_in_list, member.value->at, member.value->path,
                     fmt::format("found \"{}\", expected accepted or done; every other word means failed",
                                 member.value->scalar));
      }
      rule.results.emplace(member.key, member.value->scalar);
    }
  }
  reader.finish();
  return rule;
}

std::vector<LearnRule> parse_learn(const ConfigNode* map) {
  std::vector<LearnRule> rules;
  if (!map) return rules;
  for (const auto& member : map->members) rules.push_back({member.key, member.value->scalar});
  return rules;
}

std::optional<OutgoingRule> parse_answer(const ConfigNode* node, Problems& problems) {
  if (!node) return std::nullopt;
  MapReader reader(*node, problems);
  if (!reader.ok()) return std::nullopt;
  OutgoingRule rule = parse_outgoing(reader, kAnswerRoots, problems);
  reader.finish();
  return rule;
}

std::optional<IgnoreReason> parse_ignore(MapReader& reader) {
  if (reader.has("ignore")) return reader.choice<IgnoreReason>("ignore", std::nullopt);
  reader.node("ignore");
  return std::nullopt;
}

MessageRule parse_message(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  MessageRule rule;
  if (!reader.ok()) return rule;
  rule.topic = parse_words(reader.map("topic"), problems);
  rule.when = parse_conditions(reader, problems);
  rule.each = reader.text("each", "");
  if (static_cast<std::size_t>(std::count(rule.each.begin(), rule.each.end(), '*')) > kDeepestEach) {
    reader.wrong("each", ProblemCode::E107_out_of_range, fmt::format("expected at most {} stars", kDeepestEach));
  }
  rule.kind = reader.choice<MessageKind>("kind", MessageKind::delta);
  rule.device = parse_templates(reader.node("device"), kAddressRoots, problems);
  rule.time = reader.text("time", "");
  rule.port = parse_port(reader.node("port"), problems);
  rule.fields = parse_fields(reader.list("fields"), problems);
  rule.common = reader.text("common", "");
  rule.reply = parse_reply(reader.node("reply"), problems);
  rule.learn = parse_learn(reader.map("learn"));
  rule.answer = parse_answer(reader.node("answer"), problems);
  rule.ignore = parse_ignore(reader);
  if (rule.reply && rule.kind != MessageKind::reply) {
    reader.wrong("reply", ProblemCode::E113_contradiction, "found a message of another kind, expected kind: reply");
  }
  reader.finish();
  return rule;
}

std::vector<std::string> split_levels(std::string_view text) {
  std::vector<std::string> levels;
  for (;;) {
    const auto slash = text.find('/');
    levels.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return levels;
    text.remove_prefix(slash + 1);
  }
}

TopicPattern parse_topic(const ConfigNode& node, Problems& problems) {
  TopicPattern pattern;
  if (node.type == ConfigNode::Type::map) {
    MapReader reader(node, problems);
    pattern.levels = split_levels(reader.text("topic"));
    pattern.ignore = parse_ignore(reader);
    pattern.plain = reader.boolean("plain", false);
    reader.finish();
  } else {
    pattern.levels = split_levels(scalar_of(node, problems));
  }
  for (std::size_t i = 0; i < pattern.levels.size(); ++i) {
    const std::string& level = pattern.levels[i];
    const bool taken = level.size() > 2 && level.front() == '<' && level.back() == '>';
    const bool wildcard = level == "+" || (level == "#" && i + 1 == pattern.levels.size());
    if (!taken && !wildcard && (level.empty() || level.find_first_of("+#<>") != std::string::npos)) {
      problems.add(ProblemCode::E117_not_allowed, node.at, node.path,
                   fmt::format("found the level \"{}\", expected a name, <name>, + or a # at the end", level));
    }
  }
  return pattern;
}

CommandRule parse_command(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  CommandRule rule;
  if (!reader.ok()) return rule;
  rule.outgoing = parse_outgoing(reader, kCommandRoots, problems);
  for (const std::string& need : scalars_of(reader.node("needs"), problems)) {
    if (need == "port") rule.needs_port = true;
    else if (need == "until") rule.needs_until = true;
    else
      reader.wrong("needs", ProblemCode::E108_not_in_list, fmt::format("found \"{}\", expected port or until", need));
  }
  reader.finish();
  return rule;
}

std::map<CommandKind, CommandRule> parse_commands(const ConfigNode* map, Problems& problems) {
  std::map<CommandKind, CommandRule> commands;
  if (!map) return commands;
  const auto& words = Labels<CommandKind>::list;
  for (const auto& member : map->members) {
    const auto found = std::find(words.begin(), words.end(), member.key);
    if (found == words.end()) {
      problems.add(ProblemCode::E104_unknown_key, member.key_at, member.value->path,
                   fmt::format("found \"{}\", expected one of {}", member.key, fmt::join(words, ", ")));
      continue;
    }
    commands.emplace(static_cast<CommandKind>(found - words.begin()), parse_command(*member.value, problems));
  }
  return commands;
}

}  // namespace

JsonFormat JsonFormat::parse(const ConfigNode& node, std::string name, Problems& problems) {
  JsonFormat format;
  format.name = std::move(name);
  MapReader reader(node, problems);
  if (!reader.ok()) return format;
  reader.text("source");  // where the meanings come from: for people
  format.base = reader.text("base");
  if (const ConfigNode* topics = reader.list("topics", true)) {
    for (const auto& topic : topics->items) format.topics.push_back(parse_topic(*topic, problems));
  }
  if (const ConfigNode* recognise = reader.map("recognise")) {
    MapReader inner(*recognise, problems);
    format.content = parse_conditions(inner, problems);
    format.anywhere = inner.boolean("anywhere", false);
    inner.finish();
  }
  format.required = scalars_of(reader.node("required"), problems);
  format.simulated = parse_mark(reader.map("simulated"), problems);
  format.historical = parse_mark(reader.map("historical"), problems);
  format.device = parse_templates(reader.node("device", true), kAddressRoots, problems);
  format.time = reader.text("time", "");
  if (const ConfigNode* messages = reader.list("messages", true)) {
    for (const auto& message : messages->items) format.messages.push_back(parse_message(*message, problems));
  }
  format.commands = parse_commands(reader.map("commands"), problems);
  reader.finish();
  return format;
}

}  // namespace firegate::json_path
