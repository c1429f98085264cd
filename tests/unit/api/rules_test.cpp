// The rules over the API: shown, checked, published with what was read in hand, tried and judged in the shadow.
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using fakes::kMorning;

class Rules : public Rig {
 protected:
  Response publish(std::string_view files, Headers headers = {{"If-Match", "\"7\""}}) {
    return ask("POST", "/api/v1/rules:publish", R"({"note":"why","files":)" + std::string(files) + "}",
               std::move(headers));
  }
};

TEST_F(Rules, AreListedWithWhatTheyJudgeWhereTheyStandAndWhatIsOtherForSome) {
  const auto answer = parse(get("/api/v1/rules"));
  EXPECT_EQ(answer.at("version").at("number").as_int64(), 7);
  const auto listed = answer.at("rules").as_array();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0], json::parse(R"({"id":"port_hot","class":"pre_alarm","kinds":["charging_station","swap_cabinet"],
    "text":{"zh":"端口过热","en":"Port too hot"},"source":"our choice","points":["port_temperature_c"],
    "file":"charging.yaml","line":12,"limits":["pre_alarm when port_temperature_c at least 65 (clears below 60), for 10s"],
    "steps":[{"class":"pre_alarm","on_delay_s":10,"off_delay_s":0}],
    "overrides":[{"where":"zone z1","set":"at_least 70","enabled":true,"reason":"","source":"our choice: sun on the roof",
                  "at":"site.yaml:3:5"}]})"));
  EXPECT_EQ(word(listed[1], "id"), "smoke_alarm");
  EXPECT_EQ(listed[1].at("kinds").as_array().size(), label_count<DeviceKind>());
  EXPECT_TRUE(listed[1].at("overrides").as_array().empty());
}

TEST_F(Rules, AreThoseInForceNow) {
  rule_desk.use(std::make_shared<const rules::RuleSet>(std::vector<rules::Rule>{}));
  EXPECT_TRUE(parse(get("/api/v1/rules")).at("rules").as_array().empty());
}

TEST_F(Rules, HitsSayHowManyWereFalseOfThoseThatPeopleJudged) {
  rule_desk.raised = {{"smoke_alarm", 1, 9, kMorning, {1, 2, 1, 3, 0, 2}},
                      {"port_hot", 0, 1, kMorning, {0, 0, 0, 1, 0, 0}}};
  const auto rules = parse(get("/api/v1/rules/hits")).at("rules");
  EXPECT_EQ(rules.at(0), json::parse(R"({"rule":"smoke_alarm","day":1,"month":9,"last_at":"2026-11-22T03:00:00.000Z",
    "verdicts":{"real":1,"cooking":2,"steam_or_dust":1,"test":3,"device_fault":0,"unknown":2},"false_share":7.5E-1})"));
  EXPECT_TRUE(rules.at(1).at("false_share").is_null()) << "a test is neither real nor false";
  EXPECT_TRUE(rule_desk.asked_scope.every);
}

TEST_F(Rules, FilesComeWithTheTagThatPublishingAsksFor) {
  const auto response = get("/api/v1/rules/files");
  EXPECT_EQ(find_header(response.headers, "ETag"), "\"7\"");
  const auto files = parse(response);
  EXPECT_EQ(files.at("version").as_int64(), 7);
  EXPECT_EQ(files.at("files").at(0), json::parse(R"({"name":"charging.yaml","text":"rules: []\n"})"));
}

TEST_F(Rules, SchemaOfTheFilesIsThatOfTheConfiguration) {
  const auto schema = parse(get("/api/v1/rules/schema.json"));
  EXPECT_TRUE(schema.as_object().contains("$schema"));
  EXPECT_TRUE(schema.at("properties").as_object().contains("rules"));
}

