// Coming in and being in: sign-in, cookies, the token of the session, PIN, sleeping powers, setup, invites, and what
// happens when the store fails.
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "api/password_jobs.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using namespace std::chrono_literals;
using fakes::make_alarm;

constexpr std::string_view kAck = "/api/v1/alarms/0000000000000001/acknowledge";
constexpr std::string_view kAckBody = R"({"post":"desk-1"})";

std::string sign_in_body(std::string_view user, std::string_view password) {
  return json::serialize(json::object{{"user", user}, {"password", password}});
}

AccountRows two_people() {
  AccountRows rows = only_chief();
  rows.users.push_back(make_user("lina", "李娜", {{Role::duty, "sunny"}, {Role::manager, "sunny"}}));
  rows.sessions.push_back(make_session("lina"));
  return rows;
}

class Entry : public Rig {
 protected:
  Entry() : Rig(two_people()) {
    acts.answer = [](const Act&) -> Result<Alarm> { return make_alarm(1); };
  }
  Response sign_in(std::string_view user = "lina", std::string_view password = kPassword) {
    secret.clear();
    return post("/api/v1/session", sign_in_body(user, password));
  }
  void be(std::string_view user) { secret = secret_of(user); }
  Response change(std::string_view method, std::string_view path, std::string_view body, std::string tag = "\"1\"") {
    return ask(std::string(method), std::string(path), std::string(body), {{"If-Match", std::move(tag)}});
  }
};

// --- signing in and out ---

TEST_F(Entry, NobodyIsSignedInAtFirst) {
  secret.clear();
  const auto session = parse(get("/api/v1/session"));
  EXPECT_FALSE(session.at("signed_in").as_bool());
  EXPECT_FALSE(session.at("setup_needed").as_bool());
  EXPECT_EQ(word(session, "version"), "0.1.0");
  EXPECT_FALSE(session.as_object().contains("csrf"));
  const auto refused = get("/api/v1/alarms");
  expect_problem(refused, 401, "unauthenticated");
  EXPECT_EQ(find_header(refused.headers, "WWW-Authenticate"), "Bearer");
}

TEST_F(Entry, SignInOpensASessionWithItsCookie) {
  const auto response = sign_in();
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string header(find_header(response.headers, "Set-Cookie"));
  EXPECT_TRUE(header.starts_with("__Host-firegate="));
  for (const char* attribute : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=86400"}) {
    EXPECT_NE(header.find(attribute), std::string::npos) << attribute;
  }
  EXPECT_EQ(header.find("Domain"), std::string::npos);
  const auto session = parse(response);
  EXPECT_EQ(word(session.at("user"), "name"), "李娜");
  EXPECT_EQ(word(session, "kind"), "person");
  EXPECT_EQ(session.at("permissions").at("look").as_array().size(), 2u);
  EXPECT_FALSE(session.at("permissions").as_object().contains("administer"));
  secret = cookie_of(response);
  EXPECT_EQ(secret.size(), accounts::kSecretLength);
  EXPECT_EQ(get("/api/v1/alarms").status, 200);
}

TEST_F(Entry, WhateverIsWrongTheAnswerIsOne) {
  const auto wrong = sign_in("lina", "not the password");
  const auto unknown = sign_in("nobody", kPassword);
  expect_problem(wrong, 401, "unauthenticated");
  EXPECT_EQ(word(parse(wrong), "detail"), word(parse(unknown), "detail"));
  EXPECT_TRUE(cookie_of(wrong).empty());
}

TEST_F(Entry, GuessingIsSlowedDownAndAFreshWordDoesNotHelp) {
  int evaluated = 0, refused = 0;
  for (int i = 0; i < 200; ++i) {
    clock.advance(300ms);  // 200 tries in 60 s
    const auto response = sign_in("lina", "guess " + std::to_string(i));
    if (response.status == 401) ++evaluated;
    if (response.status != 429) continue;
    ++refused;
    EXPECT_EQ(word(parse(response), "code"), "too_many_attempts");
    EXPECT_FALSE(find_header(response.headers, "Retry-After").empty());
  }
  EXPECT_LE(evaluated, 10) << "reliability, T11";
  EXPECT_GT(refused, 180);
  be("lina");
  EXPECT_EQ(get("/api/v1/alarms").status, 200) << "whoever is in stays in";
}

TEST_F(Entry, PasswordsWaitInABoundedQueue) {
  passwords_full = true;
  const auto response = sign_in();
  expect_problem(response, 503, "overloaded");
  EXPECT_FALSE(find_header(response.headers, "Retry-After").empty());
}

