// The API without sockets: what each route answers.
#include "api/service.h"

#include <set>

#include "api/json.h"
#include "api/openapi.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using fakes::kMorning;
using fakes::make_alarm;
constexpr std::string_view kFire = "0000000000000001";
constexpr std::string_view kActBody = R"({"post":"desk-1","why":"x"})";

// Somebody who may everything everywhere; who may what is access_test.cpp.
class Api : public Rig {};

TEST_F(Api, ListsLiveAlarms) {
  const auto response = get("/api/v1/alarms");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(parse(response).at("alarms").as_array().size(), 2u);
}

TEST_F(Api, FiltersAlarms) {
  EXPECT_EQ(parse(get("/api/v1/alarms?state=acknowledged")).at("alarms").as_array().size(), 1u);
  EXPECT_EQ(parse(get("/api/v1/alarms?class=fire_alarm&building=b1")).at("alarms").as_array().size(), 1u);
  EXPECT_EQ(parse(get("/api/v1/alarms?estate=moon")).at("alarms").as_array().size(), 0u);
}

TEST_F(Api, RefusesAFilterThatIsMisspelt) {
  expect_problem(get("/api/v1/alarms?sate=acknowledged"), 400, "bad_input");
  expect_problem(get("/api/v1/alarms?state=acked"), 400, "bad_input");
}

TEST_F(Api, ShowsAnAlarmAsTheContractSays) {
  const auto alarm = parse(get("/api/v1/alarms/" + std::string(kFire)));
  const auto expected = json::parse(R"({"id":"0000000000000001","class":"fire_alarm","priority":"fire","lamp":"fire",
    "sound":"fire","latching":true,"state":"unacknowledged","overlays":[],"confirmation":"single","late":false,
    "not_recorded":false,"rule":"smoke_alarm","group":"sunny/b1","subject":"b1-301-smoke",
    "device":{"id":"b1-301-smoke","name":"301 烟感","kind":"smoke_detector","mapped":true},"port":null,
    "place":{"estate":{"id":"sunny","name":"阳光小区"},"building":{"id":"b1","name":"1 号楼"},
      "floor":{"id":"b1-f3","name":"3 层"},"zone":null,"location":null,"occupancy":["elderly_alone"]},
    "evidence":[{"point":"smoke","port":null,"value":true,"unit":"","limit":null,"at":"2026-11-22T03:00:00.000Z",
      "device":null,"share_pct":null}],
    "first_raised_at":"2026-11-22T03:00:00.000Z","last_raised_at":"2026-11-22T03:00:00.000Z","occurrences":1,
    "returned_at":null,"acknowledged_at":null,"acknowledged_by":null,"verdict":null,"verdict_by":null,
    "shelved_until":null,"shelved_by":null,"shelved_why":null,"suppressed_why":null,"cause":null,"consequences":0,
    "chattering":false,"changed_at":"2026-11-22T03:00:00.000Z","revision":1})");
  EXPECT_EQ(alarm, expected) << json::serialize(alarm);
}

TEST_F(Api, ShowsAPastAlarmFromTheArchive) {
  EXPECT_EQ(word(parse(get("/api/v1/alarms/0000000000000009")), "state"), "normal");
}

TEST_F(Api, UnknownAlarmIsNotFound) {
  expect_problem(get("/api/v1/alarms/00000000000000ff"), 404, "not_found");
  expect_problem(get("/api/v1/alarms/17"), 404, "not_found");
}

TEST_F(Api, ShowsTheTimeline) {
  records.timeline = {
      {kMorning, "raise", AlarmId{1}, "b1-301-smoke", "normal", "unacknowledged", "system", "", "smoke"}};
  records.deliveries = {{"k", "webhook", "sent", 2, kMorning, "204"}};
  const auto timeline = parse(get("/api/v1/alarms/0000000000000001/timeline"));
  EXPECT_EQ(word(timeline.at("entries").at(0), "to"), "unacknowledged");
  EXPECT_EQ(word(timeline.at("deliveries").at(0), "channel"), "webhook");
}

TEST_F(Api, FullArchiveQueueIsOverloaded) {
  archive_full = true;
  const auto response = get("/api/v1/history");
  expect_problem(response, 503, "overloaded");
  EXPECT_EQ(find_header(response.headers, "Retry-After"), "1");
  EXPECT_EQ(metrics.http_errors.value(), 1u);
}

TEST_F(Api, BrokenArchiveIsIoFailed) {
  archive_broken = true;
  expect_problem(get("/api/v1/history"), 503, "io_failed");
}

