// Who may do what: every route × every role × an object of the own estate, of another one, of none. The table is
// complete by construction: a route without a row fails, and so does a row without a route.
#include <fmt/format.h>

#include <set>

#include "registry/tray_key.h"
#include "support/test_name.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using fakes::in_estate;
using fakes::make_alarm;

constexpr std::array<std::string_view, 8> kPeople{"",          "viewer",  "operator", "duty",
                                                  "installer", "manager", "admin",    "chief"};
enum class Whose { own, other, none };

// One character for each of kPeople: 2 done, 1 unauthenticated (401), 3 forbidden (403), 4 not found, c conflict (409),
// u upgrade required (426).
struct Row {
  std::string_view method, pattern;
  std::string_view own;         // an object of the person's estate, or no object at all
  std::string_view other = {};  // an object of another estate; empty: the route has none
  std::string_view none = {};   // an object of no estate; of accounts: one of every estate
};

constexpr std::string_view kAll = "22222222", kIn = "12222222", kNone = "44444444";
constexpr std::string_view kLook = kIn, kLookOther = "14444442";
constexpr std::string_view kAct = "13223332", kActOther = "13443332";
constexpr std::string_view kMap = "13332232";
constexpr std::string_view kMapOther = "13334432", kMapElsewhere = "13333332";
constexpr std::string_view kAdmin = "13333322", kAdminOther = "13333342", kAdminAll = "13333332";
constexpr std::string_view kCommand = "13323232", kCommandOther = "13343432";
constexpr std::string_view kJournal = "13333222";
constexpr std::string_view kEdit = "13333232", kEditAll = "13333332";