TEST_F(Entry, SignOutEndsTheSessionAndClearsTheCookie) {
  be("lina");
  const auto response = ask("DELETE", "/api/v1/session");
  EXPECT_EQ(response.status, 204);
  EXPECT_NE(find_header(response.headers, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
}

TEST_F(Entry, SigningInAgainLeavesTheOldSession) {
  be("lina");
  const std::string before = secret;
  const auto response = post("/api/v1/session", sign_in_body("lina", kPassword));
  ASSERT_EQ(response.status, 200);
  EXPECT_NE(cookie_of(response), before);
  secret = before;
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
}

TEST_F(Entry, AnEndedSessionIsNobody) {
  be("lina");
  clock.advance(25h);
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
}

TEST_F(Entry, ACookieThatNobodyGaveIsNobody) {
  for (const std::string& forged : {std::string("x"), std::string(43, 'a'), accounts::hash_of(secret_of("lina"))}) {
    secret = forged;
    expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
  }
}

TEST_F(Entry, ANewPasswordEndsTheOtherSessions) {
  const std::string other = cookie_of(sign_in());
  be("lina");
  EXPECT_EQ(
      ask("PUT", "/api/v1/account/password", R"({"old":"correct horse battery","new":"staple on the door"})").status,
      204);
  EXPECT_EQ(get("/api/v1/alarms").status, 200);
  secret = other;
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
  EXPECT_EQ(sign_in("lina", kPassword).status, 401);
  EXPECT_EQ(sign_in("lina", "staple on the door").status, 200);
}

TEST_F(Entry, AWrongOldPasswordChangesNothing) {
  be("lina");
  expect_problem(ask("PUT", "/api/v1/account/password", R"({"old":"wrong","new":"staple on the door"})"), 401,
                 "unauthenticated");
  EXPECT_EQ(sign_in("lina", kPassword).status, 200);
}

TEST_F(Entry, ABadNewPasswordIsBadInput) {
  be("lina");
  expect_problem(ask("PUT", "/api/v1/account/password", R"({"old":"correct horse battery","new":"short"})"), 400,
                 "bad_input");
  expect_problem(ask("PUT", "/api/v1/account/pin", R"({"password":"correct horse battery","pin":"123456"})"), 400,
                 "bad_input");
}

TEST_F(Entry, EndsOneOfOnesOwnSessionsOnly) {
  const std::string other = cookie_of(sign_in());
  be("lina");
  EXPECT_EQ(parse(get("/api/v1/account/sessions")).at("sessions").as_array().size(), 2u);
  expect_problem(ask("DELETE", "/api/v1/account/sessions/" + accounts::hash_of(secret_of("wangfang"))), 404,
                 "not_found");
  EXPECT_EQ(ask("DELETE", "/api/v1/account/sessions/" + accounts::hash_of(other)).status, 204);
  secret = other;
  EXPECT_EQ(get("/api/v1/alarms").status, 401);
}

// --- what another site could make a browser send ---

TEST_F(Entry, ACookieAloneChangesNothing) {
  be("lina");
  for (const Route& route : service.router().routes()) {
    const bool asks_a_person = route.access.kind() != Access::Kind::open && route.access.kind() != Access::Kind::pushed;
    if (route.method == "GET" || !asks_a_person) continue;
    std::string path(route.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "0000000000000001");
    for (const char* token : {"x", "0000000000000000000000000000000000000000000"}) {
      const auto response = ask(std::string(route.method), path, "{}", {{std::string(kCsrfHeader), token}});
      expect_problem(response, 403, "forbidden");
      EXPECT_NE(word(parse(response), "detail").find(kCsrfHeader), std::string::npos) << path;
    }
  }
  EXPECT_TRUE(acts.asked().empty());
  EXPECT_TRUE(store.stored.empty());
  EXPECT_GT(metrics.requests_refused.values().at("wrong_token"), 0u);
}

TEST_F(Entry, APageOfAnotherSiteSendsNothing) {
  be("lina");
  for (const Route& route : service.router().routes()) {
    if (route.method == "GET") continue;
    std::string path(route.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "0000000000000001");
    for (const char* origin :
         {"https://evil.example", "null", "http://127.0.0.1:9", "http://127.0.0.1:8080.evil.example"}) {
      expect_problem(ask(std::string(route.method), path, "{}", {{"Origin", origin}}), 403, "forbidden");
    }
  }
  EXPECT_GT(metrics.requests_refused.values().at("stranger"), 0u);
}

TEST_F(Entry, AFormIsNoJson) {
  be("lina");
  expect_problem(ask("POST", std::string(kAck), "post=desk-1", {{"Content-Type", "application/x-www-form-urlencoded"}}),
                 415, "unsupported_media_type");
}

TEST_F(Entry, TheCookieIsFoundAmongOthersAndByItsWholeName) {
  const std::string cookie = "__Host-firegate=" + secret_of("lina");
  secret.clear();
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Cookie", "a=b; " + cookie + "; c=d"}}).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Cookie", "x" + cookie}}).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Cookie", "__Host-firegatex=" + secret_of("lina")}}).status, 401);
}

