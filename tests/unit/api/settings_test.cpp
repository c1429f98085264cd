#include "api/settings.h"

#include <gtest/gtest.h>

namespace firegate::api {
namespace {

ConfigNodePtr scalar(std::string text) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::scalar;
  node->scalar = std::move(text);
  return node;
}

ConfigNodePtr list(std::vector<std::string> items) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::list;
  for (std::string& item : items) node->items.push_back(scalar(std::move(item)));
  return node;
}

ConfigNode map(std::vector<std::pair<std::string, ConfigNodePtr>> members) {
  ConfigNode node;
  node.type = ConfigNode::Type::map;
  for (auto& [key, value] : members) node.members.push_back({key, {}, value});
  return node;
}

ProblemCode only_problem(const ConfigNode& node) {
  Problems problems;
  Settings::parse(node, problems);
  EXPECT_EQ(problems.list().size(), 1u);
  return problems.empty() ? ProblemCode{} : problems.list().front().code;
}

TEST(ApiSettings, EverythingHasADefault) {
  Problems problems;
  const auto settings = Settings::parse(map({}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.address, "127.0.0.1");
  EXPECT_EQ(settings.port, 8080);
  EXPECT_EQ(settings.posts, std::vector<std::string>{"desk-1"});
}

TEST(ApiSettings, ReadsWhatIsGiven) {
  Problems problems;
  const auto settings = Settings::parse(
      map({{"address", scalar("::1")}, {"port", scalar("0")}, {"posts", list({"gate", "desk-2"})}}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.address, "::1");
  EXPECT_EQ(settings.port, 0);
  EXPECT_EQ(settings.posts, (std::vector<std::string>{"gate", "desk-2"}));
}

TEST(ApiSettings, RefusesAnAddressThatIsNotLoopback) {
  EXPECT_EQ(only_problem(map({{"address", scalar("0.0.0.0")}})), ProblemCode::E117_not_allowed);
}

TEST(ApiSettings, RefusesPostsThatAreWrong) {
  EXPECT_EQ(only_problem(map({{"posts", list({"a b"})}})), ProblemCode::E111_bad_id);
  EXPECT_EQ(only_problem(map({{"posts", list({"a", "a"})}})), ProblemCode::E109_duplicate_id);
  EXPECT_EQ(only_problem(map({{"posts", list({})}})), ProblemCode::E107_out_of_range);
}

TEST(ApiSettings, RefusesAKeyNobodyKnows) {
  EXPECT_EQ(only_problem(map({{"adress", scalar("::1")}})), ProblemCode::E104_unknown_key);
}

}  // namespace
}  // namespace firegate::api
