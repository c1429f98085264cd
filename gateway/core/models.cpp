#include "core/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace firegate {
namespace {

FieldMeaning parse_field(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  FieldMeaning meaning = FieldMeaning::read(reader, problems);
  reader.finish();
  return meaning;
}

std::vector<std::string> parse_words(const ConfigNode* list) {
  std::vector<std::string> words;
  if (!list) return words;
  for (const auto& item : list->items) words.push_back(item->scalar);
  return words;
}

// A file right in the folder codecs/: never a path that leads out of it.
bool is_codec_name(std::string_view name) {
  constexpr std::string_view kFolder = "codecs/", kEnding = ".js";
  if (!name.starts_with(kFolder) || !name.ends_with(kEnding) || name.size() <= kFolder.size() + kEnding.size()) return false;
  const std::string_view file = name.substr(kFolder.size());
  return file.front() != '.' && std::ranges::all_of(file, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

}  // namespace

Value value_from_config(const ConfigNode& node, Point point, Problems& problems) {
  const PointInfo& what = info(point);
  if (node.type == ConfigNode::Type::scalar) {
    if (node.scalar == "unknown") return Unknown{};
    if (what.type == ValueType::boolean && node.scalar == "true") return true;
    if (what.type == ValueType::boolean && node.scalar == "false") return false;
    if (what.type == ValueType::choice) {
      const Value choice = choice_value(point, node.scalar);
      if (!is_unknown(choice)) return choice;
    }
    if (what.type == ValueType::text) return node.scalar;
    if (double number = 0; what.type == ValueType::number && !node.quoted) {
      const char* end = node.scalar.data() + node.scalar.size();
      const auto read = std::from_chars(node.scalar.data(), end, number);
      if (read.ec == std::errc{} && read.ptr == end && std::isfinite(number)) return number;
    }
  }
  problems.add(ProblemCode::E108_not_in_list, node.at, node.path,
               fmt::format("found \"{}\", expected a value of {}", node.scalar,
                           what.type == ValueType::choice ? fmt::format("{} ({})", what.name, fmt::join(what.choices, ", "))
                                                          : std::string(what.name)));
  return Unknown{};
}

FieldMeaning FieldMeaning::read(MapReader& reader, Problems& problems, bool needs_field) {
  FieldMeaning meaning;
  meaning.field = needs_field ? reader.text("field") : reader.text("field", "");
  const std::string point = reader.text("point");
  if (const auto known = point_from_name(point)) {
    meaning.point = *known;
  } else if (reader.has("point")) {
    reader.wrong("point", ProblemCode::E110_unknown_reference, fmt::format("found \"{}\", expected a point of ours", point));
  }
  meaning.port = static_cast<Port>(reader.integer("port", kNoPort, kNoPort, 9999));
  meaning.scale = reader.number("scale", 1, -1e9, 1e9);
  meaning.offset = reader.number("offset", 0, -1e9, 1e9);
  meaning.pulse = reader.boolean("pulse", false);
  meaning.contains = reader.text("contains", "");
  if (!meaning.contains.empty() && info(meaning.point).type != ValueType::boolean) {
    reader.wrong("contains", ProblemCode::E113_contradiction, fmt::format("found a point that is not true or false, {}", point));
  }
  if (const ConfigNode* words = reader.map("words")) {
    for (const auto& member : words->members) {
      meaning.words.emplace_back(member.key, value_from_config(*member.value, meaning.point, problems));
    }
  }
  return meaning;
}

Model Model::parse(const ConfigNode& node, std::string brand, std::string model, Problems& problems) {
  MapReader reader(node, problems);
  Model parsed;
  parsed.brand = std::move(brand);
  parsed.model = std::move(model);
  parsed.aliases = parse_words(reader.list("aliases"));
  if (reader.has("kind")) parsed.kind = reader.choice<DeviceKind>("kind", std::nullopt);
  else reader.node("kind");
  if (reader.has("interval")) parsed.interval = reader.duration("interval", std::nullopt);
  else reader.node("interval");
  if (const ConfigNode* fields = reader.list("fields")) {
    for (const auto& field : fields->items) parsed.fields.push_back(parse_field(*field, problems));
  }
  parsed.ignored = parse_words(reader.list("ignored"));
  parsed.codec = reader.text("codec", "");
  if (!parsed.codec.empty() && !is_codec_name(parsed.codec)) {
    reader.wrong("codec", ProblemCode::E117_not_allowed,
                 fmt::format("found \"{}\", expected \"codecs/<name>.js\", of A-Z a-z 0-9 _ - .", parsed.codec));
  }
  reader.text("source", "");  // where the meanings come from: for people
  reader.finish();
  return parsed;
}

std::vector<std::string> Models::names_of(const Model& model) {
  std::vector<std::string> names{folded(model.brand + "/" + model.model), folded(model.brand + model.model)};
  for (const auto& alias : model.aliases) names.push_back(folded(alias));
  return names;
}

void Models::add(Model model) {
  for (std::string& name : names_of(model)) by_name_.emplace(std::move(name), models_.size());
  models_.push_back(std::move(model));
}

void Models::put_first(Model model) {
  for (std::string& name : names_of(model)) by_name_.insert_or_assign(std::move(name), models_.size());
  models_.push_back(std::move(model));
}

const Model* Models::find(std::string_view name) const {
  const auto found = by_name_.find(folded(name));
  return found == by_name_.end() ? nullptr : &models_[found->second];
}

std::string folded(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace firegate