// --- tokens and the machine itself ---

TEST_F(Entry, ABearerTokenNeedsNeitherCookieNorCsrf) {
  be("wangfang");
  const auto made = post("/api/v1/tokens", R"({"name":"report","grants":[{"role":"duty","estate":"sunny"}],
                                               "ends_at":"2026-12-01T00:00:00Z"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string token = word(parse(made), "secret");
  secret.clear();
  const Headers bearer{{"Authorization", "Bearer " + token}};
  EXPECT_EQ(ask("POST", std::string(kAck), std::string(kAckBody), bearer).status, 200);
  EXPECT_TRUE(acts.asked().back().who.starts_with("token:"));
  expect_problem(ask("POST", "/api/v1/users", "{}", bearer), 403, "forbidden");
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Authorization", "Bearer " + token + "x"}}).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/alarms?token=" + token).status, 401) << "never in an address";
  clock.advance(24h * 30);
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, bearer).status, 401);
}

TEST_F(Entry, ADroppedTokenIsNobody) {
  be("wangfang");
  const auto made = parse(post("/api/v1/tokens", R"({"name":"report","grants":[{"role":"duty","estate":"*"}],
                                                     "ends_at":"2026-12-01T00:00:00Z"})"));
  EXPECT_EQ(ask("DELETE", "/api/v1/tokens/" + word(made.at("token"), "id")).status, 204);
  secret.clear();
  EXPECT_EQ(ask("GET", "/api/v1/alarms", {}, {{"Authorization", "Bearer " + word(made, "secret")}}).status, 401);
}

TEST_F(Entry, ATokenCannotGiveAPin) {
  be("wangfang");
  const auto made = parse(post("/api/v1/tokens", R"({"name":"t","grants":[{"role":"admin","estate":"*"}],
                                                     "ends_at":"2026-12-01T00:00:00Z"})"));
  secret.clear();
  const Headers bearer{{"Authorization", "Bearer " + word(made, "secret")}};
  EXPECT_EQ(ask("GET", "/api/v1/users", {}, bearer).status, 200);
  expect_problem(ask("DELETE", "/api/v1/users/lina", {}, bearer), 403, "pin_required");
}

TEST_F(Entry, TheUnixSocketIsThisMachineForItsOwnUserAndRoot) {
  secret.clear();
  const auto as = [this](unsigned uid, std::string method, std::string path) {
    Request request = make_request(std::move(method), std::move(path), "{}");
    request.local_uid = uid;
    return answer_to(std::move(request));
  };
  EXPECT_EQ(as(0, "GET", "/api/v1/users").status, 200);
  EXPECT_EQ(as(0, "POST", "/api/v1/users/lina:invite").status, 200);
  expect_problem(as(::geteuid() + 1, "GET", "/api/v1/session"), 403, "forbidden");
}

TEST_F(Entry, MetricsAreForThisMachine) {
  secret.clear();
  expect_problem(get("/metrics"), 401, "unauthenticated");
  address = "127.0.0.1";
  EXPECT_EQ(get("/metrics").status, 200);
  expect_problem(ask("GET", "/metrics", {}, {{"X-Forwarded-For", "8.8.8.8"}}), 401, "unauthenticated");
  address = "192.168.1.7";
  be("wangfang");
  EXPECT_EQ(get("/metrics").status, 200);
  be("lina");
  expect_problem(get("/metrics"), 403, "forbidden");
}

// --- PIN and sleeping powers ---

TEST_F(Entry, DangerousRoutesAskForThePinOfAMomentAgo) {
  be("wangfang");
  EXPECT_EQ(post("/api/v1/users/lina:invite", "{}").status, 200);
  clock.advance(3min);
  expect_problem(post("/api/v1/users/lina:invite", "{}"), 403, "pin_required");
  const auto confirmed = post("/api/v1/session:confirm", R"({"pin":"493817"})");
  EXPECT_EQ(confirmed.status, 200) << confirmed.body;
  EXPECT_EQ(word(parse(confirmed), "confirmed_until"), to_text(clock.now() + 2min));
  EXPECT_EQ(post("/api/v1/users/lina:invite", "{}").status, 200);
}

TEST_F(Entry, TheFifthWrongPinEndsTheSession) {
  be("wangfang");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(get("/api/v1/alarms").status, 200) << i;
    clock.advance(40s);
    expect_problem(post("/api/v1/session:confirm", R"({"pin":"274951"})"), 401, "unauthenticated");
  }
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
}

