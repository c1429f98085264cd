#include "settings/config_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "settings/yaml.h"

namespace firegate::settings {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kKnownFiles{"gateway.yaml", "places.yaml", "routes.yaml", "calendar.yaml", "devices.csv"};
constexpr std::uintmax_t kMaxTextBytes = 64u << 20;  // our choice

bool is_config(const fs::path& file) {
  const auto ending = file.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".csv";
}

// An empty file says nothing: as if it were missing.
ConfigNodePtr yaml_if_there(const fs::path& file, Problems& problems) {
  std::error_code failure;
  if (!fs::exists(file, failure) && !failure) return nullptr;
  auto node = load_yaml(file, file.string(), problems);
  return node && node->type == ConfigNode::Type::null ? nullptr : node;
}

std::optional<TextFile> text_if_there(const fs::path& file, Problems& problems) {
  std::error_code failure;
  if (!fs::exists(file, failure) && !failure) return std::nullopt;
  const SourcePos at{std::make_shared<const std::string>(file.string()), 0, 0};
  const auto size = fs::file_size(file, failure);
  if (failure) {
    problems.add(ProblemCode::E101_unreadable_file, at, "", fmt::format("opening the file: {}", failure.message()));
    return std::nullopt;
  }
  if (size > kMaxTextBytes) {
    problems.add(ProblemCode::E116_too_large, at, "",
                 fmt::format("found {} bytes, expected at most {}", size, kMaxTextBytes));
    return std::nullopt;
  }
  std::ifstream stream(file, std::ios::binary);
  TextFile read{file.string(), {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}};
  if (!stream || read.text.size() != size) {
    problems.add(ProblemCode::E101_unreadable_file, at, "", "reading the file failed");
    return std::nullopt;
  }
  return read;
}

std::vector<fs::path> files_in(const fs::path& folder, Problems& problems) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (is_config(at->path()) && !at->path().filename().string().starts_with('.')) files.push_back(at->path());
  }
  if (failure) {
    problems.add(ProblemCode::E101_unreadable_file, {std::make_shared<const std::string>(folder.string()), 0, 0}, "",
                 fmt::format("reading the folder: {}", failure.message()));
  }
  std::ranges::sort(files);
  return files;
}

std::vector<ModelFile> load_models(const fs::path& folder, Problems& problems) {
  std::vector<ModelFile> models;
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return models;
  std::vector<fs::path> brands;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (at->is_directory(failure)) brands.push_back(at->path());
  }
  std::ranges::sort(brands);
  for (const fs::path& brand : brands) {
    for (const fs::path& file : files_in(brand, problems)) {
      if (file.extension() != ".yaml") continue;
      if (auto node = yaml_if_there(file, problems)) {
        models.push_back({brand.filename().string(), file.stem().string(), std::move(node)});
      }
    }
  }
  return models;
}

std::vector<TextFile> load_codecs(const fs::path& folder, Problems& problems) {
  std::vector<fs::path> files;
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return {};
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (at->path().extension() == ".js") files.push_back(at->path());
  }
  std::ranges::sort(files);
  std::vector<TextFile> codecs;
  for (const fs::path& file : files) {
    if (auto text = text_if_there(file, problems)) codecs.push_back(std::move(*text));
  }
  return codecs;
}

// A misspelt name would silently mean "defaults". Files whose names are like none of ours are somebody else's business.
void report_misspelt(const fs::path& file, std::span<const std::string_view> known, Problems& problems) {
  const std::string name = file.filename().string();
  const auto near = nearest(name, known);
  if (near.empty() || near == name) return;
  problems.add(ProblemCode::E117_not_allowed, {std::make_shared<const std::string>(file.string()), 0, 0}, "",
               fmt::format("nobody reads this file; did you mean \"{}\"", near));
}

}  // namespace

std::vector<ConfigNodePtr> load_rule_files(const fs::path& folder, Problems& problems) {
  std::vector<ConfigNodePtr> rules;
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return rules;
  for (const fs::path& file : files_in(folder, problems)) {
    if (file.extension() == ".yml") {
      const std::string expected = file.stem().string() + ".yaml";
      report_misspelt(file, std::array<std::string_view, 1>{expected}, problems);
    } else if (file.extension() != ".yaml") {
      continue;
    } else if (auto node = yaml_if_there(file, problems)) {
      rules.push_back(std::move(node));
    }
  }
  return rules;
}

const ConfigNode* section(const ConfigNode* gateway, std::string_view name) noexcept {
  const ConfigNode* found = gateway ? gateway->find(name) : nullptr;
  return found && found->type != ConfigNode::Type::null ? found : nullptr;
}

void check_sections(const ConfigNode* gateway, Problems& problems) {
  if (!gateway) return;
  MapReader reader(*gateway, problems);
  if (!reader.ok()) return;
  for (const std::string_view name : kGatewaySections) reader.node(name);
  reader.finish();
}

ConfigFolder load_config_folder(const fs::path& folder, Problems& problems) {
  ConfigFolder read;
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    problems.add(ProblemCode::E101_unreadable_file, {std::make_shared<const std::string>(folder.string()), 0, 0}, "",
                 "found no folder of this name, expected a configuration folder");
    return read;
  }
  for (const fs::path& file : files_in(folder, problems)) report_misspelt(file, kKnownFiles, problems);
  read.gateway = yaml_if_there(folder / "gateway.yaml", problems);
  read.places = yaml_if_there(folder / "places.yaml", problems);
  read.routes = yaml_if_there(folder / "routes.yaml", problems);
  read.calendar = yaml_if_there(folder / "calendar.yaml", problems);
  read.devices = text_if_there(folder / "devices.csv", problems);
  read.rules = load_rule_files(folder / "rules", problems);
  read.formats = load_rule_files(folder / "formats", problems);
  read.models = load_models(folder / "models", problems);
  read.codecs = load_codecs(folder / "codecs", problems);
  return read;
}

}  // namespace firegate::settings
