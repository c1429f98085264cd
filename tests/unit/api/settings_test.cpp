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

ConfigNodePtr shared(ConfigNode node) { return std::make_shared<ConfigNode>(std::move(node)); }

TEST(ApiSettings, WithoutHttpsNobodyFromElsewhereComesIn) {
  Problems problems;
  const auto settings = Settings::parse(map({}), problems);
  EXPECT_FALSE(settings.https);
  EXPECT_TRUE(settings.hosts.empty());
  EXPECT_TRUE(settings.trusted_proxies.empty());
  EXPECT_EQ(settings.socket, "firegate.sock");
  EXPECT_EQ(settings.max_connections, 1000u);
  EXPECT_EQ(settings.max_connections_per_address, 100u);
  EXPECT_EQ(settings.max_live, 1000u);
}

TEST(ApiSettings, ReadsHttpsAndLimits) {
  Problems problems;
  auto settings = Settings::parse(
      map({{"https",
            shared(map({{"address", scalar("::")}, {"port", scalar("443")}, {"key", scalar("/etc/key.pem")}}))},
           {"hosts", list({"gate.example.org", "192.168.1.7", "fd00::7"})},
           {"trusted_proxies", list({"127.0.0.1", "::1"})},
           {"socket", scalar("off")},
           {"max_connections", scalar("20")},
           {"max_connections_per_address", scalar("2")},
           {"max_live", scalar("30")}}),
      problems);
  EXPECT_TRUE(problems.empty());
  settings.place_below("/data");
  ASSERT_TRUE(settings.https);
  EXPECT_EQ(settings.https->address, "::");
  EXPECT_EQ(settings.https->port, 443);
  EXPECT_EQ(settings.https->certificate, "/data/tls/server.pem");
  EXPECT_EQ(settings.https->key, "/etc/key.pem");
  EXPECT_EQ(settings.hosts.size(), 3u);
  EXPECT_EQ(settings.trusted_proxies.size(), 2u);
  EXPECT_TRUE(settings.socket.empty());
  EXPECT_EQ(settings.max_connections, 20u);
  EXPECT_EQ(settings.max_connections_per_address, 2u);
  EXPECT_EQ(settings.max_live, 30u);
}

TEST(ApiSettings, TheSocketLiesBelowTheDataFolder) {
  Problems problems;
  auto settings = Settings::parse(map({}), problems);
  settings.place_below("/data");
  EXPECT_EQ(settings.socket, "/data/firegate.sock");
}

TEST(ApiSettings, RefusesHostsAndProxiesThatAreNone) {
  for (const char* host : {"https://gate", "gate:8443", "", "a b", "*.example.org", "..", "[::1]"}) {
    EXPECT_EQ(only_problem(map({{"hosts", list({host})}})), ProblemCode::E107_out_of_range) << host;
  }
  for (const char* proxy : {"10.0.0.0/8", "proxy.local", "", "*"}) {
    EXPECT_EQ(only_problem(map({{"trusted_proxies", list({proxy})}})), ProblemCode::E107_out_of_range) << proxy;
  }
}

TEST(ApiSettings, RefusesHttpsThatIsWrong) {
  EXPECT_EQ(only_problem(map({{"https", scalar("yes")}})), ProblemCode::E106_wrong_type);
  EXPECT_EQ(only_problem(map({{"https", shared(map({{"address", scalar("all")}}))}})), ProblemCode::E107_out_of_range);
  EXPECT_EQ(only_problem(map({{"https", shared(map({{"cert", scalar("a")}}))}})), ProblemCode::E104_unknown_key);
}

TEST(ApiSettings, RefusesLimitsThatWouldLetNobodyIn) {
  for (const char* key : {"max_connections", "max_connections_per_address", "max_live"}) {
    EXPECT_EQ(only_problem(map({{key, scalar("0")}})), ProblemCode::E107_out_of_range) << key;
    EXPECT_EQ(only_problem(map({{key, scalar("-1")}})), ProblemCode::E107_out_of_range) << key;
    EXPECT_EQ(only_problem(map({{key, scalar("many")}})), ProblemCode::E106_wrong_type) << key;
  }
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