TEST_F(Entry, ManagerAndAdminSleepAndTheDutyViewStays) {
  be("lina");
  EXPECT_EQ(get("/api/v1/unmapped").status, 200);
  clock.advance(16min);
  expect_problem(get("/api/v1/unmapped"), 403, "password_required");
  EXPECT_TRUE(parse(get("/api/v1/session")).at("powers_asleep").as_bool());
  EXPECT_EQ(get("/api/v1/alarms").status, 200);
  EXPECT_EQ(post(std::string(kAck), kAckBody).status, 200);
  expect_problem(get("/api/v1/users"), 403, "forbidden");  // what she never may is not a matter of the password
  const auto woken = post("/api/v1/session:confirm", R"({"password":"correct horse battery"})");
  EXPECT_FALSE(parse(woken).at("powers_asleep").as_bool()) << woken.body;
  EXPECT_EQ(get("/api/v1/unmapped").status, 200);
}

TEST_F(Entry, WhatThePageAsksByItselfKeepsNothingAwake) {
  be("lina");
  for (int i = 0; i < 16; ++i) {
    clock.advance(1min);
    ask("GET", "/api/v1/alarms", {}, {{std::string(kBackgroundHeader), "1"}});
  }
  expect_problem(get("/api/v1/unmapped"), 403, "password_required");
}

TEST_F(Entry, AFeedThatIsOpenedAgainAndAgainKeepsNothingAwake) {
  be("lina");
  for (int i = 0; i < 16; ++i) {
    clock.advance(1min);
    const std::string ticket = door.accounts.ticket(accounts::hash_of(secret), clock.steady_now());
    EXPECT_TRUE(service.admit_upgrade(
        make_request("GET", "/api/v1/live?ticket=" + ticket, {}, {{"Sec-WebSocket-Protocol", "firegate.v1"}})));
  }
  expect_problem(get("/api/v1/unmapped"), 403, "password_required");
}

TEST_F(Entry, WhatAPersonDoesKeepsThemAwake) {
  be("lina");
  for (int i = 0; i < 16; ++i) {
    clock.advance(1min);
    get("/api/v1/alarms");
  }
  EXPECT_EQ(get("/api/v1/unmapped").status, 200);
}

// --- the live feed ---

TEST_F(Entry, ALiveFeedNeedsATicketThatWorksOnce) {
  be("lina");
  const auto open = [this](const std::string& query, Headers headers = {}) {
    headers.push_back({"Sec-WebSocket-Protocol", "firegate.v1"});
    const auto watcher = service.admit_upgrade(make_request("GET", "/api/v1/live" + query, {}, std::move(headers)));
    return watcher ? 0 : watcher.error().status;
  };
  EXPECT_EQ(open(""), 403);
  EXPECT_EQ(open("?ticket=x"), 403);
  const std::string ticket = word(parse(post("/api/v1/session:ticket", "{}")), "ticket");
  be("wangfang");
  EXPECT_EQ(open("?ticket=" + ticket), 403) << "of another session";
  be("lina");
  EXPECT_EQ(open("?ticket=" + ticket), 403) << "gone";
  const std::string second = word(parse(post("/api/v1/session:ticket", "{}")), "ticket");
  EXPECT_EQ(open("?ticket=" + second), 0);
  EXPECT_EQ(open("?ticket=" + second), 403);
  const std::string third = word(parse(post("/api/v1/session:ticket", "{}")), "ticket");
  clock.advance(31s);
  EXPECT_EQ(open("?ticket=" + third), 403);
  secret.clear();
  EXPECT_EQ(open(""), 401);
}

class Screen final : public LiveSocket {
 public:
  Screen(LiveFeed& feed, Watcher watcher, Moment now)
      : feed_(feed), now_(now), id_(feed.join(*this, std::move(watcher), now)) {
    wake();
  }
  ~Screen() override { feed_.leave(id_); }
  void wake() override {
    while (!closed_) {
      const auto frame = feed_.take(id_, now_);
      if (!frame) return;
      last_ = *frame->text;
      closed_ = frame->close_after;
    }
  }
  void abort() override {}
  std::string bye() const {
    const auto frame = json::parse(last_).as_object();
    return frame.at("t").as_string() == "bye" ? std::string(frame.at("reason").as_string()) : std::string();
  }

 private:
  LiveFeed& feed_;
  Moment now_;
  std::string last_;
  bool closed_ = false;
  ClientId id_;
};

TEST_F(Entry, ALiveFeedEndsWithItsSessionAtOnce) {
  be("lina");
  auto principal = door.accounts.of_session(secret, {address, ""}, true, clock.now(), clock.steady_now());
  Screen screen(feed, door.watcher(*principal), context.now()), other(feed, door.watcher(*principal), context.now());
  EXPECT_EQ(screen.bye(), "");
  be("wangfang");
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/" + accounts::hash_of(secret_of("lina"))).status, 204);
  EXPECT_EQ(screen.bye(), "session_ended");
  EXPECT_EQ(other.bye(), "session_ended");
}

