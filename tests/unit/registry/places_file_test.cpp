#include "registry/places_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/yaml.h"

namespace firegate::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Parsed {
  Places places;
  std::vector<std::string> problems;
};

Parsed parse(std::string_view yaml) {
  Problems problems;
  const auto root = settings::parse_yaml(yaml, "places.yaml", problems);
  Parsed parsed;
  if (root) parsed.places = parse_places(*root, problems);
  for (const Problem& problem : problems.list()) parsed.problems.push_back(to_text(problem));
  return parsed;
}

constexpr std::string_view kEstate = R"(
estates:
  - id: e
    name: 小区
    buildings:
      - id: b1
        name: 1号楼
        occupancy: [sleeping]
        floors:
          - id: f1
            name: 1层
            zones:
              - id: hall
                name: 门厅
                locations: [{id: door, name: 门, occupancy: [crowded]}]
          - id: f2
            name: 2层
            zones:
              - {id: hall, name: 门厅}
              - {id: z9, name: 九区}
)";

TEST(PlacesFile, FindsEveryLevelByItsIds) {
  const auto parsed = parse(kEstate);
  EXPECT_TRUE(parsed.problems.empty());
  EXPECT_EQ(parsed.places.all().size(), 8u);
  EXPECT_EQ(parsed.places.find({"e", "b1", "f1", "hall", "door"})->location.name, "门");
  EXPECT_EQ(parsed.places.find({"e", "b1", "", "", ""})->building.name, "1号楼");
  EXPECT_EQ(parsed.places.find({"e", "", "", "", ""})->estate.name, "小区");
  EXPECT_EQ(parsed.places.find({"e", "b2", "", "", ""}), nullptr);
}

TEST(PlacesFile, HandsOccupancyDownToWhatIsInside) {
  const auto parsed = parse(kEstate);
  const auto door = parsed.places.find({"e", "b1", "f1", "hall", "door"});
  EXPECT_TRUE(door->has(Occupancy::sleeping));
  EXPECT_TRUE(door->has(Occupancy::crowded));
  EXPECT_FALSE(parsed.places.find({"e", "b1", "f1", "hall", ""})->has(Occupancy::crowded));
}

TEST(PlacesFile, FindsAZoneWithoutItsFloorOnlyWhereOneFits) {
  const auto parsed = parse(kEstate);
  EXPECT_EQ(parsed.places.find({"e", "b1", "", "z9", ""})->floor.id, "f2");
  EXPECT_EQ(parsed.places.find({"e", "b1", "", "hall", ""}), nullptr) << "two floors have a hall";
}

TEST(PlacesFile, ReportsADuplicateIdWithThePlaceOfTheFirst) {
  const auto parsed = parse("estates:\n  - {id: a, name: A}\n  - {id: a, name: B}\n");
  EXPECT_THAT(parsed.problems,
              ElementsAre(AllOf(HasSubstr("places.yaml:3:10: error[E109]"), HasSubstr("first at 2:10"))));
}

TEST(PlacesFile, ReportsHostileIdsUnknownKeysAndWordsInOneRun) {
  const auto parsed = parse(
      "estates:\n  - id: \"a/b\"\n    name: A\n    occupancy: [sleepin]\n    buildngs: []\n  - {id: \"\", name: x}\n  "
      "- {id: ok}\n");
  EXPECT_THAT(
      parsed.problems,
      testing::UnorderedElementsAre(
          HasSubstr("places.yaml:2:9: error[E111]"),
          AllOf(HasSubstr("places.yaml:4:17: error[E108]"), HasSubstr("did you mean \"sleeping\"")),
          AllOf(HasSubstr("places.yaml:5:5: error[E104]"), HasSubstr("did you mean \"buildings\"")),
          HasSubstr("places.yaml:6:10: error[E111]"), HasSubstr("error[E105]: estates[2]: \"name\" is missing")));
}

TEST(PlacesFile, AnEmptyFileHasNoPlaces) {
  EXPECT_TRUE(parse("").places.all().empty());
  EXPECT_TRUE(parse("# nothing\n").problems.empty());
}

TEST(PlacesFile, AListInTheWrongPlaceIsReportedNotFollowed) {
  EXPECT_THAT(parse("estates: {id: a}\n").problems, ElementsAre(HasSubstr("error[E106]")));
  EXPECT_THAT(parse("- a\n").problems, ElementsAre(HasSubstr("error[E106]")));
}

}  // namespace
}  // namespace firegate::registry
