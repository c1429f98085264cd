#include "settings/yaml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace firegate::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems_of(std::string_view text) {
  Problems problems;
  parse_yaml(text, "f.yaml", problems);
  std::vector<std::string> list;
  for (const Problem& problem : problems.list()) list.push_back(to_text(problem));
  return list;
}

TEST(Yaml, EveryNodeKnowsItsPlaceAndPath) {
  Problems problems;
  const auto root = parse_yaml("a:\n  - b: 1\n    c: \"2\"\n", "f.yaml", problems);
  ASSERT_TRUE(root);
  const ConfigNode& item = *root->find("a")->items.at(0);
  EXPECT_EQ(item.find("c")->path, "a[0].c");
  EXPECT_EQ(item.find("c")->at.line, 3);
  EXPECT_EQ(item.find("c")->at.column, 8);
  EXPECT_TRUE(item.find("c")->quoted);
  EXPECT_FALSE(item.find("b")->quoted);
}

TEST(Yaml, ReportsADuplicateKeyWithTheFirst) {
  EXPECT_THAT(problems_of("a: 1\nb: 2\na: 3\n"),
              ElementsAre(AllOf(HasSubstr("f.yaml:3:1: error[E103]"), HasSubstr("first at 1:1"))));
}

TEST(Yaml, ANullStandsWhereItsKeyStands) {
  Problems problems;
  const auto root = parse_yaml("a:\nb: 1\n", "f.yaml", problems);
  EXPECT_EQ(root->find("a")->type, ConfigNode::Type::null);
  EXPECT_EQ(root->find("a")->at.line, 1);
}

TEST(Yaml, ReportsSyntaxWithItsPlace) {
  EXPECT_THAT(problems_of("a: [1, 2\nb: 3\n"), ElementsAre(HasSubstr("error[E102]")));
}

TEST(Yaml, StopsNestingBeyondItsLimit) {
  EXPECT_THAT(problems_of(std::string(200, '[') + std::string(200, ']')), ElementsAre(HasSubstr("error[E116]")));
}

TEST(Yaml, StopsNestingThatWouldExhaustTheStack) {
  EXPECT_THAT(problems_of(std::string(200'000, '[')),
              ElementsAre(testing::AnyOf(HasSubstr("error[E116]"), HasSubstr("error[E102]"))));
}

TEST(Yaml, StopsAliasesThatBlowUp) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    text +=
        fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("error[E116]")));
}

TEST(Yaml, AMissingFileAndAFolderAreProblems) {
  for (const char* file : {"/nonexistent/f.yaml", "/tmp"}) {
    Problems problems;
    EXPECT_EQ(load_yaml(file, file, problems), nullptr);
    ASSERT_EQ(problems.list().size(), 1u);
    EXPECT_EQ(problems.list()[0].code, ProblemCode::E101_unreadable_file);
  }
}

TEST(Yaml, EveryCutOfAFileIsReadOrReported) {
  const std::string_view whole = "a: {b: [1, \"x\"], c: 'y'}\nd:\n  - e: |\n      text\n  - &f {g: 1}\n  - *f\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    Problems problems;
    const auto root = parse_yaml(whole.substr(0, length), "f.yaml", problems);
    EXPECT_TRUE(root || !problems.empty()) << length;
  }
}

}  // namespace
}  // namespace firegate::settings