TEST_F(Entry, ALiveFeedEndsWhenGrantsChange) {
  be("lina");
  auto principal = door.accounts.of_session(secret, {address, ""}, true, clock.now(), clock.steady_now());
  Screen screen(feed, door.watcher(*principal), context.now());
  be("wangfang");
  ASSERT_EQ(change("PATCH", "/api/v1/users/lina", R"({"grants":[{"role":"viewer","estate":"sunny"}]})").status, 200);
  EXPECT_NE(screen.bye(), "");
}

TEST_F(Entry, ALiveFeedDoesNotEndBecausePowersSleepAndSaysSoWhenTheyWake) {
  be("lina");
  auto principal = door.accounts.of_session(secret, {address, ""}, true, clock.now(), clock.steady_now());
  Screen screen(feed, door.watcher(*principal), context.now());
  clock.advance(20min);
  door.tick();
  EXPECT_EQ(screen.bye(), "");
  post("/api/v1/session:confirm", R"({"password":"correct horse battery"})");
  EXPECT_EQ(screen.bye(), "powers_changed");
}

TEST_F(Entry, ATickEndsWhatIsOver) {
  be("lina");
  auto principal = door.accounts.of_session(secret, {address, ""}, true, clock.now(), clock.steady_now());
  Screen screen(feed, door.watcher(*principal), context.now());
  clock.advance(25h);
  door.tick();
  EXPECT_EQ(screen.bye(), "session_ended");
  EXPECT_FALSE(store.stored.empty());
}

// --- users: seen before they are changed, one change at a time ---

TEST_F(Entry, AChangeNamesTheRevisionThatWasRead) {
  be("wangfang");
  const auto shown = get("/api/v1/users/lina");
  EXPECT_EQ(find_header(shown.headers, "ETag"), "\"1\"");
  expect_problem(ask("PATCH", "/api/v1/users/lina", R"({"name":"Li"})"), 428, "precondition_required");
  expect_problem(change("PATCH", "/api/v1/users/lina", R"({"name":"Li"})", "\"7\""), 412, "precondition_failed");
  expect_problem(change("PATCH", "/api/v1/users/lina", R"({"name":"Li"})", "x"), 412, "precondition_failed");
  const auto changed = change("PATCH", "/api/v1/users/lina", R"({"name":"Li"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(find_header(changed.headers, "ETag"), "\"2\"");
  expect_problem(change("DELETE", "/api/v1/users/lina", ""), 412, "precondition_failed");
  EXPECT_EQ(change("DELETE", "/api/v1/users/lina", "", "\"2\"").status, 204);
  expect_problem(get("/api/v1/users/lina"), 404, "not_found");
}

TEST_F(Entry, TwoChangesOfOneRevisionAreNotBothMade) {
  be("wangfang");
  store.held = true;
  std::vector<int> statuses;
  const auto send = [this, &statuses](std::string body) {
    service.handle(make_request("PATCH", "/api/v1/users/lina", std::move(body), {{"If-Match", "\"1\""}}),
                   [&statuses](const Response& response) { statuses.push_back(response.status); });
  };
  send(R"({"name":"A"})");
  send(R"({"name":"B"})");
  EXPECT_EQ(store.waiting(), 1u) << "the second waits for the first";
  store.release();
  EXPECT_EQ(statuses, (std::vector<int>{200, 412}));
  EXPECT_EQ(door.accounts.users().at("lina").name, "A");
}

TEST_F(Entry, TheLastAdministratorStaysEvenWhenTwoLeaveAtOnce) {
  be("wangfang");
  ASSERT_EQ(change("PATCH", "/api/v1/users/lina", R"({"grants":[{"role":"admin","estate":"*"}]})").status, 200);
  store.held = true;
  std::vector<int> statuses;
  const auto drop = [this, &statuses](std::string user, std::string tag) {
    service.handle(make_request("DELETE", "/api/v1/users/" + user, {}, {{"If-Match", std::move(tag)}}),
                   [&statuses](const Response& response) { statuses.push_back(response.status); });
  };
  drop("lina", "\"2\"");
  drop("wangfang", "\"1\"");
  store.release();
  EXPECT_EQ(statuses, (std::vector<int>{204, 409}));
  EXPECT_TRUE(door.accounts.users().contains("wangfang"));
}

