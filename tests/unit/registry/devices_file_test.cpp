#include "registry/devices_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::registry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PlacePtr place(std::string estate, std::string building, std::string floor = "", std::string zone = "",
               std::string location = "") {
  Place made;
  made.estate = {estate, estate};
  made.building = {building, building};
  made.floor = {floor, floor};
  made.zone = {zone, zone};
  made.location = {location, location};
  return std::make_shared<const Place>(std::move(made));
}

const Places& places() {
  static const Places known({place("e", ""), place("e", "b1"), place("e", "b1", "f1"), place("e", "b1", "f1", "hall"),
                             place("e", "b1", "f1", "hall", "door"), place("e", "b1", "f2"),
                             place("e", "b1", "f2", "hall")});
  return known;
}

struct Parsed {
  std::vector<Device> devices;
  std::vector<std::string> problems;
};

Parsed parse(std::string_view text,
             std::vector<SourceName> sources = {{"native", "native"}, {"z1", "zigbee2mqtt"}, {"z2", "zigbee2mqtt"}}) {
  Problems problems;
  Parsed parsed;
  if (const auto csv = documents::parse_csv(text, "devices.csv", problems)) {
    parsed.devices = parse_devices(*csv, places(), sources, problems);
  }
  for (const Problem& problem : problems.list()) parsed.problems.push_back(to_text(problem));
  return parsed;
}

constexpr std::string_view kShort = "id,kind,format,address,estate,building";

std::string row(std::string_view line) { return std::string(kShort) + "\n" + std::string(line) + "\n"; }

TEST(DevicesFile, ReadsARowWithTheRequiredColumnsOnly) {
  const auto parsed = parse(row("s1,smoke_detector,native,addr,e,b1"));
  ASSERT_THAT(parsed.problems, IsEmpty());
  const Device& device = parsed.devices.at(0);
  EXPECT_EQ(device.id, "s1");
  EXPECT_EQ(device.kind, DeviceKind::smoke_detector);
  EXPECT_EQ(device.source, "native") << "the only source that speaks the format";
  EXPECT_EQ(device.model, "generic");
  EXPECT_EQ(device.name, "s1");
  EXPECT_EQ(device.place->building.id, "b1");
  EXPECT_TRUE(device.mapped);
}

TEST(DevicesFile, ReadsColumnsInAnyOrder) {
  const auto parsed = parse(
      "note,building,zone,floor,estate,address,source,format,kind,id\n说明,b1,hall,f1,e,厨房 "
      "烟感,z2,zigbee2mqtt,smoke_detector,s1\n");
  ASSERT_THAT(parsed.problems, IsEmpty());
  EXPECT_EQ(parsed.devices[0].address, "厨房 烟感");
  EXPECT_EQ(parsed.devices[0].source, "z2");
  EXPECT_EQ(parsed.devices[0].place->zone.id, "hall");
  EXPECT_EQ(parsed.devices[0].note, "说明");
}

TEST(DevicesFile, RefusesUnknownColumnsWithTheNearest) {
  EXPECT_THAT(parse("id,kind,format,adress,address,estate,building\na,relay,native,x,y,e,b1\n").problems,
              ElementsAre(AllOf(HasSubstr("devices.csv:1:16: error[E114]"), HasSubstr("did you mean \"address\""))));
}

TEST(DevicesFile, ReportsMissingAndRepeatedColumns) {
  EXPECT_THAT(parse("id,kind,kind,format\n").problems,
              ElementsAre(HasSubstr("error[E103]"), HasSubstr("\"address\" is missing"),
                          HasSubstr("\"estate\" is missing"), HasSubstr("\"building\" is missing")));
}

TEST(DevicesFile, ReportsTheFirstPlaceOfADuplicateId) {
  const auto parsed = parse(row("a,relay,native,x,e,b1\nb,relay,native,y,e,b1\na,relay,native,z,e,b1"));
  EXPECT_THAT(parsed.problems,
              ElementsAre(AllOf(HasSubstr("devices.csv:4:1: error[E109]: id"), HasSubstr("first in line 2"))));
  EXPECT_EQ(parsed.devices.size(), 2u);
}

TEST(DevicesFile, ReportsTwoDevicesOfOneAddress) {
  EXPECT_THAT(parse(row("a,relay,native,x,e,b1\nb,relay,native,x,e,b1")).problems,
              ElementsAre(AllOf(HasSubstr("devices.csv:3:16: error[E109]: address"), HasSubstr("first in line 2"))));
}

TEST(DevicesFile, TwoSourcesMayShareAnAddress) {
  EXPECT_THAT(parse("id,kind,format,source,address,estate,building\na,relay,zigbee2mqtt,z1,x,e,b1\nb,relay,zigbee2mqtt,"
                    "z2,x,e,b1\n")
                  .problems,
              IsEmpty());
}

