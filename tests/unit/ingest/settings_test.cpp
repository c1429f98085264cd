#include "ingest/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::ingest {
namespace {

ConfigNodePtr text(std::string value) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::scalar;
  node->scalar = std::move(value);
  return node;
}

ConfigNodePtr map(std::vector<std::pair<std::string, ConfigNodePtr>> members) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::map;
  for (auto& [key, value] : members) node->members.push_back({key, {}, value});
  return node;
}

TEST(IngestSettings, HaveDefaults) {
  Problems problems;
  const auto settings = Settings::parse(*map({}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.broker.uri(), "tcp://127.0.0.1:1883");
  EXPECT_EQ(settings.broker.canary_topic(), "firegate/firegate/canary");
  EXPECT_EQ(settings.broker.keep_alive, Millis{10'000});
  EXPECT_EQ(settings.inbox.folder, "inbox");
  EXPECT_EQ(settings.inbox.segment_bytes, 64U * 1024 * 1024);
}

TEST(IngestSettings, ReadEverything) {
  Problems problems;
  const auto root =
      map({{"broker", map({{"host", text("::1")},
                           {"client_id", text("station-3")},
                           {"version", text("3.1.1")},
                           {"username", text("gateway")},
                           {"password_file", text("/etc/firegate/password")},
                           {"keep_alive", text("5s")},
                           {"session_expiry", text("24h")},
                           {"tls", map({{"ca", text("ca.pem")}, {"cert", text("c.pem")}, {"key", text("k.pem")}})}})},
           {"inbox", map({{"folder", text("/var/lib/firegate/inbox")},
                          {"segment_mib", text("32")},
                          {"keep_for", text("3d")},
                          {"keep_gb", text("2")}})},
           {"rules", text("of somebody else")}});
  const auto settings = Settings::parse(*root, problems);
  ASSERT_TRUE(problems.empty()) << to_text(problems.list().front());
  EXPECT_EQ(settings.broker.uri(), "ssl://[::1]:8883");
  EXPECT_EQ(settings.broker.version, MqttVersion::v3_1_1);
  EXPECT_EQ(settings.broker.session_expiry, std::chrono::hours{24});
  EXPECT_EQ(settings.broker.password_file, "/etc/firegate/password");
  EXPECT_EQ(settings.broker.tls->key, "k.pem");
  EXPECT_EQ(settings.inbox.segment_bytes, 32U * 1024 * 1024);
  EXPECT_EQ(settings.inbox.keep_bytes, 2'000'000'000U);
  EXPECT_EQ(settings.inbox.keep_for, std::chrono::hours{72});
}

TEST(IngestSettings, ReportEveryProblemAtOnce) {
  Problems problems;
  const auto root = map({{"broker", map({{"port", text("70000")},
                                         {"client_id", text("a b")},
                                         {"version", text("4")},
                                         {"password_file", text("p")},
                                         {"keep_alive", text("1s")},
                                         {"tls", map({{"ca", text("ca.pem")}, {"cert", text("c.pem")}})},
                                         {"hots", text("x")}})},
                         {"inbox", map({{"segment_mib", text("1")}})}});
  Settings::parse(*root, problems);
  std::vector<ProblemCode> codes;
  for (const auto& problem : problems.list()) codes.push_back(problem.code);
  using enum ProblemCode;
  EXPECT_THAT(
      codes, testing::UnorderedElementsAre(E107_out_of_range, E111_bad_id, E108_not_in_list, E113_contradiction,
                                           E107_out_of_range, E113_contradiction, E104_unknown_key, E107_out_of_range));
}

}  // namespace
}  // namespace firegate::ingest