TEST_F(Entry, ANewUserGetsAnInviteAndChoosesAPassword) {
  be("wangfang");
  const auto made =
      post("/api/v1/users", R"({"id":"zhao","name":"赵强","grants":[{"role":"operator","estate":"sunny"}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto user = parse(made);
  EXPECT_FALSE(user.at("has_password").as_bool());
  const std::string invite = word(user.at("invite"), "secret");
  EXPECT_EQ(word(user.at("invite"), "url_path"), "/password#" + invite);
  EXPECT_EQ(sign_in("zhao", "").status, 400);
  secret.clear();
  const std::string body = R"({"secret":")" + invite + R"(","password":"a door of oak"})";
  EXPECT_EQ(post("/api/v1/password", body).status, 204);
  EXPECT_EQ(sign_in("zhao", "a door of oak").status, 200);
  secret.clear();
  expect_problem(post("/api/v1/password", body), 401, "unauthenticated");
}

TEST_F(Entry, APhoneComesInByItsInviteOnceAndWithWhatItWasGiven) {
  be("wangfang");
  const auto made =
      post("/api/v1/invites", R"({"kind":"phone","label":"Meizu","grants":[{"role":"installer","estate":"sunny"}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string invite = word(parse(made), "secret");
  EXPECT_EQ(word(parse(made), "url_path"), "/join#" + invite);
  secret.clear();
  const auto entered = post("/api/v1/invites:redeem", R"({"secret":")" + invite + "\"}");
  ASSERT_EQ(entered.status, 200) << entered.body;
  EXPECT_EQ(word(parse(entered), "kind"), "phone");
  EXPECT_FALSE(parse(entered).at("permissions").as_object().contains("administer"));
  secret = cookie_of(entered);
  EXPECT_EQ(get("/api/v1/unmapped").status, 200);
  expect_problem(get("/api/v1/users"), 403, "forbidden");
  secret.clear();
  expect_problem(post("/api/v1/invites:redeem", R"({"secret":")" + invite + "\"}"), 401, "unauthenticated");
}

TEST_F(Entry, TheSessionSaysWhenItWasOpened) {
  be("wangfang");
  EXPECT_EQ(word(parse(get("/api/v1/session")), "created_at"), "2026-11-22T03:00:00.000Z");
}

TEST_F(Entry, ATokenForSomebodyElseIsMadeOnTheMachineAlone) {
  constexpr std::string_view kBody = R"({"user":"lina","name":"t","grants":[{"role":"duty","estate":"sunny"}],
                                         "ends_at":"2026-12-01T00:00:00Z"})";
  be("wangfang");
  expect_problem(post("/api/v1/tokens", kBody), 409, "refused");
  Request request = make_request("POST", "/api/v1/tokens", std::string(kBody));
  request.local_uid = ::geteuid();
  request.address = "local";
  const auto made = answer_to(request);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(word(parse(made).at("token"), "user"), "lina");
  secret.clear();
  const auto asked = ask("GET", "/api/v1/alarms", {}, {{"Authorization", "Bearer " + word(parse(made), "secret")}});
  EXPECT_EQ(asked.status, 200);
}

TEST_F(Entry, AWallLooksAndSilencesFromItsOwnPlace) {
  be("wangfang");
  const auto made =
      post("/api/v1/invites", R"({"kind":"wall","label":"hall","grants":[{"role":"duty","estate":"sunny"}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  secret.clear();
  const auto entered = post("/api/v1/invites:redeem", R"({"secret":")" + word(parse(made), "secret") + "\"}");
  ASSERT_EQ(entered.status, 200) << entered.body;
  EXPECT_TRUE(parse(entered).at("ends_at").is_null());
  secret = cookie_of(entered);
  EXPECT_EQ(get("/api/v1/alarms").status, 200);
  EXPECT_EQ(post("/api/v1/alarms:silence", R"({"post":"desk-1"})").status, 200);
  expect_problem(post(std::string(kAck), kAckBody), 403, "forbidden");
  address = "192.168.1.8";
  expect_problem(get("/api/v1/alarms"), 401, "unauthenticated");
}

// --- letting others in ---

// A manager, and whom he may and may not let in.
class Inviting : public Rig {
 protected:
  Inviting() : Rig(people()) { secret = secret_of("manager"); }
  static AccountRows people() {
    AccountRows rows = only_chief();
    rows.users.push_back(make_user("manager", "经理", {{Role::manager, "sunny"}, {Role::duty, "sunny"}}));
    rows.sessions.push_back(make_session("manager"));
    rows.users.push_back(make_user("fitter", "安装工", {{Role::installer, "sunny"}}));
    rows.users.push_back(make_user("roamer", "安装工", {{Role::installer, "*"}}));
    rows.users.push_back(make_user("far", "安装工", {{Role::installer, "moon"}}));
    rows.users.push_back(make_user("guard", "保安", {{Role::duty, "sunny"}}));
    rows.users.push_back(make_user("gone", "安装工", {{Role::installer, "sunny"}}));
    rows.users.back().disabled = true;
    return rows;
  }
  Response invite(std::string_view user, std::string_view role, std::string_view estate) {
    const json::object grant{{"role", role}, {"estate", estate}};
    return post("/api/v1/invites",
                json::serialize(json::object{
                    {"kind", "phone"}, {"label", "Meizu"}, {"user", user}, {"grants", json::array{grant}}}));
  }
};