constexpr Row kTable[] = {
    {"GET", "/api/v1/snapshot", kLook},
    {"GET", "/api/v1/live", "1uuuuuuu"},
    {"GET", "/api/v1/alarms", kLook},
    {"GET", "/api/v1/alarms/groups", kLook},
    {"GET", "/api/v1/alarms/held", kLook},
    {"GET", "/api/v1/alarms/figures", kLook},
    {"POST", "/api/v1/alarms:silence", kAct},
    {"GET", "/api/v1/alarms/{id}", kLook, kLookOther, kLook},
    {"GET", "/api/v1/alarms/{id}/timeline", kLook, kLookOther, kLook},
    {"POST", "/api/v1/alarms/{id}/acknowledge", kAct, kActOther, kAct},
    {"POST", "/api/v1/alarms/{id}/unacknowledge", kAct, kActOther, kAct},
    {"POST", "/api/v1/alarms/{id}/verdict", kAct, kActOther, kAct},
    {"POST", "/api/v1/alarms/{id}/reset", kAct, kActOther, kAct},
    {"POST", "/api/v1/alarms/{id}/shelve", kAct, kActOther, kAct},
    {"POST", "/api/v1/alarms/{id}/unshelve", kAct, kActOther, kAct},
    {"GET", "/api/v1/history", kLook},
    {"GET", "/api/v1/devices", kLook},
    {"GET", "/api/v1/devices/{id}", kLook, kLookOther, kLook},
    {"GET", "/api/v1/devices/{id}/series", kLook, kLookOther, kLook},
    {"GET", "/api/v1/devices/{id}/messages", kLook, kLookOther, kLook},
    {"PATCH", "/api/v1/devices/{id}", kMap, kMapOther, kMap},
    {"DELETE", "/api/v1/devices/{id}", kMap, kMapOther, kMap},
    {"POST", "/api/v1/devices/{id}/replace", kMap, kMapOther, kMap},
    {"POST", "/api/v1/devices/{id}/disable", kMap, kMapOther, kMap},
    {"POST", "/api/v1/devices/{id}/enable", kMap, kMapOther, kMap},
    {"POST", "/api/v1/devices/{id}/test", kMap, kMapOther, kMap},
    {"POST", "/api/v1/devices/{id}/end_test", kMap, kMapOther, kMap},
    {"PUT", "/api/v1/devices/{id}/tests/{no}/note", kMap, kMapOther, kMap},
    {"GET", "/api/v1/devices/{id}/changes", kLook, kLookOther, kLook},
    {"GET", "/api/v1/devices/{id}/tests", kLook, kLookOther, kLook},
    {"GET", "/api/v1/devices/{id}/commands", kLook, kLookOther, kLook},
    {"POST", "/api/v1/devices/{id}/commands", kCommand, kCommandOther, kCommand},
    {"GET", "/api/v1/devices.csv", kMap},
    {"POST", "/api/v1/devices:import", kMap},
    {"POST", "/api/v1/imports/{no}:undo", "13334434", "13334434", "13334434"},
    {"GET", "/api/v1/tests", kLook},
    {"GET", "/api/v1/plans", kLook},
    {"GET", "/api/v1/floors/{estate}/{building}/{floor}/plan", kLook, kLookOther, "14444444"},
    {"PUT", "/api/v1/floors/{estate}/{building}/{floor}/plan", kMap, kMapOther, "13334434"},
    {"DELETE", "/api/v1/floors/{estate}/{building}/{floor}/plan", kMap, kMapOther, "13334434"},
    {"GET", "/api/v1/devices/{id}/photos", kLook, kLookOther, kLook},
    {"POST", "/api/v1/devices/{id}/photos", kMap, kMapOther, kMap},
    {"GET", "/api/v1/devices/{id}/photos/{no}", kLook, kLookOther, kLook},
    {"DELETE", "/api/v1/devices/{id}/photos/{no}", kMap, kMapOther, kMap},
    {"GET", "/api/v1/estates", kLook},
    {"GET", "/api/v1/unmapped", kMap},
    {"POST", "/api/v1/unmapped/{key}:adopt", kMap, kMapElsewhere, kMapElsewhere},
    {"POST", "/api/v1/unmapped/{key}:ignore", kMap, kMap, kMap},
    {"POST", "/api/v1/unmapped/{key}:heed", kMap, kMap, kMap},
    {"GET", "/api/v1/rejected", kMap},
    {"POST", "/api/v1/ingest/{source}", "11111111", "11111111", "11111111"},
    {"GET", "/api/v1/health", kLook},
    {"GET", "/api/v1/classes", kLook},
    {"GET", "/api/v1/rules", kLook},
    {"GET", "/api/v1/rules/hits", kLook},
    {"GET", "/api/v1/rules/files", kEditAll},
    {"GET", "/api/v1/rules/schema.json", kEdit},
    {"GET", "/api/v1/rules/versions", kEditAll},
    {"GET", "/api/v1/rules/versions/{number}", kEditAll, kEditAll, kEditAll},
    {"POST", "/api/v1/rules:check", kEditAll},
    {"POST", "/api/v1/rules:publish", kEditAll},
    {"POST", "/api/v1/rules:rollback", kEditAll},
    {"GET", "/api/v1/rules:backtest", kEditAll},
    {"POST", "/api/v1/rules:backtest", kEditAll},
    {"DELETE", "/api/v1/rules:backtest", kEditAll},
    {"GET", "/api/v1/rules/shadow", kEditAll},
    {"POST", "/api/v1/rules/shadow", kEditAll},
    {"DELETE", "/api/v1/rules/shadow", "13333334"},
    {"GET", "/api/openapi.json", kAll},
    {"GET", "/healthz", kAll},
    {"GET", "/readyz", kAll},
    {"GET", "/metrics", kAdminAll},
    {"GET", "/ca", kNone},
    {"GET", "/ca.crt", kNone},
    {"GET", "/ca.svg", kNone},
    {"GET", "/api/v1/session", kAll},
    {"POST", "/api/v1/session", kAll},
    {"DELETE", "/api/v1/session", kIn},
    {"POST", "/api/v1/session:confirm", kIn},
    {"POST", "/api/v1/session:ticket", kIn},
    {"POST", "/api/v1/setup", "cccccccc"},
    {"POST", "/api/v1/invites:redeem", "11111111"},
    {"POST", "/api/v1/password", "11111111"},
    {"GET", "/api/v1/account/sessions", kIn},
    {"DELETE", "/api/v1/account/sessions/{id}", kIn, "14444444", "14444444"},
    {"PUT", "/api/v1/account/password", kIn},
    {"PUT", "/api/v1/account/pin", kIn},
    {"GET", "/api/v1/users", kAdmin},
    {"POST", "/api/v1/users", kAdminAll},
    {"GET", "/api/v1/users/{id}", kAdmin, kAdminOther, kAdminOther},
    {"PATCH", "/api/v1/users/{id}", kAdmin, kAdminOther, kAdminOther},
    {"DELETE", "/api/v1/users/{id}", kAdmin, kAdminOther, kAdminOther},
    {"POST", "/api/v1/users/{id}:invite", kAdmin, kAdminOther, kAdminOther},
    {"GET", "/api/v1/sessions", kAdmin},
    {"DELETE", "/api/v1/sessions/{id}", kAdmin, kAdminOther, kAdminOther},
    {"GET", "/api/v1/tokens", kAdmin},
    {"POST", "/api/v1/tokens", kAdmin, kAdminAll, kAdminAll},
    {"DELETE", "/api/v1/tokens/{id}", kAdmin, kAdminOther, kAdminOther},
    {"POST", "/api/v1/invites", kJournal, kAdminAll, kAdminAll},
    {"GET", "/api/v1/journal", kJournal},
    {"GET", "/api/v1/journal.csv", kJournal},
    {"GET", "/api/v1/journal:verify", kJournal},
    {"POST", "/api/v1/journal:verify", kJournal},
};

