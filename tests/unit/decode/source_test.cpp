#include "decode/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/all_drivers.h"
#include "settings/yaml.h"
#include "support/scripted_driver.h"

namespace firegate::decode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const support::ScriptedDriver kOne("one", "one");
const support::ScriptedDriver kTwo("two", "two");
const std::vector<const Driver*> kDrivers{&kOne, &kTwo};

struct Parsed {
  Settings settings;
  std::vector<std::string> problems;
};

Parsed parse(std::string_view yaml) {
  Problems problems;
  const auto root = settings::parse_yaml(yaml, "gateway.yaml", problems);
  Parsed parsed;
  if (root) parsed.settings = Settings::parse(root->find("sources"), root->find("limits"), kDrivers, problems);
  for (const Problem& problem : problems.list()) parsed.problems.push_back(to_text(problem));
  return parsed;
}

TEST(Sources, EveryFormatHasOneWithoutConfiguration) {
  const auto parsed = parse("{}");
  ASSERT_EQ(parsed.settings.sources.size(), 2u);
  EXPECT_EQ(parsed.settings.sources[1].id, "two");
  EXPECT_THAT(parsed.settings.sources[1].filters, ElementsAre("two/#"));
}

TEST(Sources, ReadsIdBaseAndTopics) {
  const auto parsed =
      parse("sources:\n  - {format: one, base: site/a}\n  - {id: x, format: two, topics: [m/+/up, m/+/down]}\n");
  ASSERT_THAT(parsed.problems, IsEmpty());
  EXPECT_EQ(parsed.settings.sources[0].id, "one");
  EXPECT_THAT(parsed.settings.sources[0].filters, ElementsAre("site/a/#"));
  EXPECT_EQ(parsed.settings.sources[1].base, "two");
  EXPECT_THAT(parsed.settings.sources[1].filters, ElementsAre("m/+/up", "m/+/down"));
}

TEST(Sources, RefusesSharedSubscriptions) {
  EXPECT_THAT(parse("sources:\n  - format: one\n    topics: [$share/g/one/#]\n").problems,
              ElementsAre(HasSubstr("gateway.yaml:3:14: error[E117]: sources[0].topics[0]")));
}

TEST(Sources, RefusesSourcesThatOverlap) {
  EXPECT_THAT(parse("sources:\n  - {format: one, base: a}\n  - {format: two, base: a/b}\n").problems,
              ElementsAre(testing::AllOf(HasSubstr("gateway.yaml:3:5: error[E113]"), HasSubstr("2:5"))));
  EXPECT_THAT(parse("sources:\n  - {id: a, format: one}\n  - {id: b, format: one}\n").problems,
              ElementsAre(HasSubstr("E113")));
}

TEST(Sources, AFilterThatBeginsWithAWildcardLeavesToOthersWhatTheyName) {
  const auto parsed = parse("sources:\n  - {format: one, topics: [+/status]}\n  - {format: two, base: shelf}\n");
  ASSERT_THAT(parsed.problems, IsEmpty());
  const Router router(parsed.settings.sources);
  EXPECT_EQ(router.route("x/status"), 0u);
  EXPECT_EQ(router.route("shelf/status"), 1u);
}

TEST(Sources, RefusesTwoOfOneId) {
  EXPECT_THAT(parse("sources:\n  - {id: a, format: one}\n  - {id: a, format: two}\n").problems,
              ElementsAre(HasSubstr("gateway.yaml:3:10: error[E109]")));
}

TEST(Sources, SuggestsFormatsAndKeys) {
  EXPECT_THAT(parse("sources:\n  - {format: oen}\n").problems, ElementsAre(HasSubstr("E108")));
  EXPECT_THAT(parse("sources:\n  - {format: one, topic: [a]}\n").problems,
              ElementsAre(HasSubstr("did you mean \"topics\"")));
  EXPECT_THAT(parse("sources:\n  - {}\n").problems, ElementsAre(HasSubstr("\"format\" is missing")));
  EXPECT_THAT(parse("sources: one\n").problems, ElementsAre(HasSubstr("E106")));
}

TEST(Sources, RefusesABaseWithWildcardsOrASlashAtTheEnd) {
  for (const char* base : {"a/#", "a/+", "a/", "$SYS"}) {
    EXPECT_THAT(parse(std::string("sources:\n  - {format: one, base: \"") + base + "\"}\n").problems,
                ElementsAre(HasSubstr("E117")))
        << base;
  }
}

TEST(Sources, ReadsLimitsWithinTheirBounds) {
  EXPECT_EQ(parse("limits: {device_burst: 50, decode_threads: 4}").settings.limits.device_burst, 50);
  EXPECT_THAT(parse("limits: {decode_threads: 5, device_bursts: 1}").problems,
              ElementsAre(HasSubstr("E107"), HasSubstr("E104")));
}

TEST(Router, IsByteExact) {
  const Router router(parse("{}").settings.sources);
  EXPECT_EQ(router.route("one/x"), 0u);
  for (const std::string_view topic : {"One/x", "on\xC3\xA9/x", "\xEF\xBB\xBFone/x", "one ", " one/x", "$SYS/one",
                                       "three/x", "/one/x", "\xD0\xBEne/x"}) {
    EXPECT_FALSE(router.route(topic)) << topic;
  }
}

TEST(Router, SendsTheUsualTopicsOfEveryFormatToItsDriver) {
  const auto drivers = all_drivers();
  std::vector<const Driver*> list;
  for (const auto& driver : drivers) list.push_back(driver.get());
  Problems problems;
  const auto settings = Settings::parse(nullptr, nullptr, list, problems);
  const Router router(settings.sources);
  const auto format = [&settings, &router](std::string_view topic) {
    const auto source = router.route(topic);
    return source ? settings.sources[*source].id : std::string("none");
  };
  EXPECT_EQ(format("fg/v1/e/d/up"), "native");
  EXPECT_EQ(format("fg/v1/e/d/online"), "native");
  EXPECT_EQ(format("shellies/shellyplug-s-1/relay/0"), "shelly");
  EXPECT_EQ(format("shellyplussmoke-1/events/rpc"), "shelly");
  EXPECT_EQ(format("shellyplussmoke-1/online"), "shelly");
  EXPECT_EQ(format("tele/tasmota_1/SENSOR"), "tasmota");
  EXPECT_EQ(format("stat/tasmota_1/RESULT"), "tasmota");
}

}  // namespace
}  // namespace firegate::decode
