// Hostile words in every field that people write: each comes back as it was given, as text inside JSON, or is refused
// with a problem. Never a failure of ours, never a byte that is not JSON.
#include <fmt/format.h>

#include "api/export_cell.h"
#include "core/utf8.h"
#include "support/test_name.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

// As they stand between the quotes of a JSON text: some hold escapes, some are no JSON at all.
std::vector<std::string> payloads() {
  std::vector<std::string> all{"<script>alert(1)</script>",
                               "<img src=x onerror=alert(1)>",
                               "<svg/onload=alert(1)>",
                               "<b>bold</b>",
                               "</script><script>x</script>",
                               "<iframe src=//evil.example>",
                               "<a href=javascript:alert(1)>x</a>",
                               "<!--",
                               "-->",
                               "]]>",
                               "&lt;script&gt;",
                               "&#60;script&#62;",
                               "'",
                               "''",
                               "\\\"",
                               "\\\"><script>x</script>",
                               "'; DROP TABLE users; --",
                               "' OR 1=1 --",
                               "\\\\",
                               "\\\\\\\"",
                               "${7*7}",
                               "{{7*7}}",
                               "#{7*7}",
                               "%s%s%n",
                               "%00",
                               "../../etc/passwd",
                               "..\\\\..\\\\x",
                               "$(id)",
                               "`id`",
                               ";id",
                               "|id",
                               "=1+1",
                               "+1",
                               "-1",
                               "@SUM(A1)",
                               "\\t=1",
                               "\\r\\nSet-Cookie: a=b",
                               "\\n",
                               "\\u0000",
                               "a\\u0000b",
                               "\\u202Egnp.exe",
                               "\\u200F",
                               "\\u2066x\\u2069",
                               "\\uFEFF",
                               "\\u2028",
                               "\\ud800",
                               "\\u0085",
                               "  ",
                               "\xff\xfe",
                               "\xc0\xaf",
                               "\xed\xa0\x80",
                               "\xf4\x90\x80\x80",
                               "e\\u0301\\u0301\\u0301",
                               "😀👩‍👩‍👧",
                               "ﷺ",
                               "null",
                               "true",
                               "[]",
                               "{}",
                               "NaN",
                               "__proto__",
                               "constructor"};
  all.push_back(std::string(64 * 1024, 'A'));
  all.push_back(std::string(1000, '['));
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "\",\"x\":{\"a\":\"";  // breaks out of the text and nests
  all.push_back(deep);
  return all;
}

struct Field {
  std::string_view method, path, before, after;  // the body around the text
};

constexpr Field kFields[] = {
    {"POST", "/api/v1/alarms/0000000000000001/acknowledge", R"({"post":")", R"("})"},
    {"POST", "/api/v1/alarms/0000000000000001/acknowledge", R"({"post":"desk-1","why":")", R"("})"},
    {"POST", "/api/v1/alarms/0000000000000001/verdict", R"({"post":"desk-1","verdict":")", R"("})"},
    {"POST", "/api/v1/alarms/0000000000000001/shelve", R"({"post":"desk-1","until":")", R"("})"},
    {"POST", "/api/v1/alarms:silence", R"({"post":")", R"("})"},
    {"POST", "/api/v1/session", R"({"user":")", R"(","password":"x"})"},
    {"POST", "/api/v1/session", R"({"user":"x","password":")", R"("})"},
    {"POST", "/api/v1/session:confirm", R"({"pin":")", R"("})"},
    {"POST", "/api/v1/setup", R"({"code":")", R"(","user":"a","name":"b","password":"long enough it is"})"},
    {"POST", "/api/v1/invites:redeem", R"({"secret":")", R"("})"},
    {"POST", "/api/v1/password", R"({"secret":")", R"(","password":"long enough it is"})"},
    {"PUT", "/api/v1/account/pin", R"({"password":"x","pin":")", R"("})"},
    {"POST", "/api/v1/users", R"({"id":")", R"(","name":"n","grants":[{"role":"viewer","estate":"*"}]})"},
    {"POST", "/api/v1/users", R"({"id":"n","name":"n","grants":[{"role":"viewer","estate":")", R"("}]})"},
    {"POST", "/api/v1/users", R"({"id":"n","name":"n","grants":[{"role":")", R"(","estate":"*"}]})"},
    {"PATCH", "/api/v1/users/lina", R"({"name":")", R"("})"},
    {"POST", "/api/v1/tokens",
     R"({"grants":[{"role":"viewer","estate":"*"}],"ends_at":"2026-12-01T00:00:00Z","name":")", R"("})"},
    {"POST", "/api/v1/tokens", R"({"grants":[{"role":"viewer","estate":"*"}],"name":"n","ends_at":")", R"("})"},
    {"POST", "/api/v1/tokens",
     R"({"name":"n","grants":[{"role":"viewer","estate":"*"}],"ends_at":"2026-12-01T00:00:00Z","user":")", R"("})"},
    {"POST", "/api/v1/invites", R"({"kind":"phone","label":"n","grants":[{"role":"viewer","estate":"*"}],"user":")",
     R"("})"},
    {"POST", "/api/v1/rules:check", R"({"files":{"a.yaml":")", R"("}})"},
    {"POST", "/api/v1/rules:check", R"({"files":{")", R"(":"rules: []"}})"},
    {"POST", "/api/v1/rules:publish", R"({"files":{},"note":")", R"("})"},
    {"POST", "/api/v1/rules:rollback", R"({"version":7,"note":")", R"("})"},
    {"POST", "/api/v1/rules:rollback", R"({"note":"why","version":")", R"("})"},
    {"POST", "/api/v1/rules:backtest", R"({"files":{},"to":"2026-11-22T00:00:00Z","from":")", R"("})"},
    {"POST", "/api/v1/rules/shadow", R"({"files":{},"note":")", R"("})"},
    {"POST", "/api/v1/invites", R"({"kind":"wall","grants":[{"role":"viewer","estate":"*"}],"label":")", R"("})"},
};

