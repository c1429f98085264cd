// Folders of configuration files and what is wrong with them (data/<case>/expected.txt: "file:line[:column] Ennn" a
// line). The same files go through the JSON Schemas: where a schema and the code disagree, one of them lies to
// somebody's editor.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "decode/source.h"
#include "documents/csv.h"
#include "drivers/all_drivers.h"
#include "registry/devices_file.h"
#include "registry/places_file.h"
#include "settings/config_folder.h"
#include "settings/yaml.h"
#include "support/json_schema.h"

namespace firegate::settings {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = FIREGATE_SOURCE_DIR;
const fs::path kData = kRoot / "tests/unit/settings/data";

std::vector<fs::path> folders(const fs::path& parent) {
  std::vector<fs::path> list;
  for (const auto& entry : fs::directory_iterator(parent)) {
    if (entry.is_directory()) list.push_back(entry.path());
  }
  std::ranges::sort(list);
  return list;
}

// As `firegate check` does, for the files of this corpus.
std::vector<Problem> check(const fs::path& folder) {
  static const auto drivers = all_drivers();
  std::vector<const Driver*> list;
  for (const auto& driver : drivers) list.push_back(driver.get());

  Problems problems;
  const ConfigFolder files = load_config_folder(folder, problems);
  const ConfigNode* gateway = files.gateway.get();
  check_sections(gateway, problems);
  const auto sources =
      decode::Settings::parse(section(gateway, "sources"), section(gateway, "limits"), list, problems).sources;
  const auto places = files.places ? registry::parse_places(*files.places, problems) : registry::Places();
  if (files.devices) {
    std::vector<registry::SourceName> names;
    for (const auto& source : sources) names.push_back({source.id, std::string(source.driver->format())});
    const auto csv = documents::parse_csv(files.devices->text, files.devices->shown_as, problems);
    if (csv) registry::parse_devices(*csv, places, names, problems);
  }
  problems.sort();
  return problems.list();
}

std::string shown(const Problem& problem, bool with_column) {
  std::string text = fmt::format("{}:{}", fs::path(*problem.at.file).filename().string(), problem.at.line);
  if (with_column) text += fmt::format(":{}", problem.at.column);
  return fmt::format("{} E{}", text, static_cast<unsigned>(problem.code));
}

std::vector<std::string> expected_lines(const fs::path& folder) {
  std::ifstream stream(folder / "expected.txt");
  EXPECT_TRUE(stream) << folder;
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(ConfigCorpus, EveryFolderHasExactlyItsProblems) {
  const auto cases = folders(kData);
  ASSERT_GE(cases.size(), 46u);
  for (const fs::path& folder : cases) {
    const auto expected = expected_lines(folder);
    const bool with_column = !expected.empty() && std::ranges::count(expected.front(), ':') == 2;
    std::vector<std::string> found;
    std::string all;
    for (const Problem& problem : check(folder)) {
      found.push_back(shown(problem, with_column));
      all += to_text(problem) + "\n";
    }
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected)) << folder.filename() << "\n" << all;
  }
}

TEST(ConfigCorpus, TheDemoAndEveryExampleAreGood) {
  auto list = folders(kRoot / "config/examples");
  ASSERT_GE(list.size(), 3u);
  list.push_back(kRoot / "config");
  for (const fs::path& folder : list) {
    for (const Problem& problem : check(folder)) ADD_FAILURE() << to_text(problem);
  }
}

// Problems that a schema can see: structure, types, ranges, words. References, duplicates and overlaps are beyond it.
bool visible_to_schema(ProblemCode code) {
  const std::set<ProblemCode> codes{ProblemCode::E104_unknown_key, ProblemCode::E105_missing_key,
                                    ProblemCode::E106_wrong_type,  ProblemCode::E107_out_of_range,
                                    ProblemCode::E108_not_in_list, ProblemCode::E111_bad_id,
                                    ProblemCode::E112_bad_duration};
  return codes.contains(code);
}

bool code_objects(const fs::path& folder, const std::string& file) {
  return std::ranges::any_of(check(folder), [&file](const Problem& problem) {
    return problem.at.line > 0 && fs::path(*problem.at.file).filename() == file && visible_to_schema(problem.code);
  });
}

bool can_be_read(const ConfigNodePtr& node, const Problems& problems) {
  return node && problems.empty() && node->type != ConfigNode::Type::null;
}

TEST(ConfigCorpus, SchemasAndCodeGiveTheSameVerdict) {
  std::size_t compared = 0;
  auto list = folders(kData);
  list.push_back(kRoot / "config");
  for (const fs::path& example : folders(kRoot / "config/examples")) list.push_back(example);
  for (const fs::path& folder : list) {
    for (const std::string name : {"gateway", "places"}) {
      const fs::path file = folder / (name + ".yaml");
      if (!fs::exists(file)) continue;
      Problems problems;
      const auto node = load_yaml(file, file.string(), problems);
      if (!can_be_read(node, problems)) continue;
      const auto schema = load_yaml(kRoot / "config/schema" / (name + ".schema.json"), name + ".schema.json", problems);
      ASSERT_TRUE(schema) << name;
      EXPECT_EQ(!support::fits_schema(*node, *schema), code_objects(folder, name + ".yaml")) << file;
      ++compared;
    }
  }
  EXPECT_GE(compared, 30u);
}

TEST(ConfigSchema, KnowsEveryWordOfTheCode) {
  Problems problems;
  const auto gateway = load_yaml(kRoot / "config/schema/gateway.schema.json", "g", problems);
  const auto places = load_yaml(kRoot / "config/schema/places.schema.json", "p", problems);
  ASSERT_TRUE(gateway && places);
  std::vector<std::string> sections;
  for (const auto& member : gateway->find("properties")->members) sections.push_back(member.key);
  EXPECT_THAT(sections, testing::UnorderedElementsAreArray(kGatewaySections));
  std::vector<std::string> formats;
  const ConfigNode* format =
      gateway->find("properties")->find("sources")->find("items")->find("properties")->find("format");
  for (const auto& item : format->find("enum")->items) formats.push_back(item->scalar);
  std::vector<std::string> drivers;
  for (const auto& driver : all_drivers()) drivers.emplace_back(driver->format());
  for (const auto& file : fs::directory_iterator(kRoot / "drivers/json_path/formats")) {
    if (file.path().extension() == ".yaml") drivers.push_back(file.path().stem());
  }
  EXPECT_THAT(formats, testing::UnorderedElementsAreArray(drivers));
  std::vector<std::string> occupancy;
  const ConfigNode* estate = places->find("properties")->find("estates")->find("items")->find("properties");
  for (const auto& item : estate->find("occupancy")->find("items")->find("enum")->items)
    occupancy.push_back(item->scalar);
  EXPECT_THAT(occupancy, testing::ElementsAreArray(Labels<Occupancy>::list));
}

}  // namespace
}  // namespace firegate::settings