std::string_view estate_of(Whose whose) {
  constexpr std::array<std::string_view, 3> kEstates{"north", "south", "*"};
  return kEstates[static_cast<std::size_t>(whose)];
}

// People of one role in north; whom they might touch has a role in north, in south, in every estate.
AccountRows everybody() {
  AccountRows rows;
  const auto add = [&rows](std::string id, std::vector<Grant> grants) {
    rows.users.push_back(make_user(id, id, std::move(grants)));
    rows.sessions.push_back(make_session(id));
  };
  for (std::size_t i = 1; i < 7; ++i) {
    add(std::string(kPeople[i]), {{*from_label<Role>(kPeople[i]), "north"}});
  }
  add("chief", every_role());
  for (const Whose whose : {Whose::own, Whose::other, Whose::none}) {
    const std::string estate(estate_of(whose)), id = estate == "*" ? "u-every" : "u-" + estate;
    add(id, {{Role::duty, estate}});
    TestToken token = make_token("chief", {{Role::viewer, estate}});
    token.record.id = "aaaaaaa" + std::to_string(static_cast<int>(whose));
    rows.tokens.push_back(token.record);
  }
  return rows;
}

class House : public Rig {
 public:
  House() : Rig(everybody()) {
    acts.answer = [](const Act&) -> Result<Alarm> { return make_alarm(1); };
    for (const Whose whose : {Whose::own, Whose::other, Whose::none}) {
      const std::string estate(whose == Whose::none ? "" : estate_of(whose));
      feed.alarm_changed(in_estate(estate, make_alarm(0x10 + static_cast<std::uint64_t>(whose))));
      Device device = *fakes::make_device("d-" + std::to_string(static_cast<int>(whose))).device;
      device.place = fakes::make_place(estate);
      devices.devices.push_back({std::make_shared<const Device>(device), Presence::online, {}, {}});
    }
    device_desk.open(devices.devices, {fakes::make_estate("north"), fakes::make_estate("north", "b1"), fakes::make_estate("south"),
                                       fakes::make_estate("south", "b1")});
  }
  void TestBody() override {}

  char outcome(const Row& row, std::string_view person, Whose whose) {
    secret = person.empty() ? std::string() : secret_of(person);
    const bool of_device = row.pattern.find("/devices/") != std::string_view::npos;
    Headers headers{{"If-Match", row.pattern.find("/rules") != std::string_view::npos ? "\"7\"" : of_device ? "\"0\"" : "\"1\""}};
    if (row.pattern.ends_with("/plan") || row.pattern.ends_with("/photos")) headers.push_back({"Content-Type", "image/png"});
    if (row.pattern.ends_with(":import")) headers.push_back({"Content-Type", "text/csv"});
    prepare(row);
    const Response response = ask(std::string(row.method), target(row, person, whose), body(row, person, whose), headers);
    if (response.status >= 200 && response.status < 300) return '2';
    switch (response.status) {
      case 401: return '1';
      case 403: return '3';
      case 404: return '4';
      case 409: return 'c';
      case 426: return 'u';
      default: ADD_FAILURE() << row.method << " " << row.pattern << ": " << response.body; return '?';
    }
  }

