// The routes of installers: what they answer, and what they refuse.
#include <gtest/gtest.h>

#include "registry/tray_key.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using fakes::make_estate;

class Installers : public Rig {
 protected:
  Installers() {
    device_desk.open(devices.devices, {make_estate("sunny"), make_estate("sunny", "b1")});
    Unmapped seen;
    seen.id = "?native/garage-03";
    seen.source = "site";
    seen.format = "native";
    seen.address = "garage-03";
    seen.points = {Point::smoke, Point::battery_pct};
    seen.messages = 3;
    seen.battery_pct = 81;
    tray.unmapped_list = {seen};
  }
  static std::string key() { return registry::tray_key("site", "native", "garage-03"); }
  Response with_tag(std::string target, std::string body, std::string tag) {
    return ask("PATCH", std::move(target), std::move(body), {{"If-Match", std::move(tag)}});
  }
};

TEST_F(Installers, TheTraySuggestsAndGivesAKey) {
  const auto list = parse(get("/api/v1/unmapped")).at("devices").as_array();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(word(list[0], "key"), key());
  EXPECT_EQ(word(list[0].at("suggestion"), "kind"), "smoke_detector");
  EXPECT_EQ(list[0].at("battery_pct").to_number<double>(), 81);
  EXPECT_TRUE(list[0].at("ignored").is_null());
}

TEST_F(Installers, AnIgnoredOneIsInItsOwnList) {
  const Response ignored = post("/api/v1/unmapped/" + key() + ":ignore", R"({"reason":"邻居"})");
  EXPECT_EQ(ignored.status, 200) << ignored.body;
  EXPECT_TRUE(parse(get("/api/v1/unmapped")).at("devices").as_array().empty());
  const auto list = parse(get("/api/v1/unmapped?ignored=true")).at("devices").as_array();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(word(list[0].at("ignored"), "reason"), "邻居");
  tray.unmapped_list.clear();
  EXPECT_EQ(parse(get("/api/v1/unmapped?ignored=true")).at("devices").as_array().size(), 1u)
      << "silent since the start";
  EXPECT_EQ(post("/api/v1/unmapped/" + key() + ":heed", "{}").status, 200);
  expect_problem(post("/api/v1/unmapped/" + key() + ":heed", "{}"), 409, "refused");
  expect_problem(post("/api/v1/unmapped/" + key() + ":ignore", "{}"), 400, "bad_input");
}