TEST_F(Inviting, AManagerLetsAnInstallerOfHisEstateInByQr) {
  const auto made = invite("fitter", "installer", "sunny");
  ASSERT_EQ(made.status, 201) << made.body;
  expect_problem(invite("fitter", "duty", "sunny"), 409, "refused");
  expect_problem(invite("fitter", "installer", "moon"), 403, "forbidden");
  EXPECT_EQ(invite("roamer", "installer", "sunny").status, 201);
  EXPECT_EQ(invite("", "duty", "sunny").status, 201) << "himself, with what he has";
  secret.clear();
  const auto entered = post("/api/v1/invites:redeem", R"({"secret":")" + word(parse(made), "secret") + "\"}");
  ASSERT_EQ(entered.status, 200) << entered.body;
  EXPECT_EQ(word(parse(entered).at("user"), "id"), "fitter");
  EXPECT_EQ(word(parse(entered), "kind"), "phone");
  const auto lines = store.journal();
  const auto used = std::ranges::find(lines, "invite_use", &JournalEntry::kind);
  ASSERT_NE(used, lines.end());
  EXPECT_EQ(used->why, "invited by user:manager");
}

TEST_F(Inviting, WhomAManagerMayNotLetInIsNobodyToHim) {
  std::set<std::string> answers;
  for (const char* user : {"guard", "far", "gone", "nobody"}) {
    const auto response = invite(user, "installer", "sunny");
    expect_problem(response, 404, "not_found");
    std::string detail = word(parse(response), "detail");
    answers.insert(detail.replace(detail.find(user), std::string(user).size(), "*"));
  }
  EXPECT_EQ(answers.size(), 1u) << "the same words for those that there are and those that there are not";
}

// --- when the store fails ---

TEST_F(Entry, WhatCannotBeStoredHasNotHappened) {
  store.broken = true;
  expect_problem(sign_in(), 503, "io_failed");
  be("wangfang");
  expect_problem(change("PATCH", "/api/v1/users/lina", R"({"name":"Li"})"), 503, "io_failed");
  EXPECT_EQ(door.accounts.users().at("lina").name, "李娜");
  expect_problem(post("/api/v1/users", R"({"id":"zhao","name":"z","grants":[{"role":"viewer","estate":"*"}]})"), 503,
                 "io_failed");
  EXPECT_FALSE(door.accounts.users().contains("zhao"));
  store.broken = false;
  EXPECT_EQ(change("PATCH", "/api/v1/users/lina", R"({"name":"Li"})").status, 200) << "and may be tried again";
}

TEST_F(Entry, SilenceComesWhateverTheStoreDoes) {
  be("lina");
  store.broken = true;
  EXPECT_EQ(post("/api/v1/alarms:silence", R"({"post":"desk-1"})").status, 200);
}

// --- how often ---

TEST_F(Entry, RequestsOfOnePersonAreLimited) {
  be("lina");
  int done = 0;
  Response last;
  for (int i = 0; i < 250; ++i) {
    last = get("/api/v1/classes");
    done += last.status == 200;
  }
  EXPECT_EQ(done, 200);
  expect_problem(last, 429, "too_many_requests");
  EXPECT_EQ(find_header(last.headers, "Retry-After"), "1");
  be("wangfang");
  EXPECT_EQ(get("/api/v1/classes").status, 200) << "others are not concerned";
  be("lina");
  clock.advance(1s);
  EXPECT_EQ(get("/api/v1/classes").status, 200);
}

TEST_F(Entry, StrangersAreLimitedByAddressAndDoNotHinderWhoIsIn) {
  secret.clear();
  int done = 0;
  for (int i = 0; i < 100; ++i) done += get("/api/v1/session").status == 200;
  EXPECT_EQ(done, 50);
  address = "192.168.1.9";
  EXPECT_EQ(get("/api/v1/session").status, 200);
  address = "192.168.1.7";
  be("lina");
  EXPECT_EQ(get("/api/v1/alarms").status, 200);
}

// --- once ---