  using Rig::service;

 private:
  // What the act needs to find: a disablement to end, a test that lasts, an entry that was ignored.
  void prepare(const Row& row) {
    registry::Order order;
    order.at = clock.now();
    registry::Registry& registry = device_desk.registry();
    for (const char* id : {"d-0", "d-1", "d-2"}) {
      if (row.pattern.ends_with("/enable")) static_cast<void>(registry.disable(id, order.at + Millis{60'000}, order));
      if (row.pattern.ends_with("/end_test")) static_cast<void>(registry.begin_test(id, Millis{60'000}, order));
      TestRecord test;
      test.device = id;
      test.no = 1;
      device_desk.test_records.push_back(std::move(test));
    }
    for (const char* estate : {"north", "south"}) keep_pictures(estate);
    if (row.pattern.ends_with(":heed")) static_cast<void>(registry.ignore({"site", "native", "new"}, order));
  }

  // A plan and photos to be seen and taken away.
  void keep_pictures(const std::string& estate) {
    auto floor = std::make_shared<Place>();
    floor->estate.id = estate;
    floor->building.id = "b1";
    floor->floor.id = "f1";
    places.push_back(floor);
    FloorPlan plan;
    plan.estate = estate;
    plan.building = "b1";
    plan.floor = "f1";
    picture_desk.kept_plans.push_back(plan);
    for (const char* id : {"d-0", "d-1", "d-2"}) {
      Photo photo;
      photo.device = id;
      photo.no = 1;
      if (picture_desk.photos(id).empty()) picture_desk.kept_photos.push_back(photo);
    }
  }

  static std::string id_for(std::string_view pattern, std::string_view person, Whose whose) {
    const auto number = static_cast<int>(whose);
    const std::string user = whose == Whose::none ? "u-every" : "u-" + std::string(estate_of(whose));
    if (pattern.find("/alarms/") != std::string_view::npos)
      return to_text(AlarmId{0x10 + static_cast<unsigned>(number)});
    if (pattern.find("/devices/") != std::string_view::npos) return "d-" + std::to_string(number);
    if (pattern.find("/tokens/") != std::string_view::npos) return "aaaaaaa" + std::to_string(number);
    if (pattern.find("/users/") != std::string_view::npos) return user;
    const bool own = pattern.find("/account/") != std::string_view::npos && whose == Whose::own;
    return accounts::hash_of(secret_of(own ? person : std::string_view(user)));
  }
  static std::string target(const Row& row, std::string_view person, Whose whose) {
    std::string path(row.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos)
      path.replace(at, 4, id_for(row.pattern, person, whose));
    if (const auto at = path.find("{number}"); at != std::string::npos) path.replace(at, 8, "7");
    if (const auto at = path.find("{estate}"); at != std::string::npos) {
      path = "/api/v1/floors/" + std::string(estate_of(whose)) + "/b1/f1/plan";
    }
    if (const auto at = path.find("{no}"); at != std::string::npos) path.replace(at, 4, "1");
    if (const auto at = path.find("{key}"); at != std::string::npos) path.replace(at, 5, registry::tray_key("site", "native", "new"));
    if (path.ends_with("/series")) path += "?point=smoke";
    return path;
  }
  static std::string body(const Row& row, std::string_view person, Whose whose) {
    const std::string estate(estate_of(whose)), role(person == "chief" || person.empty() ? "duty" : person);
    const auto grants = [&estate](std::string_view of) {
      return R"("grants":[{"role":")" + std::string(of) + R"(","estate":")" + estate + R"("}])";
    };
    const std::string password(kPassword);
    if (row.pattern == "/api/v1/session") return R"({"user":"u-north","password":")" + password + "\"}";
    if (row.pattern == "/api/v1/session:confirm") return R"({"pin":")" + std::string(kPin) + "\"}";
    if (row.pattern == "/api/v1/setup") return R"({"code":"x","user":"a","name":"a","password":"long enough it is"})";
    if (row.pattern == "/api/v1/invites:redeem") return R"({"secret":"7K3M-09TX-VWAB-HD41"})";
    if (row.pattern == "/api/v1/password") return R"({"secret":"7K3M-09TX-VWAB-HD41","password":"staple on the door"})";
    if (row.pattern == "/api/v1/account/password") return R"({"old":")" + password + R"(","new":"staple on the door"})";
    if (row.pattern == "/api/v1/account/pin") return R"({"password":")" + password + R"(","pin":"274951"})";
    if (row.pattern == "/api/v1/users") return R"({"id":"new","name":"New",)" + grants("duty") + "}";
    if (row.method == "PATCH") return R"({"name":"Another"})";
    if (row.pattern.ends_with(":adopt")) {
      return R"({"kind":"smoke_detector","building":"b1","estate":")" + (estate == "*" ? "south" : estate) + "\"}";
    }
    if (row.pattern.ends_with(":import")) return "id,kind,format,address,estate,building\n";
    if (row.pattern.ends_with("/commands")) return R"({"command":"cut_off","port":1,"reason":"why"})";
    const bool of_device = row.pattern.find("/devices/") != std::string_view::npos || row.pattern.find("{key}") != std::string_view::npos;
    if (of_device) return R"({"reason":"why","until":"2026-11-22T12:00:00Z","address":"fresh","note":"seen"})";
    if (row.pattern == "/api/v1/tokens")
      return R"({"name":"t","ends_at":"2026-12-01T00:00:00Z",)" + grants("admin") + "}";
    if (row.pattern.find("/rules") != std::string_view::npos) {
      return R"({"files":{},"note":"why","version":7,"from":"2026-11-21T00:00:00Z","to":"2026-11-22T00:00:00Z"})";
    }
    if (row.pattern == "/api/v1/invites") return R"({"kind":"wall","label":"w",)" + grants(role) + "}";
    return R"({"post":"desk-1","verdict":"cooking","until":"2026-11-22T12:00:00Z"})";
  }
};

TEST(Access, EveryRouteHasARowAndEveryRowARoute) {
  std::set<std::string> routes, rows;
  const House house;
  for (const Route& route : house.service.router().routes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.pattern));
  }
  for (const Row& row : kTable) {
    EXPECT_TRUE(rows.insert(std::string(row.method) + " " + std::string(row.pattern)).second)
        << row.pattern << " twice";
    const bool has_object = row.pattern.find('{') != std::string_view::npos;
    EXPECT_TRUE(!has_object || (!row.other.empty() && !row.none.empty())) << row.pattern << " lacks cells";
    for (const std::string_view cells : {row.own, row.other, row.none}) {
      EXPECT_TRUE(cells.empty() || cells.size() == kPeople.size()) << row.pattern;
    }
  }
  EXPECT_EQ(rows, routes);
}

class Matrix : public testing::TestWithParam<Row> {};

TEST_P(Matrix, AnswersAsTheTableSays) {
  const Row& row = GetParam();
  const std::array<std::string_view, 3> expected{row.own, row.other, row.none};
  for (std::size_t whose = 0; whose < expected.size(); ++whose) {
    if (expected[whose].empty()) continue;
    std::string found;
    for (const std::string_view person : kPeople) found += House().outcome(row, person, static_cast<Whose>(whose));
    EXPECT_EQ(found, expected[whose]) << row.method << " " << row.pattern << ", estate " << whose;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryRoute, Matrix, testing::ValuesIn(kTable), [](const auto& row) {
  return test_name(fmt::format("{} {}", row.param.method, row.param.pattern), row.index);
});

// --- what lists and counts hold ---

class Lists : public Rig {
 protected:
  Lists() : Rig(everybody()) {
    for (const char* estate : {"north", "south", ""}) {
      const auto id = static_cast<std::uint64_t>(0x10 + feed.alarms().size());
      feed.alarm_changed(in_estate(estate, make_alarm(id)));
      Device device = *fakes::make_device("d-" + std::string(estate)).device;
      device.place = fakes::make_place(estate);
      devices.devices.push_back({std::make_shared<const Device>(device), Presence::online, {}, {}});
    }
    secret = secret_of("duty");
  }
  static std::set<std::string> estates(const json::value& list) {
    std::set<std::string> found;
    for (const auto& item : list.as_array()) found.insert(word(item.at("place").at("estate"), "id"));
    return found;
  }
};

TEST_F(Lists, HoldTheOwnEstateAndWhatBelongsToNone) {
  const std::set<std::string> own{"", "north"};
  EXPECT_EQ(estates(parse(get("/api/v1/alarms")).at("alarms")), own);
  EXPECT_EQ(estates(parse(get("/api/v1/snapshot")).at("alarms")), own);
  const auto page = parse(get("/api/v1/devices"));
  EXPECT_EQ(estates(page.at("devices")), own);
  EXPECT_EQ(page.at("total").as_int64(), 2) << "counts are within the scope as well";
}

TEST_F(Lists, FiltersDoNotReachBeyondTheScope) {
  EXPECT_TRUE(parse(get("/api/v1/alarms?estate=south")).at("alarms").as_array().empty());
  EXPECT_EQ(parse(get("/api/v1/devices?q=south")).at("total").as_int64(), 0);
}

TEST_F(Lists, HistoryAndJournalAreAskedWithinTheScope) {
  get("/api/v1/history?estate=south");
  EXPECT_FALSE(records.asked.scope.every);
  EXPECT_EQ(records.asked.scope.estates, std::vector<std::string>{"north"});
  secret = secret_of("manager");
  for (const char* path : {"/api/v1/journal", "/api/v1/journal.csv"}) {
    records.asked_journal.scope = {true, {}};
    get(path);
    EXPECT_FALSE(records.asked_journal.scope.every) << path;
    EXPECT_EQ(records.asked_journal.scope.estates, std::vector<std::string>{"north"}) << path;
  }
}

TEST_F(Lists, ExceptionsOfRulesNamePlacesAndAreForThoseWhoSeeEverything) {
  const auto overrides = [this] { return parse(get("/api/v1/rules")).at("rules").at(0).at("overrides").as_array().size(); };
  EXPECT_EQ(overrides(), 0u);
  get("/api/v1/rules/hits");
  EXPECT_FALSE(rule_desk.asked_scope.every);
  secret = secret_of("chief");
  EXPECT_EQ(overrides(), 1u);
}

TEST_F(Lists, WhatIsOutsideLooksLikeWhatIsNotThere) {
  const auto without_names = [](Response response) {
    auto problem = json::parse(response.body).as_object();
    problem.erase("request_id");
    problem.erase("detail");
    return problem;
  };
  EXPECT_EQ(without_names(get("/api/v1/devices/d-south")), without_names(get("/api/v1/devices/d-nowhere")));
  EXPECT_EQ(without_names(get("/api/v1/alarms/0000000000000013")),
            without_names(get("/api/v1/alarms/00000000000000ff")));
}

TEST_F(Lists, ADeviceThatWasRemovedIsForThoseWhoSeeEverything) {
  expect_problem(get("/api/v1/devices/removed/messages"), 404, "not_found");
  secret = secret_of("chief");
  EXPECT_EQ(get("/api/v1/devices/removed/messages").status, 200);
}

TEST_F(Lists, AdministratorsSeeWhoHasARoleInTheirEstates) {
  secret = secret_of("admin");
  std::set<std::string> users;
  const auto listed = parse(get("/api/v1/users"));
  for (const auto& user : listed.at("users").as_array()) users.insert(word(user, "id"));
  EXPECT_TRUE(users.contains("u-north"));
  EXPECT_FALSE(users.contains("u-south"));
  EXPECT_FALSE(users.contains("chief"));
  EXPECT_EQ(parse(get("/api/v1/tokens")).at("tokens").as_array().size(), 1u);
}

TEST_F(Lists, NobodyHandsOutARoleWhereTheyDoNotAdminister) {
  secret = secret_of("admin");
  for (const char* estate : {"south", "*"}) {
    const auto response =
        ask("PATCH", "/api/v1/users/u-north",
            std::string(R"({"grants":[{"role":"duty","estate":")") + estate + R"("}]})", {{"If-Match", "\"1\""}});
    expect_problem(response, 403, "forbidden");
  }
}

}  // namespace
}  // namespace firegate::api