TEST_F(Installers, AdoptingAnswersTheDevice) {
  const Response made = post(
      "/api/v1/unmapped/" + key() + ":adopt",
      R"({"kind":"smoke_detector","estate":"sunny","building":"b1","name":"1-301-烟感1","position":{"x":0.25,"y":1}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto device = parse(made);
  EXPECT_EQ(word(device, "id"), "garage-03");
  EXPECT_EQ(device.at("position").at("x").as_double(), 0.25);
  EXPECT_EQ(find_header(made.headers, "ETag"), "\"1\"");
  const auto changes = parse(get("/api/v1/devices/garage-03/changes")).at("changes").as_array();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(word(changes[0], "what"), "adopted");
  EXPECT_EQ(word(changes[0].at("to"), "address"), "garage-03");
}

TEST_F(Installers, AnUnknownBuildingIsNamedWithThoseThatExist) {
  const Response refused =
      post("/api/v1/unmapped/" + key() + ":adopt", R"({"kind":"smoke_detector","estate":"sunny","building":"b9"})");
  expect_problem(refused, 400, "bad_input");
  const auto field = parse(refused).at("fields").as_array().at(0);
  EXPECT_EQ(word(field, "field"), "building");
  EXPECT_EQ(field.at("expected").as_array().at(0).as_string(), "b1");
}

TEST_F(Installers, BadKeysAreNotFound) {
  for (const char* bad : {"x", "AAAA", "%23", "..%2f"}) {
    expect_problem(
        post(std::string("/api/v1/unmapped/") + bad + ":adopt", R"({"kind":"relay","estate":"sunny","building":"b1"})"),
        404, "not_found");
  }
}

TEST_F(Installers, AChangeNeedsTheTagThatWasRead) {
  const std::string tag(find_header(get("/api/v1/devices/a-1").headers, "ETag"));
  EXPECT_EQ(tag, "\"0\"");
  expect_problem(ask("PATCH", "/api/v1/devices/a-1", R"({"name":"x"})"), 428, "precondition_required");
  const Response changed = with_tag(
      "/api/v1/devices/a-1", R"({"name":"x","expected_life_years":8,"calibrated_at":"2026-11-01T00:00:00Z"})", tag);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(parse(changed).at("expected_life_years").as_int64(), 8);
  expect_problem(with_tag("/api/v1/devices/a-1", R"({"name":"y"})", tag), 412, "precondition_failed");
  EXPECT_EQ(
      with_tag("/api/v1/devices/a-1", R"({"position":null})", std::string(find_header(changed.headers, "ETag"))).status,
      200);
  expect_problem(with_tag("/api/v1/devices/a-1", R"({"position":{"x":2,"y":0}})", "\"2\""), 400, "bad_input");
}

TEST_F(Installers, ADisablementNeedsAReasonAndAnEnd) {
  expect_problem(post("/api/v1/devices/a-1/disable", R"({"until":"2026-11-22T12:00:00Z"})"), 400, "bad_input");
  expect_problem(post("/api/v1/devices/a-1/disable", R"({"reason":"x"})"), 400, "bad_input");
  expect_problem(post("/api/v1/devices/a-1/disable", R"({"reason":"x","until":"2027-11-22T12:00:00Z"})"), 400,
                 "bad_input");
  const Response disabled = post("/api/v1/devices/a-1/disable", R"({"reason":"刷漆","until":"2026-11-22T12:00:00Z"})");
  EXPECT_EQ(word(parse(disabled), "disabled_why"), "刷漆");
  EXPECT_TRUE(parse(post("/api/v1/devices/a-1/enable", "{}")).at("disabled_until").is_null());
  expect_problem(post("/api/v1/devices/a-1/enable", "{}"), 409, "refused");
}

TEST_F(Installers, ATestBeginsAndEnds) {
  const Response begun = post("/api/v1/devices/a-1/test", R"({"minutes":5})");
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(word(parse(begun), "until"), to_text(clock.now() + std::chrono::minutes{5}));
  const auto open = parse(get("/api/v1/tests?state=open"));
  EXPECT_EQ(open.at("devices").as_array().size(), 1u);
  EXPECT_EQ(open.at("total").as_int64(), 2);
  EXPECT_EQ(post("/api/v1/devices/a-1/end_test", "{}").status, 200);
  EXPECT_EQ(device_desk.told, (std::vector<std::string>{"a-1", "a-1"}));
  expect_problem(post("/api/v1/devices/a-1/test", R"({"minutes":31})"), 400, "bad_input");
}

TEST_F(Installers, WhereALifeIsInDangerNobodyTests) {
  Alarm fire = fakes::make_alarm(7);
  fire.subject.device = "a-1";
  feed.alarm_changed(fire);
  expect_problem(post("/api/v1/devices/a-1/test", "{}"), 409, "refused");
}

TEST_F(Installers, TheLiveFeedSaysThatATestIsPassed) {
  struct Silent final : LiveSocket {
    void wake() override {}
    void abort() override {}
  } socket;
  const ClientId id = feed.join(socket, door.watcher([this] {
    Principal who;
    who.kind = PrincipalKind::user;
    who.id = "wangfang";
    who.grants = every_role();
    return who;
  }()),
                                {clock.now(), clock.steady_now()});
  ASSERT_TRUE(feed.received(id, R"({"t":"resume","server_id":"server-1","seq":0})", {clock.now(), clock.steady_now()}));
  feed.device_test({"a-1", "sunny", clock.now(), clock.now()});
  std::string all;
  while (const auto frame = feed.take(id, {clock.now(), clock.steady_now()})) all += *frame->text;
  EXPECT_NE(all.find(R"("type":"device_test","data":{"device":"a-1")"), std::string::npos) << all;
  feed.leave(id);
}

TEST_F(Installers, AnExportIsSafeAndImportsAsItWas) {
  ASSERT_EQ(with_tag("/api/v1/devices/a-1", R"({"name":"=1+1","note":"@x"})", "\"0\"").status, 200);
  const Response table = get("/api/v1/devices.csv");
  EXPECT_TRUE(table.body.starts_with("\xEF\xBB\xBFid,kind,")) << table.body;
  EXPECT_NE(table.body.find("\"'=1+1\""), std::string::npos);
  const Response again = ask("POST", "/api/v1/devices:import?dry_run=true", table.body, {{"Content-Type", "text/csv"}});
  EXPECT_EQ(again.status, 200) << again.body;
}

TEST_F(Installers, AnImportWithMistakesIsRefusedWhole) {
  const std::string csv =
      "id,kind,format,address,estate,building\nn1,smoke_detector,native,n1,sunny,b1\nn2,smoke,native,n2,sunny,b1\n";
  const Response dry = ask("POST", "/api/v1/devices:import?dry_run=true", csv, {{"Content-Type", "text/csv"}});
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(parse(dry).at("problems").as_array().size(), 1u);
  const Response refused = ask("POST", "/api/v1/devices:import", csv, {{"Content-Type", "text/csv"}});
  expect_problem(refused, 422, "bad_input");
  const auto problem = parse(refused).at("problems").as_array().at(0);
  EXPECT_EQ(problem.at("row").as_int64(), 3);
  EXPECT_EQ(word(problem, "column"), "kind");
  expect_problem(ask("POST", "/api/v1/devices:import", "{}"), 415, "unsupported_media_type");
}

TEST_F(Installers, AFullDeskSaysSo) {
  device_desk.full = true;
  expect_problem(post("/api/v1/devices/a-1/enable", "{}"), 503, "overloaded");
}

TEST_F(Installers, PlacesGoDownToTheRoom) {
  Place room;
  room.estate = {"sunny", "阳光小区"};
  room.building = {"b1", "1 号楼"};
  places = {make_estate("sunny"), make_estate("sunny", "b1")};
  const auto level = [&](PlaceName Place::*name, std::string id) {
    room.*name = {id, id};
    places.push_back(std::make_shared<const Place>(room));
  };
  level(&Place::floor, "f3");
  level(&Place::zone, "z1");
  level(&Place::location, "301");
  const auto building = parse(get("/api/v1/estates")).at("estates").as_array().at(0).at("buildings").as_array().at(0);
  const auto zone = building.at("floors").as_array().at(0).at("zones").as_array().at(0);
  EXPECT_EQ(word(zone.at("locations").as_array().at(0), "id"), "301");
}

}  // namespace
}  // namespace firegate::api
