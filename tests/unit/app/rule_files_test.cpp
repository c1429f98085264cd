#include "app/rule_files.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace firegate::app {
namespace {

std::string rule(std::string_view id, int limit) {
  return "  - {id: " + std::string(id) +
         ", kinds: [charging_station], class: pre_alarm, text: {zh: 热, en: hot}, source: our choice, " +
         "when: {point: port_temperature_c, at_least: " + std::to_string(limit) + "}}\n";
}

CompiledRules compiled(const RuleFiles& files) {
  Problems problems;
  auto made = compile(files, nullptr, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return made;
}

TEST(RuleFiles, CompileToASetThatKnowsWhereEachRuleStands) {
  const auto made =
      compiled({{"a.yaml", "rules:\n" + rule("hot", 65) + rule("hotter", 75)}, {"empty.yaml", "# nothing\n"}});
  EXPECT_EQ(made.rules->all().size(), 2u);
  EXPECT_EQ(made.origins.at("hotter").file, "a.yaml");
  EXPECT_EQ(made.origins.at("hotter").line, 3);
}

TEST(RuleFiles, EveryProblemOfEveryFileIsFound) {
  Problems problems;
  const auto made =
      compile({{"a.yaml", "rules: [\n"}, {"b.yaml", "rules:\n  - {id: x}\nmore: 1\n"}}, nullptr, problems);
  EXPECT_EQ(made.rules, nullptr);
  std::set<std::string> files;
  for (const Problem& problem : problems.list()) files.insert(*problem.at.file);
  EXPECT_EQ(files, (std::set<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_GT(problems.list().size(), 3u);
}

TEST(RuleFiles, NoRuleAtAllIsAProblem) {
  for (const RuleFiles& files : {RuleFiles{}, RuleFiles{{"a.yaml", "rules: []\n"}}}) {
    Problems problems;
    EXPECT_EQ(compile(files, nullptr, problems).rules, nullptr);
    EXPECT_EQ(problems.list().size(), 1u);
  }
}

TEST(RuleFiles, TheProgramsOwnAreGood) { EXPECT_GT(compiled(builtin_rule_files()).rules->all().size(), 20u); }

TEST(RuleFiles, ChangesAreOfMeaningAndNotOfForm) {
  const auto before = compiled({{"a.yaml", "rules:\n" + rule("hot", 65) + rule("gone", 70) + rule("same", 60)}});
  const auto after = compiled({{"b.yaml", "# moved\nrules:\n" + rule("new", 80) + "  # a word\n" + rule("same", 60)},
                               {"c.yaml", "rules:\n" + rule("hot", 66)}});
  EXPECT_EQ(changes_between(before, after), (RuleChanges{{"new"}, {"gone"}, {"hot"}}));
  EXPECT_EQ(changes_between(after, after), RuleChanges{});
}

TEST(RuleFiles, AnOverrideIsAChangeOfItsRule) {
  const std::string rules = "rules:\n" + rule("hot", 65) + rule("same", 60);
  const auto before = compiled({{"a.yaml", rules}});
  const auto after =
      compiled({{"a.yaml", rules},
                {"site.yaml", "overrides:\n  - {rule: hot, where: {zone: z1}, set: {at_least: 70}, source: sun}\n"}});
  EXPECT_EQ(changes_between(before, after), (RuleChanges{{}, {}, {"hot"}}));
  EXPECT_EQ(changes_between(after, before), (RuleChanges{{}, {}, {"hot"}}));
}

TEST(RuleFiles, APatchIsLaidOverFilesAndFoundAgain) {
  const RuleFiles files{{"a.yaml", "a"}, {"b.yaml", "b"}};
  const RulePatch patch{{"a.yaml", "other"}, {"b.yaml", std::nullopt}, {"c.yaml", "c"}};
  Problems problems;
  const RuleFiles laid = lay_over(files, patch, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(laid, (RuleFiles{{"a.yaml", "other"}, {"c.yaml", "c"}}));
  EXPECT_EQ(patch_between(files, laid), patch);
  EXPECT_TRUE(patch_between(files, files).empty());
}

TEST(RuleFiles, NamesAndSizesOfAPatchAreChecked) {
  const RulePatch names{{"../a.yaml", "x"}, {"a.txt", std::nullopt}, {".a.yaml", "x"}, {"good.yaml", "x"}};
  Problems problems;
  EXPECT_EQ(lay_over({}, names, problems), (RuleFiles{{"good.yaml", "x"}}));
  EXPECT_EQ(problems.list().size(), 3u);
  Problems large;
  lay_over({}, {{"a.yaml", std::string(kMaxRuleBytes + 1, ' ')}}, large);
  EXPECT_EQ(large.list().size(), 1u);
  RulePatch many;
  for (std::size_t i = 0; i <= kMaxRuleFiles; ++i) many["f" + std::to_string(i) + ".yaml"] = "";
  Problems too_many;
  lay_over({}, many, too_many);
  EXPECT_EQ(too_many.list().size(), 1u);
}

}  // namespace
}  // namespace firegate::app
