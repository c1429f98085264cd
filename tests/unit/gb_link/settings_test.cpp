#include "gb_link/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/yaml.h"

namespace firegate::gb_link {
namespace {

using namespace std::chrono_literals;

Settings parse(std::string_view text, Problems& problems) {
  const auto node = settings::parse_yaml(text, "gateway.yaml", problems);
  return Settings::parse(node.get(), problems);
}

std::vector<ProblemCode> codes_of(std::string_view text) {
  Problems problems;
  parse(text, problems);
  std::vector<ProblemCode> codes;
  for (const Problem& problem : problems.list()) codes.push_back(problem.code);
  return codes;
}

TEST(GbLinkSettings, WithoutAPortThereIsNoLink) {
  Problems problems;
  EXPECT_FALSE(Settings::parse(nullptr, problems).port);
  EXPECT_FALSE(parse("{silent_after: 1min}", problems).port);
  EXPECT_TRUE(problems.empty());
}

TEST(GbLinkSettings, AreRead) {
  Problems problems;
  const Settings settings = parse(
      "{port: 5200, address: \"::\", source: unit, max_connections: 9, max_connections_per_address: 3,"
      " silent_after: 30s, sync_clock_every: 0s, duty_check_every: 4h}",
      problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.port, 5200);
  EXPECT_EQ(settings.address, "::");
  EXPECT_EQ(settings.source, "unit");
  EXPECT_EQ(settings.max_connections, 9u);
  EXPECT_EQ(settings.max_connections_per_address, 3u);
  EXPECT_EQ(settings.silent_after, 30s);
  EXPECT_EQ(settings.sync_clock_every, 0s);
  EXPECT_EQ(settings.duty_check_every, 4h);
}

TEST(GbLinkSettings, SayWhatIsWrong) {
  using testing::ElementsAre;
  EXPECT_THAT(codes_of("{port: 0}"), ElementsAre(ProblemCode::E107_out_of_range));
  EXPECT_THAT(codes_of("{port: 5200, address: everywhere}"), ElementsAre(ProblemCode::E117_not_allowed));
  EXPECT_THAT(codes_of("{silent_after: 1s}"), ElementsAre(ProblemCode::E107_out_of_range));
  EXPECT_THAT(codes_of("{duty_check_every: 90d}"), ElementsAre(ProblemCode::E107_out_of_range));
  EXPECT_THAT(codes_of("{ports: 5200}"), ElementsAre(ProblemCode::E104_unknown_key));
}

}  // namespace
}  // namespace firegate::gb_link
