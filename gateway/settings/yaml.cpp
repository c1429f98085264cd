#include "settings/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>

namespace firegate::settings {
namespace {

constexpr std::size_t kMaxNodes = 1'000'000;     // our choice: an alias bomb is stopped long before memory is short
constexpr int kMaxDepth = 32;                    // our choice
constexpr std::uintmax_t kMaxBytes = 64u << 20;  // our choice

// Walks yaml-cpp's tree once and makes ours. yaml-cpp 0.7 keeps duplicate keys silently and marks null nodes with the
// place of the next token; here a duplicate is a problem and a null value stands where its key stands.
class Walk {
 public:
  Walk(std::shared_ptr<const std::string> file, Problems& problems) : file_(std::move(file)), problems_(problems) {}

  ConfigNodePtr node(const YAML::Node& yaml, const SourcePos& at, const std::string& path, int depth) {
    auto made = std::make_shared<ConfigNode>();
    made->at = at;
    made->path = path;
    if (++nodes_ > kMaxNodes || depth > kMaxDepth) {
      if (!too_large_)
        problems_.add(ProblemCode::E116_too_large, at, path,
                      fmt::format("found more than {} values or nesting beyond {}", kMaxNodes, kMaxDepth));
      too_large_ = true;
      return made;
    }
    switch (yaml.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: break;
      case YAML::NodeType::Scalar:
        made->type = ConfigNode::Type::scalar;
        made->scalar = yaml.Scalar();
        made->quoted = yaml.Tag() == "!";
        break;
      case YAML::NodeType::Sequence: list(yaml, *made, depth); break;
      case YAML::NodeType::Map: map(yaml, *made, depth); break;
    }
    return made;
  }

  SourcePos position(const YAML::Node& yaml, const SourcePos& otherwise) const {
    const YAML::Mark mark = yaml.Mark();
    if (mark.line < 0 || yaml.IsNull()) return otherwise;
    return {file_, mark.line + 1, mark.column + 1};
  }

 private:
  void list(const YAML::Node& yaml, ConfigNode& made, int depth) {
    made.type = ConfigNode::Type::list;
    std::size_t index = 0;
    for (const YAML::Node& item : yaml) {
      if (too_large_) return;
      made.items.push_back(node(item, position(item, made.at), fmt::format("{}[{}]", made.path, index++), depth + 1));
    }
  }

  void map(const YAML::Node& yaml, ConfigNode& made, int depth) {
    made.type = ConfigNode::Type::map;
    for (const auto& member : yaml) {
      if (too_large_) return;
      const SourcePos key_at = position(member.first, made.at);
      if (!member.first.IsScalar()) {
        problems_.add(ProblemCode::E106_wrong_type, key_at, made.path,
                      "found a key that is not a word, expected a word");
        continue;
      }
      const std::string& key = member.first.Scalar();
      if (const auto* first = earlier(made, key)) {
        problems_.add(ProblemCode::E103_duplicate_key, key_at, made.path,
                      fmt::format("\"{}\" stands here a second time, first at {}:{}", key, first->key_at.line,
                                  first->key_at.column));
        continue;
      }
      const std::string path = made.path.empty() ? key : made.path + "." + key;
      made.members.push_back({key, key_at, node(member.second, position(member.second, key_at), path, depth + 1)});
    }
  }

  static const ConfigNode::Member* earlier(const ConfigNode& map, const std::string& key) {
    for (const auto& member : map.members) {
      if (member.key == key) return &member;
    }
    return nullptr;
  }

  std::shared_ptr<const std::string> file_;
  Problems& problems_;
  std::size_t nodes_ = 0;
  bool too_large_ = false;
};

}  // namespace

ConfigNodePtr parse_yaml(std::string_view text, std::string shown_as, Problems& problems) {
  const auto file = std::make_shared<const std::string>(std::move(shown_as));
  try {
    const YAML::Node yaml = YAML::Load(std::string(text));
    Walk walk(file, problems);
    return walk.node(yaml, walk.position(yaml, {file, 1, 1}), "", 0);
  } catch (const YAML::Exception& error) {
    const SourcePos at{file, error.mark.line + 1, error.mark.column + 1};
    problems.add(ProblemCode::E102_bad_syntax, at, "", fmt::format("reading YAML: {}", error.msg));
    return nullptr;
  }
}

ConfigNodePtr load_yaml(const std::filesystem::path& file, std::string shown_as, Problems& problems) {
  const SourcePos at{std::make_shared<const std::string>(shown_as), 0, 0};
  std::error_code failure;
  const auto size = std::filesystem::file_size(file, failure);
  if (failure) {
    problems.add(ProblemCode::E101_unreadable_file, at, "", fmt::format("opening the file: {}", failure.message()));
    return nullptr;
  }
  if (size > kMaxBytes) {
    problems.add(ProblemCode::E116_too_large, at, "",
                 fmt::format("found {} bytes, expected at most {}", size, kMaxBytes));
    return nullptr;
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) {
    problems.add(ProblemCode::E101_unreadable_file, at, "", "reading the file failed");
    return nullptr;
  }
  return parse_yaml(text, std::move(shown_as), problems);
}

}  // namespace firegate::settings