AccountRows with_lina() {
  AccountRows rows = only_chief();
  rows.users.push_back(make_user("lina", "李娜", {{Role::duty, "sunny"}}));
  return rows;
}

class HostileRig : public Rig {
 public:
  HostileRig() : Rig(with_lina()) {
    acts.answer = [](const Act& act) -> Result<Alarm> {
      Alarm alarm = fakes::make_alarm(1);
      alarm.acknowledged_by = act.why;  // so that it comes back
      return alarm;
    };
  }
  void TestBody() override {}

  void send(const Field& field, const std::string& text) {
    const std::string body = std::string(field.before) + text + std::string(field.after);
    const Response response = ask(std::string(field.method), std::string(field.path), body, 
                                  {{"If-Match", field.path.find("/rules") != std::string_view::npos ? "\"7\"" : "\"1\""}});
    const std::string where = std::string(field.path) + " " + text.substr(0, 40);
    ASSERT_LT(response.status, 500) << where << response.body;
    expect_clean(response, where);
    for (const char* path :
         {"/api/v1/users", "/api/v1/sessions", "/api/v1/tokens", "/api/v1/snapshot", "/api/v1/session", "/api/v1/rules",
          "/api/v1/rules/shadow"}) {
      expect_clean(get(path), where);
    }
  }

 private:
  static void expect_clean(const Response& response, const std::string& where) {
    for (const Header& header : response.headers) {
      EXPECT_EQ(header.value.find_first_of("\r\n"), std::string::npos) << where << " " << header.name;
    }
    if (response.status == 204) return;
    EXPECT_TRUE(is_utf8(response.body)) << where;
    for (const char c : response.body) ASSERT_GE(static_cast<unsigned char>(c), 0x20u) << where;
    boost::system::error_code error;
    static_cast<void>(json::parse(response.body, error));
    EXPECT_FALSE(error) << where << " " << response.body.substr(0, 200);
    EXPECT_TRUE(response.content_type.find("json") != std::string::npos) << where;
  }
};

class Hostile : public testing::TestWithParam<Field> {};

TEST_P(Hostile, WordsComeBackAsTextOrAreRefused) {
  for (const std::string& text : payloads()) HostileRig().send(GetParam(), text);
}

INSTANTIATE_TEST_SUITE_P(EveryField, Hostile, testing::ValuesIn(kFields), [](const auto& field) {
  return test_name(fmt::format("{} {}", field.param.method, field.param.path), field.index);
});

TEST(HostileWords, AreMoreThanFifty) { EXPECT_GE(payloads().size(), 50u); }

class HostileNames : public HostileRig {};

TEST_F(HostileNames, ANameThatIsTakenComesBackAsItIs) {
  const std::string name = "<img src=x onerror=alert(1)>\\\"'";
  const auto response = ask("PATCH", "/api/v1/users/lina", R"({"name":")" + name + "\"}", {{"If-Match", "\"1\""}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(word(parse(response), "name"), "<img src=x onerror=alert(1)>\"'");
}

TEST_F(HostileNames, MarksThatTurnTextAroundAreRefused) {
  for (const char* mark : {"\\u202E", "\\u2066", "\\u200F", "\\u061C", "\\u2028", "\\uFEFF", "\\u0000", "\\u009F"}) {
    const auto response =
        ask("PATCH", "/api/v1/users/lina", std::string(R"({"name":"a)") + mark + "b\"}", {{"If-Match", "\"1\""}});
    expect_problem(response, 400, "bad_input");
  }
}

TEST_F(HostileNames, QueriesAndPathsAreTextAsWell) {
  for (const char* target :
       {"/api/v1/alarms?state=%3Cscript%3E", "/api/v1/devices/%3Cscript%3E%22", "/api/v1/users/%22%27%3C",
        "/api/v1/journal?alarm=%3Cb%3E", "/api/v1/devices?q=%E2%80%AE%3Cb%3E", "/api/v1/tokens/..%2F.."}) {
    const auto response = get(target);
    EXPECT_LT(response.status, 500) << target;
    EXPECT_NE(response.content_type.find("json"), std::string::npos) << target;
    EXPECT_NO_THROW(static_cast<void>(parse(response))) << target;
  }
}

// --- the table that people open in a spreadsheet (reliability, T18) ---

TEST_F(HostileNames, NoCellOfTheExportIsAFormula) {
  for (const char* trigger : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}) {
    const std::string text = std::string(trigger) + "cmd|' /C calc'!A0";
    records.journal.rows = {
        {7, {fakes::kMorning, "verdict", AlarmId{1}, text, text, text, text, text, text, text, text}, ""}};
    const auto table = get("/api/v1/journal.csv");
    ASSERT_EQ(table.status, 200);
    EXPECT_EQ(table.content_type, "text/csv; charset=utf-8");
    EXPECT_EQ(table.body.find("\"" + text), std::string::npos);
    EXPECT_NE(table.body.find("\"'" + text), std::string::npos);
  }
}

TEST(ExportCell, DoublesQuotes) {
  EXPECT_EQ(export_cell("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(export_cell("王芳"), "\"王芳\"");
  EXPECT_EQ(export_cell(""), "\"\"");
}

}  // namespace
}  // namespace firegate::api