TEST_F(Api, HistoryPassesEveryFilterOn) {
  records.next_cursor = "c2";
  const auto page =
      parse(get("/api/v1/history?from=2026-11-01T00:00:00Z&to=2026-11-30T08:00:00%2B08:00&class=fault&"
                "estate=sunny&building=b1&device=d%201&cursor=c1&limit=7"));
  EXPECT_EQ(word(page, "next_cursor"), "c2");
  EXPECT_EQ(to_text(*records.asked.from), "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(to_text(*records.asked.to), "2026-11-30T00:00:00.000Z");
  EXPECT_EQ(records.asked.alarm_class, AlarmClass::fault);
  EXPECT_EQ(records.asked.estate, "sunny");
  EXPECT_EQ(records.asked.building, "b1");
  EXPECT_EQ(records.asked.device, "d 1");
  EXPECT_EQ(records.asked.cursor, "c1");
  EXPECT_EQ(records.asked.limit, 7u);
}

TEST_F(Api, LastPageOfHistoryHasNoCursor) { EXPECT_TRUE(parse(get("/api/v1/history")).at("next_cursor").is_null()); }

TEST_F(Api, HistoryLimitIsOneToFiveHundred) {
  for (const std::string_view limit : {"0", "501", "x", "", "1e2", "99999999999999999999"}) {
    expect_problem(get("/api/v1/history?limit=" + std::string(limit)), 400, "bad_input");
  }
}

TEST_F(Api, EveryActReachesTheCoreAndAnswersTheAlarm) {
  acts.answer = [](const Act& act) -> Result<Alarm> {
    return make_alarm(static_cast<std::uint64_t>(act.alarm), AlarmClass::fire_alarm, AlarmState::acknowledged, 2);
  };
  for (const std::string_view kind : Labels<ActKind>::list) {
    const auto response =
        post("/api/v1/alarms/" + std::string(kFire) + "/" + std::string(kind),
             R"({"by":"somebody","post":"desk-1","why":"x","verdict":"cooking","until":"2026-11-22T12:00:00+08:00"})");
    EXPECT_EQ(response.status, 200) << kind << response.body;
    EXPECT_EQ(label(acts.asked().back().kind), kind);
  }
  EXPECT_EQ(acts.asked().front().by, "王芳") << "who it is comes from the session";
  EXPECT_EQ(acts.asked().front().who, "user:wangfang");
  EXPECT_EQ(acts.asked().front().address, "192.168.1.7");
  EXPECT_EQ(acts.asked().front().post, "desk-1");
  EXPECT_EQ(acts.asked()[2].verdict, Verdict::cooking);
  EXPECT_EQ(to_text(*acts.asked()[4].until), "2026-11-22T04:00:00.000Z");
}

TEST_F(Api, RefusedActNamesTheState) {
  acts.answer = [](const Act&) -> Result<Alarm> { return fail(ErrorCode::refused, "resetting: condition present"); };
  const auto response = post("/api/v1/alarms/" + std::string(kFire) + "/reset", kActBody);
  expect_problem(response, 409, "refused");
  EXPECT_EQ(word(parse(response), "state"), "unacknowledged");
}

TEST_F(Api, ActErrorsKeepTheirMeaning) {
  const std::map<ErrorCode, int> expected{{ErrorCode::not_found, 404}, {ErrorCode::overloaded, 503},
                                          {ErrorCode::io_failed, 503}, {ErrorCode::timed_out, 504},
                                          {ErrorCode::bad_input, 400}, {ErrorCode::unsupported, 501}};
  for (const auto& [code, status] : expected) {
    acts.answer = [code](const Act&) -> Result<Alarm> { return fail(code, "why"); };
    expect_problem(post("/api/v1/alarms/" + std::string(kFire) + "/acknowledge", kActBody), status, label(code));
  }
}

TEST_F(Api, RefusesActBodiesThatAreWrong) {
  const std::string path = "/api/v1/alarms/" + std::string(kFire);
  for (const std::string_view body : {"", "{", "[]", "null", R"({"why":"a"})", R"({"post":""})", R"({"post":7})",
                                      R"({"post":"a\u0000b"})", "{\"post\":\"\xff\"}", R"({"post":"a","post":"b"})"}) {
    expect_problem(post(path + "/acknowledge", body), 400, "bad_input");
  }
  expect_problem(post(path + "/acknowledge", R"({"post":")" + std::string(65, 'a') + R"("})"), 400, "bad_input");
  expect_problem(post(path + "/verdict", kActBody), 400, "bad_input");
  expect_problem(post(path + "/verdict", R"({"post":"p","verdict":"sure"})"), 400, "bad_input");
  expect_problem(post(path + "/shelve", kActBody), 400, "bad_input");
  expect_problem(post(path + "/shelve", R"({"post":"p","until":"2020-01-01T00:00:00Z"})"), 400, "bad_input");
  EXPECT_TRUE(acts.asked().empty());
}

TEST_F(Api, RefusesABodyDeeperThanSixteen) {
  const auto nested = [](std::size_t depth) {
    return R"({"post":"p","x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  acts.answer = [](const Act&) -> Result<Alarm> { return make_alarm(1); };
  const std::string path = "/api/v1/alarms/" + std::string(kFire) + "/acknowledge";
  EXPECT_EQ(post(path, nested(16)).status, 200);
  expect_problem(post(path, nested(17)), 400, "bad_input");
  expect_problem(post(path, R"({"x":)" + std::string(60'000, '[')), 400, "bad_input");
}

TEST_F(Api, ActsAreJsonOnly) {
  const auto response = ask("POST", "/api/v1/alarms/" + std::string(kFire) + "/acknowledge", std::string(kActBody),
                            {{"Content-Type", "text/plain"}});
  expect_problem(response, 415, "unsupported_media_type");
}

TEST_F(Api, SilencesAPost) {
  const auto response = post("/api/v1/alarms:silence", R"({"post":"desk-1"})");
  EXPECT_EQ(parse(response), json::parse(R"({"post":"desk-1","priority":"fire","until":"2026-11-22T03:10:00.000Z",
                                             "by":"王芳"})"));
  EXPECT_EQ(parse(get("/api/v1/snapshot")).at("silences").as_array().size(), 1u);
  ASSERT_EQ(store.journal().size(), 1u);
  EXPECT_EQ(store.journal()[0].kind, "silence");
  EXPECT_EQ(store.journal()[0].who, "user:wangfang");
  EXPECT_EQ(store.journal()[0].subject, "post:desk-1");
}

TEST_F(Api, SilencingWhatIsSilentIsRefused) {
  feed.alarm_changed(make_alarm(1, AlarmClass::fire_alarm, AlarmState::acknowledged, 2));
  expect_problem(post("/api/v1/alarms:silence", R"({"post":"desk-1"})"), 409, "refused");
  expect_problem(post("/api/v1/alarms:silence", R"({"post":"desk-9"})"), 400, "bad_input");
}

TEST_F(Api, ListsDevicesById) {
  const auto page = parse(get("/api/v1/devices"));
  EXPECT_EQ(page.at("total").as_int64(), 2);
  EXPECT_EQ(word(page.at("devices").at(0), "id"), "a-1");
  EXPECT_EQ(page.at("devices").at(0).at("interval_s").as_int64(), 86400);
  EXPECT_FALSE(page.at("devices").at(0).as_object().contains("values"));
}

TEST_F(Api, FiltersAndPagesDevices) {
  EXPECT_EQ(parse(get("/api/v1/devices?kind=charging_station")).at("total").as_int64(), 1);
  EXPECT_EQ(parse(get("/api/v1/devices?q=A-1")).at("total").as_int64(), 1);
  EXPECT_EQ(parse(get("/api/v1/devices?presence=lost")).at("total").as_int64(), 0);
  const auto second = parse(get("/api/v1/devices?offset=1&limit=1"));
  EXPECT_EQ(second.at("total").as_int64(), 2);
  EXPECT_EQ(word(second.at("devices").at(0), "id"), "b-2");
  EXPECT_TRUE(parse(get("/api/v1/devices?offset=99")).at("devices").as_array().empty());
}

std::vector<std::string> ids_of(const json::value& page) {
  std::vector<std::string> ids;
  for (const auto& device : page.at("devices").as_array()) ids.push_back(json::value_to<std::string>(device.at("id")));
  return ids;
}

TEST_F(Api, DevicesStandInTheOrderOfTheirNumbers) {
  devices.devices.clear();
  for (const char* id : {"b1-f1-10", "b10-f1-1", "b1-f1-2", "b2-f1-1", "b1-f1-1"}) {
    devices.devices.push_back(fakes::make_device(id));
  }
  EXPECT_EQ(ids_of(parse(get("/api/v1/devices"))),
            (std::vector<std::string>{"b1-f1-1", "b1-f1-2", "b1-f1-10", "b2-f1-1", "b10-f1-1"}));
}

TEST_F(Api, PagesOfDevicesHoldEachOnceWhateverComesAndGoes) {
  devices.devices.clear();
  for (int i = 30; i > 0; --i) devices.devices.push_back(fakes::make_device("d-" + std::to_string(i)));
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    const auto shown = parse(get("/api/v1/devices?limit=7" + (cursor.empty() ? "" : "&cursor=" + cursor)));
    for (std::string& id : ids_of(shown)) seen.push_back(std::move(id));
    EXPECT_EQ(shown.at("next_cursor").is_null(), page == 4);
    if (page == 4) break;
    cursor = word(shown, "next_cursor");
    if (page == 0) std::erase_if(devices.devices, [](const auto& one) { return one.device->id == "d-3"; });
    if (page == 1) std::erase_if(devices.devices, [&cursor](const auto& one) { return one.device->id == cursor; });
    if (page == 2) devices.devices.push_back(fakes::make_device("d-0"));
  }
  std::vector<std::string> expected;
  for (int i = 1; i <= 30; ++i) expected.push_back("d-" + std::to_string(i));
  EXPECT_EQ(seen, expected);
}

TEST_F(Api, ACursorBesideAnOffsetIsRefused) {
  expect_problem(get("/api/v1/devices?cursor=a-1&offset=1"), 400, "bad_input");
  EXPECT_TRUE(ids_of(parse(get("/api/v1/devices?cursor=%F0%9F%94%A5"))).empty());
}

TEST_F(Api, DevicesAreFoundByTheNamesOfTheirPlaces) {
  Device other = *devices.devices[0].device;
  Place place = *fakes::make_place();
  place.building = {"b7", "Tower 7"};
  place.zone = {"z", "车棚"};
  other.place = std::make_shared<const Place>(place);
  devices.devices[0].device = std::make_shared<const Device>(other);
  EXPECT_EQ(ids_of(parse(get("/api/v1/devices?q=tower"))), std::vector<std::string>{other.id});
  EXPECT_EQ(ids_of(parse(get("/api/v1/devices?q=%E8%BD%A6%E6%A3%9A"))), std::vector<std::string>{other.id});
  EXPECT_EQ(parse(get("/api/v1/devices?q=%E9%98%B3%E5%85%89")).at("total").as_int64(), 2) << "of the estate";
}

TEST_F(Api, ABuildingIsOneOfItsEstate) {
  Device other = *devices.devices[0].device;
  other.place = fakes::make_place("moon");  // has a b1, too
  devices.devices[0].device = std::make_shared<const Device>(other);
  EXPECT_EQ(ids_of(parse(get("/api/v1/devices?estate=moon&building=b1"))), std::vector<std::string>{other.id});
  EXPECT_EQ(parse(get("/api/v1/devices?estate=sunny&building=b1")).at("total").as_int64(), 1);
  EXPECT_EQ(parse(get("/api/v1/devices?estate=sunny&building=b2")).at("total").as_int64(), 0);
  expect_problem(get("/api/v1/devices?building=b1"), 400, "bad_input");
}

TEST_F(Api, EstatesHaveTheirBuildingsInOrder) {
  Place floor = *fakes::make_estate("sunny", "b1");
  floor.floor = {"f1", "1 层"};
  places = {fakes::make_estate("sunny"), fakes::make_estate("sunny", "b2"), fakes::make_estate("sunny", "b1"),
            std::make_shared<const Place>(floor), fakes::make_estate("moon")};
  EXPECT_EQ(get("/api/v1/estates").body,
            R"({"estates":[{"id":"sunny","name":"小区 sunny","buildings":[{"id":"b2","name":"b2 号楼","floors":[]},)"
            R"({"id":"b1","name":"b1 号楼","floors":[{"id":"f1","name":"1 层","zones":[]}]}]},{"id":"moon","name":"小区 moon","buildings":[]}]})");
}

// --- compressed answers ---

class Packed : public Api {
 protected:
  Packed() {
    for (std::uint64_t id = 100; id < 130; ++id) feed.alarm_changed(fakes::make_alarm(id));
  }
  Response get_packed(std::string target) {
    return ask("GET", std::move(target), {}, {{"Accept-Encoding", "gzip, br"}});
  }
  static bool is_packed(const Response& response) {
    const bool says = find_header(response.headers, "Content-Encoding") == "gzip";
    EXPECT_EQ(says, response.body.starts_with("\x1f\x8b"));
    return says;
  }
};

TEST_F(Packed, LargeListsForWhoTakesThem) {
  const Response plain = get("/api/v1/snapshot"), packed = get_packed("/api/v1/snapshot");
  EXPECT_FALSE(is_packed(plain));
  EXPECT_TRUE(is_packed(packed));
  EXPECT_LT(packed.body.size(), plain.body.size() / 5);
  for (const Response& response : {plain, packed}) EXPECT_EQ(find_header(response.headers, "Vary"), "Accept-Encoding");
  EXPECT_FALSE(is_packed(ask("GET", "/api/v1/snapshot", {}, {{"Accept-Encoding", "gzip;q=0"}})));
}

TEST_F(Packed, SmallAnswersAndRefusalsAsTheyAre) {
  EXPECT_FALSE(is_packed(get_packed("/api/v1/alarms/0000000000000001")));
  secret.clear();
  EXPECT_FALSE(is_packed(get_packed("/api/v1/snapshot")));
}

TEST_F(Packed, VeryLargeOnesOnAJobThread) {
  for (std::uint64_t id = 1000; id < 1600; ++id) feed.alarm_changed(fakes::make_alarm(id));
  EXPECT_TRUE(is_packed(get_packed("/api/v1/snapshot")));
  archive_full = true;
  const Response plain = get_packed("/api/v1/snapshot");
  EXPECT_FALSE(is_packed(plain)) << "too much waits: better large than late";
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(parse(plain).at("alarms").as_array().size(), 632u);
}

// What two readers of one length could guess (BREACH): no answer with a secret is ever packed, however large.
TEST_F(Packed, NothingThatHoldsASecret) {
  const Headers takes{{"Accept-Encoding", "gzip"}};
  for (const Route& route : service.router().routes()) {
    const bool lists = route.method == "GET" && route.access.kind() == Access::Kind::permitted;
    if (lists || route.pattern.find('{') != std::string_view::npos) continue;
    const std::string method(route.method), target(route.pattern);
    EXPECT_FALSE(is_packed(ask(method, target, R"({"label":"x"})", takes))) << route.pattern;
  }
  EXPECT_GT(get("/api/openapi.json").body.size(), 50'000u) << "it is the rule, and not the size";
}

TEST_F(Api, ShowsADeviceWithItsValues) {
  const auto device = parse(get("/api/v1/devices/a-1"));
  EXPECT_EQ(device.at("values").at(0).at("value").as_double(), 21.5);
  EXPECT_TRUE(device.at("values").at(0).at("port").is_null());
  EXPECT_TRUE(device.at("values").at(1).at("value").is_null());
  EXPECT_EQ(device.at("values").at(1).at("port").as_int64(), 3);
  EXPECT_EQ(word(device.at("values").at(1), "quality"), "stale");
}

TEST_F(Api, DeviceIdMayHoldASlash) {
  devices.devices.push_back(fakes::make_device("?native/x y"));
  EXPECT_EQ(get("/api/v1/devices/%3Fnative%2Fx%20y").status, 200);
  expect_problem(get("/api/v1/devices/nobody"), 404, "not_found");
}

TEST_F(Api, ShowsASeries) {
  records.series = {{kMorning, Value{21.5}, Quality::good}, {kMorning, Value{}, Quality::bad}};
  const auto series = parse(get("/api/v1/devices/a-1/series?point=temperature_c"));
  EXPECT_EQ(word(series, "point"), "temperature_c");
  EXPECT_EQ(series.at("points").at(0).at("value").as_double(), 21.5);
  EXPECT_TRUE(series.at("points").at(1).at("value").is_null());
  expect_problem(get("/api/v1/devices/a-1/series"), 400, "bad_input");
  expect_problem(get("/api/v1/devices/a-1/series?point=heatness"), 400, "bad_input");
  expect_problem(get("/api/v1/devices/a-1/series?point=smoke&from=2026-11-23T00:00:00Z"), 400, "bad_input");
}

TEST_F(Api, ShowsMessagesAsTheyCame) {
  records.messages = {{kMorning, "site", "fg/v1/e/a-1/up", R"({"readings":{"smoke":true}})", 27, false},
                      {kMorning, "site", "t", "烟\n", 5000, true}};
  const auto answer = parse(get("/api/v1/devices/%3Fnative%2Fx/messages"));
  EXPECT_EQ(records.asked_device, "?native/x");
  const auto expected = json::parse(R"([
    {"at":"2026-11-22T03:00:00.000Z","source":"site","topic":"fg/v1/e/a-1/up","retained":false,"bytes":27,"cut":false,
     "payload":"{\"readings\":{\"smoke\":true}}","payload_b64":null},
    {"at":"2026-11-22T03:00:00.000Z","source":"site","topic":"t","retained":true,"bytes":5000,"cut":true,
     "payload":"烟\n","payload_b64":null}])");
  EXPECT_EQ(answer.at("messages"), expected) << json::serialize(answer);
}

// The texts of RFC 4648, section 10, behind a byte that makes them no text, and a character that is not whole.
TEST_F(Api, MessagesThatAreNoTextAreInBase64) {
  for (const auto& [payload, base64] : std::map<std::string, std::string>{
           {"\377", "/w=="}, {"\377f", "/2Y="}, {"\377fo", "/2Zv"}, {"\377foo", "/2Zvbw=="}, {"\347\216", "544="}}) {
    records.messages = {{kMorning, "site", "t", payload, payload.size(), false}};
    const auto message = parse(get("/api/v1/devices/a-1/messages")).at("messages").at(0);
    EXPECT_TRUE(message.at("payload").is_null());
    EXPECT_EQ(word(message, "payload_b64"), base64);
  }
}

TEST_F(Api, MessagesTakeNoParameters) { expect_problem(get("/api/v1/devices/a-1/messages?limit=5"), 400, "bad_input"); }

TEST_F(Api, ShowsUnmappedAndRejected) {
  tray.unmapped_list = {{"?native/x", "site", "native", "x", kMorning, kMorning, 3, "t", "p", {Point::smoke}, {}, {}}};
  tray.rejected_list = {{kMorning, "site", "t", "bad_json", "at byte 3", 2, "{\xff"}};
  EXPECT_EQ(word(parse(get("/api/v1/unmapped")).at("devices").at(0), "id"), "?native/x");
  EXPECT_EQ(word(parse(get("/api/v1/rejected")).at("samples").at(0), "payload_start"), "{\xEF\xBF\xBD");
}

TEST_F(Api, HealthAndReadinessSayWhatIsWrong) {
  EXPECT_EQ(get("/readyz").status, 200);
  health.set({{{"broker", false, "no connection"}}, 2, 1, 0, 5, Millis{1200}, Millis{-3}});
  const auto shown = parse(get("/api/v1/health"));
  EXPECT_FALSE(shown.at("ok").as_bool());
  EXPECT_EQ(shown.at("decision_lag_ms").as_int64(), 1200);
  EXPECT_EQ(shown.at("clock_drift_ms").as_int64(), -3);
  const auto response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(json::value_to<std::string>(parse(response).at("reasons").at(0)), "broker: no connection");
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Api, MetricsAreInTheTextFormat) {
  const auto response = get("/metrics");
  EXPECT_TRUE(response.content_type.starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(response.body.find("firegate_"), std::string::npos);
}

TEST_F(Api, ClassesAreTheTableOfTheCore) {
  const auto classes = parse(get("/api/v1/classes"));
  EXPECT_EQ(classes.as_array().size(), label_count<AlarmClass>());
  EXPECT_EQ(word(classes.at(0), "dispatch"), "yes");
}

TEST_F(Api, UnknownPathOfTheApiIsNotFound) {
  expect_problem(get("/api/v1/nothing"), 404, "not_found");
  expect_problem(get("/api/v1/alarms/"), 404, "not_found");
  expect_problem(get("/api"), 404, "not_found");
}

TEST_F(Api, WrongMethodNamesTheRightOnes) {
  auto response = ask("DELETE", "/api/v1/alarms");
  expect_problem(response, 405, "method_not_allowed");
  EXPECT_EQ(find_header(response.headers, "Allow"), "GET, HEAD");
  response = get("/api/v1/alarms:silence");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(find_header(response.headers, "Allow"), "POST");
  EXPECT_EQ(ask("OPTIONS", "/").status, 405);
}

TEST_F(Api, PlainGetOfTheLiveFeedIsToldToUpgrade) { expect_problem(get("/api/v1/live"), 426, "upgrade_required"); }

TEST_F(Api, RefusesTargetsThatAreNoPath) {
  for (const std::string_view target : {"", "*", "http://127.0.0.1/x", "/%", "/%2", "/%zz", "/%00", "/x?a=%"}) {
    expect_problem(get(std::string(target)), 400, "bad_input");
  }
}

TEST_F(Api, RefusesHostsThatAreNotLoopback) {
  for (const std::string_view host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1",
                                      "127.0.0.1:x", "localhost:", "evil@localhost"}) {
    expect_problem(ask("GET", "/api/v1/alarms", {}, {{"Host", std::string(host)}}), 403, "forbidden");
  }
  for (const std::string_view host : {"127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]"}) {
    EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Host", std::string(host)}}).status, 200) << host;
  }
}

TEST_F(Api, RefusesActsOfStrangePages) {
  acts.answer = [](const Act&) -> Result<Alarm> { return make_alarm(1); };
  const auto act_from = [this](std::string origin) {
    return ask("POST", "/api/v1/alarms/" + std::string(kFire) + "/acknowledge", std::string(kActBody),
               {{"Origin", std::move(origin)}});
  };
  for (const std::string_view origin :
       {"http://evil.example", "null", "https://127.0.0.1:8080", "http://127.0.0.1:9"}) {
    expect_problem(act_from(std::string(origin)), 403, "forbidden");
  }
  EXPECT_TRUE(acts.asked().empty());
  EXPECT_EQ(act_from("http://127.0.0.1:8080").status, 200);
}

TEST_F(Api, EveryAnswerIsGuarded) {
  for (const std::string_view target : {"/api/v1/alarms", "/api/v1/nothing", "/", "/healthz"}) {
    const auto response = get(std::string(target));
    EXPECT_EQ(find_header(response.headers, "X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(find_header(response.headers, "X-Frame-Options"), "DENY") << target;
    EXPECT_FALSE(find_header(response.headers, "X-Request-Id").empty()) << target;
  }
  EXPECT_EQ(find_header(get("/api/v1/alarms").headers, "Cache-Control"), "no-store");
}

TEST_F(Api, KeepsTheCallersRequestIdWhenItIsOne) {
  EXPECT_EQ(find_header(ask("GET", "/healthz", {}, {{"X-Request-Id", "abc-1"}}).headers, "X-Request-Id"), "abc-1");
  EXPECT_NE(find_header(ask("GET", "/healthz", {}, {{"X-Request-Id", "a\"b"}}).headers, "X-Request-Id"), "a\"b");
}

TEST_F(Api, ServesTheConsoleForItsOwnRoutes) {
  for (const std::string_view target : {"/", "/board", "/alarms/0000000000000001?x=1"}) {
    const auto response = get(std::string(target));
    EXPECT_EQ(response.body, "<html>") << target;
    EXPECT_NE(find_header(response.headers, "Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos);
  }
}

TEST_F(Api, FileThatIsMissingIsNotThePage) { expect_problem(get("/assets/old.js"), 404, "not_found"); }

TEST_F(Api, ServesTheCompressedFormWhenAccepted) {
  const auto compressed = ask("GET", "/", {}, {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(compressed.body, "GZ");
  EXPECT_EQ(find_header(compressed.headers, "Content-Encoding"), "gzip");
  EXPECT_EQ(ask("GET", "/", {}, {{"Accept-Encoding", "gzip;q=0"}}).body, "<html>");
  EXPECT_EQ(ask("GET", "/assets/app.js", {}, {{"Accept-Encoding", "gzip"}}).body, "let x");
}

TEST_F(Api, AssetsAreCachedByTheirTag) {
  const auto response = ask("GET", "/assets/app.js", {}, {{"If-None-Match", "\"s1\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_TRUE(response.body.empty());
  EXPECT_EQ(ask("GET", "/assets/app.js", {}, {{"If-None-Match", "\"s0\""}}).status, 200);
  EXPECT_NE(find_header(response.headers, "Cache-Control").find("immutable"), std::string::npos);
}

TEST_F(Api, UpgradesOnlyOurOwnPagesToTheLiveFeed) {
  const auto refusal = [this](std::string origin, std::string protocol, std::string path = "/api/v1/live") {
    const std::string ticket = door.accounts.ticket(accounts::hash_of(secret), clock.steady_now());
    Headers headers{{"Host", "localhost:8080"}, {"Sec-WebSocket-Protocol", std::move(protocol)}};
    if (!origin.empty()) headers.push_back({"Origin", std::move(origin)});
    const auto watcher = service.admit_upgrade(make_request("GET", path + "?ticket=" + ticket, {}, headers));
    return watcher ? 0 : watcher.error().status;
  };
  EXPECT_EQ(refusal("", "firegate.v1"), 0);
  EXPECT_EQ(refusal("http://localhost:8080", "chat, firegate.v1"), 0);
  EXPECT_EQ(refusal("http://evil.example", "firegate.v1"), 403);
  EXPECT_EQ(refusal("", "firegate.v2"), 400);
  EXPECT_EQ(refusal("", "firegate.v1", "/api/v1/alarms"), 404);
}

TEST_F(Api, RoutesAndDescriptionAreEqual) {
  std::set<std::string> described;
  const auto document = json::parse(openapi_json());
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      described.insert(upper + " " + std::string(path) + ": " + word(operation, "x-access"));
    }
  }
  std::set<std::string> routed;
  for (const Route& route : service.router().routes()) {
    routed.insert(std::string(route.method) + " " + std::string(route.pattern) + ": " + route.access.text());
  }
  EXPECT_EQ(routed, described);
  EXPECT_EQ(get("/api/openapi.json").body, openapi_json());
}

TEST_F(Api, WordsOfTheDescriptionAreTheWordsOfTheCore) {
  const auto document = json::parse(openapi_json());
  const auto expect_words = [&document](std::string_view schema, auto list) {
    std::vector<std::string> words;
    for (const auto& entry : document.at("components").at("schemas").at(schema).at("enum").as_array()) {
      words.push_back(json::value_to<std::string>(entry));
    }
    EXPECT_EQ(words, std::vector<std::string>(list.begin(), list.end())) << schema;
  };
  expect_words("AlarmState", Labels<AlarmState>::list);
  expect_words("AlarmClass", Labels<AlarmClass>::list);
  expect_words("Priority", Labels<Priority>::list);
  expect_words("Lamp", Labels<Lamp>::list);
  expect_words("Sound", Labels<Sound>::list);
  expect_words("Dispatch", Labels<Dispatch>::list);
  expect_words("Overlay", Labels<Overlay>::list);
  expect_words("Confirmation", Labels<Confirmation>::list);
  expect_words("Verdict", Labels<Verdict>::list);
  expect_words("Presence", Labels<Presence>::list);
  expect_words("Quality", Labels<Quality>::list);
  expect_words("Occupancy", Labels<Occupancy>::list);
  expect_words("DeviceKind", Labels<DeviceKind>::list);
  expect_words("Role", Labels<Role>::list);
  expect_words("SessionKind", Labels<SessionKind>::list);
}

// What is answered has exactly the members that the description requires.
TEST_F(Api, AnswersHaveTheMembersOfTheDescription) {
  const auto document = json::parse(openapi_json());
  const auto expect_members = [&document](std::string_view schema, const json::value& answer) {
    std::set<std::string> required, given;
    for (const auto& name : document.at("components").at("schemas").at(schema).at("required").as_array()) {
      required.insert(json::value_to<std::string>(name));
    }
    for (const auto& member : answer.as_object()) given.insert(std::string(member.key()));
    EXPECT_EQ(given, required) << schema;
  };
  tray.unmapped_list = {{"?native/x", "site", "native", "x", kMorning, kMorning, 3, "t", "p", {}, {}, {}}};
  tray.rejected_list = {{kMorning, "site", "t", "bad_json", "at byte 3", 2, "{"}};
  const auto snapshot = parse(get("/api/v1/snapshot"));
  expect_members("Snapshot", snapshot);
  expect_members("AlarmView", snapshot.at("alarms").at(0));
  expect_members("Place", snapshot.at("alarms").at(0).at("place"));
  expect_members("Evidence", snapshot.at("alarms").at(0).at("evidence").at(0));
  expect_members("Health", parse(get("/api/v1/health")));
  expect_members("Readiness", parse(get("/readyz")));
  expect_members("Timeline", parse(get("/api/v1/alarms/0000000000000001/timeline")));
  expect_members("Device", parse(get("/api/v1/devices")).at("devices").at(0));
  expect_members("CurrentValue", parse(get("/api/v1/devices/a-1")).at("values").at(0));
  expect_members("Series", parse(get("/api/v1/devices/a-1/series?point=smoke")));
  records.messages = {{kMorning, "site", "t", "p", 1, false}};
  expect_members("RawMessage", parse(get("/api/v1/devices/a-1/messages")).at("messages").at(0));
  expect_members("UnmappedDevice", parse(get("/api/v1/unmapped")).at("devices").at(0));
  expect_members("RejectedSample", parse(get("/api/v1/rejected")).at("samples").at(0));
  expect_members("ClassInfo", parse(get("/api/v1/classes")).at(0));
  const auto rules = parse(get("/api/v1/rules"));
  expect_members("RuleVersion", rules.at("version"));
  expect_members("RuleChanges", rules.at("version").at("changes"));
  expect_members("RuleInfo", rules.at("rules").at(0));
  rule_desk.raised = {{"port_hot", 1, 2, kMorning, {}}};
  expect_members("RuleHits", parse(get("/api/v1/rules/hits")).at("rules").at(0));
  expect_members("RuleFile", parse(get("/api/v1/rules/files")).at("files").at(0));
  const auto checked = parse(post("/api/v1/rules:check", R"({"files":{"a.yaml":"wrong"}})"));
  expect_members("RuleCheck", checked);
  expect_members("ConfigProblem", checked.at("problems").at(0));
  expect_members("Backtest", parse(get("/api/v1/rules:backtest")));
  rule_desk.job = fakes::finished_backtest();
  const auto backtest = parse(get("/api/v1/rules:backtest"));
  expect_members("Backtest", backtest);
  expect_members("TrialSummary", backtest.at("summary"));
  expect_members("TrialEpisode", backtest.at("episodes").at(0));
  expect_members("Problem", parse(get("/api/v1/nothing")));
  records.journal.rows = {{7, {kMorning, "raise", AlarmId{1}, "d", "", "", "system", "", ""}, ""}};
  expect_members("JournalEntry", parse(get("/api/v1/journal")).at("entries").at(0));
  expect_members("JournalCheck", parse(get("/api/v1/journal:verify")));
  expect_members("JournalCheck", parse(post("/api/v1/journal:verify", "{}")));
  journal_check.wait();
  expect_members("JournalReport", parse(get("/api/v1/journal:verify")).at("report"));
  places = {fakes::make_estate("sunny")};
  expect_members("Estate", parse(get("/api/v1/estates")).at("estates").at(0));
  expect_members("User", parse(get("/api/v1/users/wangfang")));
  expect_members("SessionInfo", parse(get("/api/v1/sessions")).at("sessions").at(0));
  const auto token = parse(post("/api/v1/tokens", R"({"name":"t","grants":[{"role":"viewer","estate":"*"}],
                                                       "ends_at":"2026-12-01T00:00:00Z"})"));
  expect_members("Token", token.at("token"));
  expect_members("Silence", parse(post("/api/v1/alarms:silence", R"({"post":"desk-1"})")));
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  const auto written = [](std::string_view text) {
    JsonWriter json;
    json.value(text);
    return json.take();
  };
  EXPECT_EQ(written("王\"\\\n\x01"), "\"王\\\"\\\\\\u000a\\u0001\"");
  EXPECT_EQ(written("a\xff"
                    "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(written("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
  EXPECT_EQ(written("\xc0\xaf"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(written("\xf0\x9f\x94\xa5"), "\"\xf0\x9f\x94\xa5\"");
  EXPECT_EQ(written("\xe7\x8e"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // cut off
}

TEST(JsonWriter, NumberThatIsNotFiniteIsNull) {
  JsonWriter json;
  json.begin_array().value(86.1).value(std::nan("")).value(HUGE_VAL).value(1e300).end_array();
  EXPECT_EQ(json.take(), "[86.1,null,null,1e+300]");
}

TEST(ArchiveJobs, RefusesWhatDoesNotFit) {
  fakes::Records records;
  std::mutex gate;
  std::unique_lock shut(gate);
  ArchiveJobs jobs([&records] { return std::make_unique<fakes::FixedArchive>(records); }, 1);
  std::size_t taken = 0;
  while (taken < 1000 && jobs.post([&gate](Archive*) { const std::lock_guard wait(gate); })) ++taken;
  EXPECT_GE(taken, ArchiveJobs::kMaxWaiting);
  EXPECT_LE(taken, ArchiveJobs::kMaxWaiting + 1);  // one may be running
  shut.unlock();                                   // before the jobs are waited for
}

}  // namespace
}  // namespace firegate::api