TEST_F(Rules, CheckNamesEveryPlaceAndChangesNothing) {
  const auto wrong =
      parse(post("/api/v1/rules:check", R"({"files":{"a.yaml":"wrong","b.yaml":"wrong","c.yaml":null}})"));
  EXPECT_FALSE(wrong.at("ok").as_bool());
  EXPECT_TRUE(wrong.at("changes").is_null());
  ASSERT_EQ(wrong.at("problems").as_array().size(), 2u);
  EXPECT_EQ(wrong.at("problems").at(0), json::parse(R"({"file":"a.yaml","line":12,"column":9,"code":"E108",
    "path":"rules[3].class","message":"found \"fire\", expected one of fire_alarm"})"));
  EXPECT_EQ(rule_desk.asked_files.at("c.yaml"), std::nullopt);
  const auto good = parse(post("/api/v1/rules:check", R"({"files":{"a.yaml":"rules: []\n\t# more"}})"));
  EXPECT_TRUE(good.at("ok").as_bool());
  EXPECT_EQ(good.at("changes"), json::parse(R"({"added":["new"],"removed":["old"],"changed":["port_hot"]})"));
  EXPECT_EQ(rule_desk.in_force()->version.number, 7u);
}

TEST_F(Rules, FilesThatAreNoTextAreRefused) {
  for (const char* files : {"[]", R"({"a.yaml":7})", R"({"a.yaml":"\u0000"})", R"({"a.yaml":"x\u007Fy"})", "null"}) {
    expect_problem(post("/api/v1/rules:check", R"({"files":)" + std::string(files) + "}"), 400, "bad_input");
  }
  expect_problem(post("/api/v1/rules:check", "{}"), 400, "bad_input");
}

TEST_F(Rules, PublishedByWhomWhyAndOverWhichVersion) {
  const auto response = publish(R"({"charging.yaml":"rules: []\n","old.yaml":null})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(find_header(response.headers, "ETag"), "\"8\"");
  ASSERT_TRUE(rule_desk.ordered);
  EXPECT_EQ(rule_desk.ordered->by.who(), "user:wangfang");
  EXPECT_EQ(rule_desk.ordered->note, "why");
  EXPECT_EQ(rule_desk.ordered->base, 7u);
  EXPECT_EQ(rule_desk.asked_files.at("charging.yaml"), "rules: []\n");
  EXPECT_EQ(parse(response).at("version").at("number").as_int64(), 8);
}

TEST_F(Rules, PublishingTakesTheTagOfTheVersionThatWasRead) {
  expect_problem(publish("{}", {}), 428, "precondition_required");
  for (const char* tag : {"\"6\"", "7", "\"x\"", "\"\"", "\"0\""}) {
    expect_problem(publish("{}", {{"If-Match", tag}}), 412, "precondition_failed");
  }
}

TEST_F(Rules, PublishingTakesANote) {
  for (const std::string& body : {std::string(R"({"files":{}})"), std::string(R"({"files":{},"note":""})"),
                                  R"({"files":{},"note":")" + std::string(501, 'x') + "\"}"}) {
    expect_problem(ask("POST", "/api/v1/rules:publish", body, {{"If-Match", "\"7\""}}), 400, "bad_input");
  }
}

TEST_F(Rules, BrokenFilesAreRefusedWithEveryProblem) {
  const auto response = publish(R"({"a.yaml":"wrong","b.yaml":"wrong"})");
  expect_problem(response, 400, "bad_input");
  EXPECT_EQ(parse(response).at("problems").as_array().size(), 2u);
  EXPECT_EQ(rule_desk.in_force()->version.number, 7u);
}

TEST_F(Rules, ADiskThatFailsIsSaid) {
  rule_desk.broken = Error{ErrorCode::io_failed, "disk full"};
  expect_problem(publish("{}"), 503, "io_failed");
  expect_problem(get("/api/v1/rules/hits"), 503, "io_failed");
  expect_problem(get("/api/v1/rules/shadow"), 503, "io_failed");
}

TEST_F(Rules, ADeskWithTooMuchToDoRefuses) {
  rule_desk.full = true;
  expect_problem(publish("{}"), 503, "overloaded");
  expect_problem(get("/api/v1/rules/hits"), 503, "overloaded");
}

TEST_F(Rules, GoingBackIsANewVersion) {
  const auto response =
      ask("POST", "/api/v1/rules:rollback", R"({"version":7,"note":"too many"})", {{"If-Match", "\"7\""}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(parse(response).at("version").at("rollback_of").as_int64(), 7);
  expect_problem(ask("POST", "/api/v1/rules:rollback", R"({"version":3,"note":"x"})", {{"If-Match", "\"8\""}}), 404,
                 "not_found");
  expect_problem(ask("POST", "/api/v1/rules:rollback", R"({"version":0,"note":"x"})", {{"If-Match", "\"8\""}}), 400,
                 "bad_input");
}

TEST_F(Rules, VersionsAreListedAndShownWithTheirFiles) {
  EXPECT_EQ(parse(get("/api/v1/rules/versions")).at("versions").as_array().size(), 1u);
  EXPECT_EQ(parse(get("/api/v1/rules/versions/7")).at("files").as_array().size(), 2u);
  for (const char* number : {"6", "x", "-1", "0", "99999999999"}) {
    expect_problem(get(std::string("/api/v1/rules/versions/") + number), 404, "not_found");
  }
  expect_problem(get("/api/v1/rules/versions?limit=0"), 400, "bad_input");
}

TEST_F(Rules, BacktestRunsOnceAndSaysHowFarItHasCome) {
  EXPECT_EQ(word(parse(get("/api/v1/rules:backtest")), "state"), "none");
  const std::string_view body = R"({"files":{},"from":"2026-11-21T00:00:00Z","to":"2026-11-22T00:00:00Z"})";
  EXPECT_EQ(post("/api/v1/rules:backtest", body).status, 202);
  expect_problem(post("/api/v1/rules:backtest", body), 409, "refused");
  rule_desk.job->at = *rule_desk.job->from + std::chrono::hours{6};
  const auto running = parse(get("/api/v1/rules:backtest"));
  EXPECT_EQ(word(running, "state"), "running");
  EXPECT_EQ(running.at("progress").to_number<double>(), 0.25);
  EXPECT_EQ(word(parse(ask("DELETE", "/api/v1/rules:backtest")), "state"), "ended");
}

TEST_F(Rules, BacktestTakesASpanOfAtMostAMonth) {
  for (const char* span :
       {R"("from":"2026-11-22T00:00:00Z","to":"2026-11-21T00:00:00Z")",
        R"("from":"yesterday","to":"2026-11-21T00:00:00Z")",
        R"("from":"2026-10-01T00:00:00Z","to":"2026-11-21T00:00:00Z")", R"("to":"2026-11-21T00:00:00Z")"}) {
    expect_problem(post("/api/v1/rules:backtest", R"({"files":{},)" + std::string(span) + "}"), 400, "bad_input");
  }
}

TEST_F(Rules, BacktestShowsWhatDiffersFirst) {
  rule_desk.job = fakes::finished_backtest();
  const auto done = parse(get("/api/v1/rules:backtest"));
  EXPECT_EQ(done.at("progress").to_number<double>(), 1);
  EXPECT_EQ(word(done.at("covers"), "from"), "2026-11-22T03:00:00.000Z");
  const auto& episodes = done.at("episodes").as_array();
  ASSERT_EQ(episodes.size(), 2u);
  EXPECT_EQ(episodes[0], json::parse(R"({"outcome":"earlier","rule":"port_hot","subject":"cab-1/3","device":"cab-1",
    "class":"pre_alarm","verdict":"cooking","lead_s":12.5,
    "today":{"raised_at":"2026-11-22T03:00:12.500Z","cleared_at":null,"raises":1},
    "candidate":{"raised_at":"2026-11-22T03:00:00.000Z","cleared_at":null,"raises":1}})"));
  EXPECT_EQ(word(episodes[1], "outcome"), "caught");
  EXPECT_EQ(done.at("summary").at("earlier").as_int64(), 1);
  EXPECT_EQ(done.at("more").as_int64(), 0);
}

TEST_F(Rules, EpisodesOfAnAnswerAreBoundedAndTheRestIsCounted) {
  rule_desk.job = fakes::finished_backtest();
  const std::vector<replay::Comparison> many(1200, rule_desk.job->comparisons->front());
  rule_desk.job->comparisons = std::make_shared<const std::vector<replay::Comparison>>(many);
  const auto done = parse(get("/api/v1/rules:backtest"));
  EXPECT_EQ(done.at("episodes").as_array().size(), 1000u);
  EXPECT_EQ(done.at("more").as_int64(), 200);
}

TEST_F(Rules, ShadowBeginsCountsByRuleAndEnds) {
  EXPECT_EQ(get("/api/v1/rules/shadow").body, R"({"running":false})");
  expect_problem(ask("DELETE", "/api/v1/rules/shadow"), 404, "not_found");
  const auto begun =
      post("/api/v1/rules/shadow", R"({"files":{"a.yaml":"rules: []","b.yaml":null},"note":"on trial"})");
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_EQ(parse(begun).at("files"), json::parse(R"({"a.yaml":"rules: []","b.yaml":null})"));
  expect_problem(post("/api/v1/rules/shadow", R"({"files":{}})"), 409, "refused");
  rule_desk.beside->comparisons = *fakes::finished_backtest().comparisons;
  const auto shadow = parse(get("/api/v1/rules/shadow"));
  EXPECT_EQ(
      shadow.at("rules"),
      json::parse(R"([{"rule":"port_hot","today":1,"candidate":1},{"rule":"smoke_alarm","today":1,"candidate":1}])"));
  EXPECT_EQ(word(shadow, "author"), "user:wangfang");
  EXPECT_EQ(ask("DELETE", "/api/v1/rules/shadow").status, 204);
}

}  // namespace
}  // namespace firegate::api
