// The API without sockets, with people who are signed in: what the tests of routes stand on. Everything happens at once
// and on one thread. Cookies are made here, so that no password has to be hashed.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/service.h"
#include "unit/api/people.h"
#include "unit/api/surroundings.h"

namespace firegate::api {

inline const Asset kIndex{"text/html; charset=utf-8", "<html>", "GZ", "\"i1\"", false};
inline const Asset kScript{"text/javascript", "let x", "", "\"s1\"", true};

namespace json = boost::json;

class Rig : public testing::Test, protected Surroundings {
 protected:
  explicit Rig(AccountRows rows = only_chief()) : door_rows(std::move(rows)) {
    records.alarms.emplace(AlarmId{9}, fakes::make_alarm(9, AlarmClass::fault, AlarmState::normal, 4));
    devices.devices = {fakes::make_device("b-2", DeviceKind::charging_station), fakes::make_device("a-1")};
    devices.devices[1].values = {
        {Point::temperature_c, kNoPort, Quality::good, Value{21.5}, fakes::kMorning, fakes::kMorning, fakes::kMorning},
        {Point::power_w, 3, Quality::stale, Value{}, fakes::kMorning, fakes::kMorning, fakes::kMorning}};
    secret = secret_of("wangfang");
    for (const auto& [id, user] : door.accounts.users()) wake(id);
  }

  // As after the password: roles awake, and confirmed.
  void wake(const std::string& user) {
    Principal who;
    who.kind = PrincipalKind::user;
    who.id = user;
    who.session = accounts::hash_of(secret_of(user));
    static_cast<void>(door.accounts.confirm(who, true, true, clock.now(), clock.steady_now()));
  }

  Request make_request(std::string method, std::string target, std::string body = {}, Headers headers = {}) const {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.address = address;
    const auto add = [&request](std::string_view name, std::string value) {
      if (find_header(request.headers, name).empty()) request.headers.push_back({std::string(name), std::move(value)});
    };
    add("Host", "127.0.0.1:8080");
    if (request.method != "GET" && request.method != "HEAD") add("Content-Type", "application/json; charset=utf-8");
    if (secret.empty()) return request;
    add("Cookie", "theme=dark; __Host-firegate=" + secret);
    add(kCsrfHeader, accounts::Accounts::csrf(secret));
    return request;
  }
  Response answer_to(Request request) {
    std::optional<Response> answer;
    service.handle(std::move(request), [&answer](Response response) {
      EXPECT_FALSE(answer) << "answered twice";
      answer = std::move(response);
    });
    EXPECT_TRUE(answer) << "no answer";
    return answer.value_or(Response{});
  }
  Response ask(std::string method, std::string target, std::string body = {}, Headers headers = {}) {
    return answer_to(make_request(std::move(method), std::move(target), std::move(body), std::move(headers)));
  }
  Response get(std::string target) { return ask("GET", std::move(target)); }
  Response post(std::string target, std::string_view body) { return ask("POST", std::move(target), std::string(body)); }

  static json::value parse(const Response& response) { return json::parse(response.body); }
  static std::string word(const json::value& value, std::string_view key) {
    return json::value_to<std::string>(value.as_object().at(key));
  }
  static void expect_problem(const Response& response, int status, std::string_view code) {
    EXPECT_EQ(response.status, status) << response.body;
    ASSERT_EQ(response.content_type, "application/problem+json") << response.body;
    const auto problem = parse(response);
    EXPECT_EQ(word(problem, "code"), code) << response.body;
    EXPECT_EQ(problem.at("status").as_int64(), status);
    EXPECT_FALSE(word(problem, "title").empty());
    EXPECT_NE(word(problem, "title"), "Unknown");
    EXPECT_FALSE(word(problem, "detail").empty());
    EXPECT_EQ(word(problem, "request_id"), find_header(response.headers, "X-Request-Id"));
  }
  // The secret in the cookie that an answer sets; empty: it is cleared, or there is none.
  static std::string cookie_of(const Response& response) {
    const std::string_view header = find_header(response.headers, "Set-Cookie");
    const std::string_view name = "__Host-firegate=";
    return header.starts_with(name) ? std::string(header.substr(name.size(), header.find(';') - name.size()))
                                    : std::string();
  }

  std::string secret;  // of who asks; empty: nobody is signed in
  std::string address = "192.168.1.7";
  bool archive_full = false, archive_broken = false, passwords_full = false;
  LiveFeed feed{{"server-1", "0.1.0"},
                {fakes::make_alarm(1), fakes::make_alarm(2, AlarmClass::fault, AlarmState::acknowledged)},
                {"desk-1"},
                faults,
                metrics,
                [] {}};
  AccountRows door_rows;
  Door door{door_rows,
            store,
            feed,
            metrics,
            clock,
            [](const std::function<void()>& task) { task(); },
            [this](const PasswordJob& job) {
              if (!passwords_full) job();
              return !passwords_full;
            }};
  std::vector<PlacePtr> places;
  JournalCheckJob journal_check{[this]() -> std::unique_ptr<Archive> {
                                  if (archive_broken) return nullptr;
                                  return std::make_unique<fakes::FixedArchive>(records);
                                },
                                clock};
  Context context{acts,
                  devices,
                  health,
                  tray,
                  metrics,
                  clock,
                  feed,
                  door,
                  [this](const ArchiveJob& job) {
                    if (archive_full) return false;
                    fakes::FixedArchive archive(records);
                    job(archive_broken ? nullptr : &archive);
                    return true;
                  },
                  [](const std::function<void()>& task) { task(); },
                  [](std::string_view path) -> const Asset* {
                    if (path == "/index.html") return &kIndex;
                    return path == "/assets/app.js" ? &kScript : nullptr;
                  },
                  rule_desk,
                  device_desk,
                  journal_check,
                  [this] { return places; },
                  nullptr,
                  nullptr,
                  &picture_desk,
                  &commands};
  Service service{context, metrics, "t"};
};

}  // namespace firegate::api