TEST(DevicesFile, AsksForTheSourceWhereSeveralSpeakTheFormat) {
  EXPECT_THAT(parse(row("a,relay,zigbee2mqtt,x,e,b1")).problems,
              ElementsAre(AllOf(HasSubstr("error[E110]"), HasSubstr("expected z1 or z2"))));
}

TEST(DevicesFile, RefusesASourceOfAnotherFormat) {
  EXPECT_THAT(parse("id,kind,format,source,address,estate,building\na,relay,zigbee2mqtt,native,x,e,b1\n").problems,
              ElementsAre(AllOf(HasSubstr("devices.csv:2:21: error[E110]: source"), HasSubstr("expected z1 or z2"))));
}

TEST(DevicesFile, SuggestsKindFormatAndPlace) {
  EXPECT_THAT(parse(row("a,smoke_detecter,native,x,e,b1")).problems,
              ElementsAre(HasSubstr("did you mean \"smoke_detector\"")));
  EXPECT_THAT(parse(row("a,relay,natve,x,e,b1")).problems, ElementsAre(HasSubstr("did you mean \"native\"")));
  EXPECT_THAT(parse(row("a,relay,native,x,e,b2")).problems,
              ElementsAre(AllOf(HasSubstr("error[E110]: building"), HasSubstr("one of b1"))));
  EXPECT_THAT(parse(row("a,relay,native,x,f,b1")).problems, ElementsAre(HasSubstr("error[E110]: estate")));
}

TEST(DevicesFile, ReportsTheFirstLevelThatDoesNotExist) {
  const std::string_view header = "id,kind,format,address,estate,building,floor,zone,location\n";
  const auto problem = [header](std::string_view cells) {
    const auto list = parse(std::string(header) + "a,relay,native,x," + std::string(cells) + "\n").problems;
    return list.size() == 1 ? list[0] : std::to_string(list.size());
  };
  EXPECT_THAT(problem("e,b1,f9,hall,"), HasSubstr("E110]: floor: found \"f9\", expected one of f1, f2"));
  EXPECT_THAT(problem("e,b1,f1,hal,"),
              HasSubstr("E110]: zone: found \"hal\", expected one of hall; did you mean \"hall\""));
  EXPECT_THAT(problem("e,b1,f1,hall,dor"), HasSubstr("E110]: location"));
  EXPECT_THAT(problem("e,b1,,hall,"), HasSubstr("several floors"));
  EXPECT_THAT(problem("e,b1,f2,hall,door"), HasSubstr("E110]: location"));
}

TEST(DevicesFile, RefusesEveryHostileId) {
  const std::vector<std::string> hostile{"",        "#",       "+",
                                         "a/b",     "/",       "%",
                                         "a%2f",    "a b",     " a",
                                         "a ",      "..",      "a.b",
                                         "$SYS",    "a:b",     "a\tb",
                                         "é",       "门",      "a\u200b",
                                         "\u202Ea", "\uFEFFa", "a'b",
                                         "a;b",     "a|b",     "a&b",
                                         "<a>",     "a=b",     "=1",
                                         "@x",      "a\\b",    "a*",
                                         "a?",      "~a",      "`a`",
                                         "a!",      "(a)",     "[a]",
                                         "{a}",     "a^b",     std::string(65, 'a'),
                                         "\u0430bc"};
  EXPECT_EQ(hostile.size(), 40u);
  for (const std::string& id : hostile) {
    const auto parsed = parse(row("\"" + id + "\",relay,native,x,e,b1"));
    EXPECT_THAT(parsed.problems, ElementsAre(HasSubstr("devices.csv:2:1: error[E111]: id"))) << id;
    EXPECT_TRUE(parsed.devices.empty()) << id;
  }
}

TEST(DevicesFile, RefusesControlCharactersAndEmptyAddresses) {
  EXPECT_THAT(parse(row("a,relay,native,\"x\ny\",e,b1")).problems, ElementsAre(HasSubstr("E107]: address")));
  EXPECT_THAT(parse(row("a,relay,native,,e,b1")).problems, ElementsAre(HasSubstr("E105]: address")));
}

TEST(DevicesFile, ReportsEveryProblemOfARow) {
  EXPECT_THAT(parse(row("a b,smoke,modbus,,x,y")).problems,
              ElementsAre(HasSubstr("]: id"), HasSubstr("]: kind"), HasSubstr("]: format"), HasSubstr("]: address"),
                          HasSubstr("]: estate")));
}

}  // namespace
}  // namespace firegate::registry