TEST_F(Entry, AKeyGivesTheFirstAnswerAgain) {
  be("lina");
  const auto send = [this](std::string body) {
    return ask("POST", std::string(kAck), std::move(body), {{"Idempotency-Key", "k-1"}});
  };
  EXPECT_EQ(send(std::string(kAckBody)).status, 200);
  const auto again = send(std::string(kAckBody));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(acts.asked().size(), 1u);
  expect_problem(send(R"({"post":"desk-2"})"), 422, "idempotency_conflict");
  be("wangfang");
  EXPECT_EQ(send(std::string(kAckBody)).status, 200) << "the key is each person's own";
  EXPECT_EQ(acts.asked().size(), 2u);
  be("lina");
  clock.advance(23h);
  EXPECT_EQ(send(std::string(kAckBody)).status, 401) << "the session comes first";
}

TEST_F(Entry, AFailureOfOursMayBeTriedAgainUnderItsKey) {
  be("lina");
  const Headers key{{"Idempotency-Key", "k-1"}};
  acts.answer = [](const Act&) -> Result<Alarm> { return fail(ErrorCode::io_failed, "disk full"); };
  EXPECT_EQ(ask("POST", std::string(kAck), std::string(kAckBody), key).status, 503);
  acts.answer = [](const Act&) -> Result<Alarm> { return make_alarm(1); };
  EXPECT_EQ(ask("POST", std::string(kAck), std::string(kAckBody), key).status, 200);
  expect_problem(ask("POST", std::string(kAck), std::string(kAckBody), {{"Idempotency-Key", std::string(65, 'k')}}),
                 400, "bad_input");
}

// --- the first start ---

class FirstStart : public Rig {
 protected:
  FirstStart() : Rig({}) { secret.clear(); }
  std::string body(std::string_view code, std::string_view password = kPassword) {
    return json::serialize(
        json::object{{"code", code}, {"user", "wangfang"}, {"name", "王芳"}, {"password", password}});
  }
};

TEST_F(FirstStart, TheCodeMakesTheFirstUserWhoIsThenSignedIn) {
  EXPECT_TRUE(parse(get("/api/v1/session")).at("setup_needed").as_bool());
  expect_problem(post("/api/v1/session", sign_in_body("admin", "admin")), 409, "setup_needed");
  const std::string code = *door.accounts.setup_code();
  const auto made = post("/api/v1/setup", body(code));
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(parse(made).at("permissions").as_object().size(), label_count<Permission>());
  secret = cookie_of(made);
  EXPECT_EQ(get("/api/v1/users").status, 200);
  secret.clear();
  expect_problem(post("/api/v1/setup", body(code)), 409, "refused");
}

TEST_F(FirstStart, AWrongCodeAndABadPasswordMakeNobody) {
  expect_problem(post("/api/v1/setup", body("7K3M-09TX-VWAB-HD41")), 401, "unauthenticated");
  expect_problem(post("/api/v1/setup", body(*door.accounts.setup_code(), "short")), 400, "bad_input");
  EXPECT_TRUE(door.accounts.users().empty());
}

TEST_F(FirstStart, NoDefaultPasswordOpens) {
  for (const char* word : {"admin", "password", "123456", "firegate", "root", ""}) {
    const auto response = post("/api/v1/session", sign_in_body("admin", word));
    EXPECT_GE(response.status, 400);
  }
}

// --- the parts ---

TEST(RateLimit, GivesABurstAndThenItsRate) {
  RateLimit limit({5, 50});
  const Steady start{};
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(limit.take("a", start));
  EXPECT_EQ(limit.take("a", start), 1s);
  EXPECT_FALSE(limit.take("b", start));
  EXPECT_FALSE(limit.take("a", start + 200ms));
  EXPECT_TRUE(limit.take("a", start + 200ms));
}

TEST(RateLimit, IsBounded) {
  RateLimit limit({5, 50});
  for (std::size_t i = 0; i < 3 * RateLimit::kMaxNames; ++i)
    static_cast<void>(limit.take(std::to_string(i), Steady{} + Millis{i}));
  EXPECT_LE(limit.names(), RateLimit::kMaxNames);
}

TEST(PasswordJobs, RefusesWhatDoesNotFit) {
  std::mutex gate;
  std::unique_lock shut(gate);
  PasswordJobs jobs;
  std::size_t taken = 0;
  while (taken < 1000 && jobs.post([&gate] { const std::lock_guard wait(gate); })) ++taken;
  EXPECT_GE(taken, PasswordJobs::kMaxWaiting);
  EXPECT_LE(taken, PasswordJobs::kMaxWaiting + 1);  // one may be running
}

TEST(Access, SaysWhatItAsksFor) {
  EXPECT_EQ(kOpen.text(), "open");
  EXPECT_EQ(kSignedIn.text(), "signed_in");
  EXPECT_EQ(needs(Permission::administer).with_pin().text(), "administer+pin");
  EXPECT_EQ(needs(Permission::administer, Permission::map_devices).text(), "map_devices|administer");
}

}  // namespace
}  // namespace firegate::api
