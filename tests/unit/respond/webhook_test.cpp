#include "respond/channels/webhook/webhook.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>

#include "respond/channels/webhook/address_policy.h"
#include "respond/channels/webhook/signature.h"
#include "respond/respond.h"
#include "unit/respond/http_stub.h"

namespace firegate::respond {
namespace {

using respond_test::HttpRequest;
using respond_test::HttpStub;

constexpr const char* kSecret = "0123456789abcdef-secret";

Notice notice() {
  Notice notice;
  notice.kind = NoticeKind::raised;
  notice.at = Instant{Millis{1'795'316'055'926}};
  notice.alarm.id = AlarmId{0xF1};
  notice.alarm.revision = 3;
  notice.alarm.subject.device = "b1-301-smoke";
  notice.alarm.subject.device_name = "三楼烟感";
  auto place = std::make_shared<Place>();
  place->estate = {"jinxiu", "锦绣苑"};
  notice.alarm.subject.place = place;
  notice.alarm.evidence = {{Point::smoke, kNoPort, true, std::nullopt, notice.at}};
  return notice;
}

struct AtNotice final : Clock {
  Instant now() const noexcept override { return notice().at; }
  Steady steady_now() const noexcept override { return {}; }
  Millis drift() const noexcept override { return {}; }
  void re_anchor() noexcept override {}
};

constexpr std::string_view kNotAllowed = "the host's address is not allowed (allow_private is off)";

// Why it is to be tried again; says so when it is not.
std::string why_again(const DeliveryOutcome& outcome) {
  const auto* again = std::get_if<RetryAfter>(&outcome);
  return again ? again->why : "not to be tried again";
}

class Webhooks : public ::testing::Test {
 protected:
  void SetUp() override {
    secret_file_ = std::filesystem::temp_directory_path() / fmt::format("fg-secret-{}", getpid());
    std::ofstream(secret_file_) << kSecret << "\n";
  }
  void TearDown() override { std::filesystem::remove(secret_file_); }

  DeliveryOutcome deliver_to(const std::string& url, Millis timeout = Millis{5000}) {
    auto hook = Webhook::open({"hook", url, secret_file_, false, timeout}, clock_);
    if (!hook) return Rejected{hook.error().message};
    return (*hook)->deliver(notice());
  }
  DeliveryOutcome answered(std::string answer) {
    HttpStub stub([&answer](const HttpRequest&, std::size_t) { return answer; });
    return deliver_to(stub.url(), Millis{1000});
  }

  std::filesystem::path secret_file_;
  AtNotice clock_;
};

TEST_F(Webhooks, SendsASignedCloudEvent) {
  HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(204); });
  ASSERT_TRUE(std::holds_alternative<Sent>(deliver_to(stub.url())));
  const HttpRequest request = stub.wait_for(1).at(0);
  EXPECT_EQ(request.head.substr(0, 16), "POST /hook HTTP/");
  EXPECT_EQ(request.header("Idempotency-Key"), notice().key());
  EXPECT_EQ(request.header("Content-Type"), "application/cloudevents+json; charset=utf-8");
  const std::string signed_with = request.header("X-Firegate-Signature");
  EXPECT_EQ(signed_with, signature(kSecret, 1'795'316'055, request.body));  // the clock's time

  const auto event = boost::json::parse(request.body).as_object();
  EXPECT_EQ(event.at("specversion").as_string(), "1.0");
  EXPECT_EQ(event.at("type").as_string(), "firegate.alarm.raised");
  EXPECT_EQ(event.at("id").as_string(), notice().key().c_str());
  EXPECT_EQ(event.at("time").as_string(), to_text(notice().at).c_str());
  const auto& alarm = event.at("data").as_object();
  EXPECT_EQ(alarm.at("class").as_string(), "fire_alarm");
  EXPECT_EQ(alarm.at("device").at("name").as_string(), "三楼烟感");
  EXPECT_EQ(alarm.at("place").at("estate").at("name").as_string(), "锦绣苑");
  EXPECT_TRUE(alarm.at("place").at("zone").is_null());
  EXPECT_TRUE(alarm.at("evidence").at(0).at("value").as_bool());
}

TEST_F(Webhooks, TwoHundredsAreSent) {
  for (const int code : {200, 201, 202, 204}) {
    EXPECT_TRUE(std::holds_alternative<Sent>(answered(HttpStub::status(code)))) << code;
  }
}

TEST_F(Webhooks, WhatMayPassIsTriedAgain) {
  for (const int code : {408, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(std::holds_alternative<RetryAfter>(answered(HttpStub::status(code)))) << code;
  }
}

TEST_F(Webhooks, RetryAfterIsHonoured) {
  const auto outcome = answered(HttpStub::status(429, "Retry-After: 7\r\n"));
  ASSERT_TRUE(std::holds_alternative<RetryAfter>(outcome));
  EXPECT_EQ(std::get<RetryAfter>(outcome).wait, Millis{7000});
}

TEST_F(Webhooks, RetryAfterBeyondAnHourIsAnHour) {
  for (const std::string_view seconds : {"3601", "9223372036854775807", "9223372036854776"}) {
    const auto outcome = answered(HttpStub::status(503, fmt::format("Retry-After: {}\r\n", seconds)));
    ASSERT_TRUE(std::holds_alternative<RetryAfter>(outcome)) << seconds;
    EXPECT_EQ(std::get<RetryAfter>(outcome).wait, Millis{3'600'000}) << seconds;
  }
}

TEST_F(Webhooks, RefusalsAndRedirectsAreRejected) {
  for (const int code : {400, 401, 403, 404, 410, 422}) {
    EXPECT_TRUE(std::holds_alternative<Rejected>(answered(HttpStub::status(code)))) << code;
  }
  HttpStub target([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
  HttpStub stub([&target](const HttpRequest&, std::size_t) {
    return HttpStub::status(307, "Location: " + target.url() + "\r\n");
  });
  EXPECT_TRUE(std::holds_alternative<Rejected>(deliver_to(stub.url())));
}

TEST_F(Webhooks, SilenceIsTriedAgain) { EXPECT_TRUE(std::holds_alternative<RetryAfter>(answered(""))); }

TEST_F(Webhooks, NobodyListeningIsTriedAgain) {
  std::string url;
  {
    HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
    url = stub.url();
  }
  EXPECT_TRUE(std::holds_alternative<RetryAfter>(deliver_to(url)));
}

TEST_F(Webhooks, HugeReplyIsCutAndJudgedByItsStatus) {
  const std::string huge(10 * 1024 * 1024, 'x');
  EXPECT_TRUE(std::holds_alternative<Sent>(answered(HttpStub::status(200, "", huge))));
  EXPECT_TRUE(std::holds_alternative<RetryAfter>(answered(HttpStub::status(500, "", huge))));
}

// The receiver is there and would answer; only the address, judged when the socket is to be opened, stands between.
TEST_F(Webhooks, AddressThatThePolicyDeniesIsNotConnectedTo) {
  HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
  const auto deliver_with = [&](bool allow_private) {
    const AddressPolicy policy{.allow_private = allow_private,
                               .scope = [](const sockaddr&) noexcept { return AddressScope::internal; }};
    return (*Webhook::open({"hook", stub.url(), secret_file_}, clock_, policy))->deliver(notice());
  };
  EXPECT_EQ(why_again(deliver_with(false)), kNotAllowed);
  EXPECT_EQ(stub.connections(), 0u);
  EXPECT_TRUE(std::holds_alternative<Sent>(deliver_with(true)));
  EXPECT_EQ(stub.connections(), 1u);
}

TEST_F(Webhooks, HostsOfOurOwnNetworkAreDeniedByTheirAddress) {
  HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
  for (const std::string host :
       {"0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "169.254.169.254", "[::ffff:169.254.169.254]", "10.0.0.1",
        "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "0xa9fea9fe", "0251.0376.0251.0376"}) {
    const auto outcome = deliver_to(fmt::format("https://{}:{}/", host, stub.port()), Millis{1000});
    EXPECT_EQ(why_again(outcome), kNotAllowed) << host;
  }
  EXPECT_EQ(stub.connections(), 0u);
}

TEST_F(Webhooks, AllowPrivateConnectsToOurOwnNetwork) {
  HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
  const WebhookSettings settings{"hook", fmt::format("https://0.0.0.0:{}/", stub.port()), secret_file_, true,
                                 Millis{500}};
  EXPECT_NE(why_again((*Webhook::open(settings, clock_))->deliver(notice())), kNotAllowed);  // no TLS there
  EXPECT_EQ(stub.connections(), 1u);
}

TEST_F(Webhooks, ShortOrMissingSecretIsRefused) {
  EXPECT_EQ(Webhook::open({"hook", "https://example.org/", "/nonexistent/secret"}, clock_).error().code,
            ErrorCode::not_found);
  std::ofstream(secret_file_) << "short\n";
  EXPECT_EQ(Webhook::open({"hook", "https://example.org/", secret_file_}, clock_).error().code, ErrorCode::bad_input);
}

// The outbox as a restart finds it: the notice is there, its delivery was not marked. `record` may be the crash itself.
struct OneLeft final : DeliveryLog {
  explicit OneLeft(bool crash) : crash_on_record(crash) {}
  Result<Undelivered> undelivered() noexcept override { return Undelivered{{notice()}, {}}; }
  void routed(std::string, std::vector<std::string>, Instant) noexcept override {}
  void record(DeliveryRow row) noexcept override {
    if (crash_on_record) _exit(9);
    marked.set_value(row.state);
  }
  const bool crash_on_record;
  std::promise<std::string> marked;
};
struct NoFaults final : SelfFault {
  void raise(SelfFaultCode, std::string_view, std::string) noexcept override {}
  void clear(SelfFaultCode, std::string_view) noexcept override {}
};

TEST_F(Webhooks, CrashBetweenSendAndMarkSendsAgainWithTheSameKey) {
  const auto run = [&](const std::string& url, OneLeft& log) {
    AtNotice clock;
    NoFaults faults;
    metrics::Metrics metrics;
    Route route;
    route.channel = "hook";
    std::vector<NamedNotifier> channels;
    channels.push_back({"hook", std::move(*Webhook::open({"hook", url, secret_file_}, clock))});
    Respond respond(Routes({route}), std::move(channels), Surroundings{log, clock, metrics, faults, {}});
    if (!respond.start()) return std::string("not started");
    return log.marked.get_future().get();
  };
  // Forked while there is no other thread that could hold a lock; the child learns the address afterwards.
  std::array<int, 2> addresses{};
  ASSERT_EQ(pipe(addresses.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::array<char, 256> url{};
    const ssize_t length = read(addresses[0], url.data(), url.size());
    if (length <= 0) _exit(2);
    OneLeft crashing(true);
    run(std::string(url.data(), static_cast<std::size_t>(length)), crashing);
    _exit(1);
  }
  HttpStub stub([](const HttpRequest&, std::size_t) { return HttpStub::status(200); });
  const std::string url = stub.url();
  ASSERT_EQ(write(addresses[1], url.data(), url.size()), static_cast<ssize_t>(url.size()));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 9);
  OneLeft restarted(false);
  EXPECT_EQ(run(url, restarted), "sent");
  const auto requests = stub.wait_for(2);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].header("Idempotency-Key"), requests[1].header("Idempotency-Key"));
  close(addresses[0]);
  close(addresses[1]);
}

TEST(WebhookUrl, OnlyHttpsAndLoopbackHttpAreAccepted) {
  for (const char* url :
       {"https://alarms.example.org/x", "http://127.0.0.1:80/", "http://localhost/", "http://[::1]/"}) {
    EXPECT_TRUE(check_url(url)) << url;
  }
  for (const char* url :
       {"", "alarms", "http://example.org/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
        "https://user:pw@example.org/", "http://127.0.0.1.example.org/", "http://10.0.0.1/", "javascript:1"}) {
    EXPECT_FALSE(check_url(url)) << url;
  }
}

// Reference: printf '0.' | openssl dgst -sha256 -hmac Jefe
TEST(Signature, EqualsTheReference) {
  EXPECT_EQ(signature("Jefe", 0, ""), "t=0,v1=813f643c8863ba9754215e64cdab172f2e96c1a413d772978aba7398cc864e55");
}

AddressScope scope(const char* text) {
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    sockaddr_storage storage{};
    std::memcpy(&storage, &v6, sizeof v6);
    return scope_of(reinterpret_cast<const sockaddr&>(storage));
  }
  sockaddr_in v4{};
  EXPECT_EQ(inet_pton(AF_INET, text, &v4.sin_addr), 1) << text;
  v4.sin_family = AF_INET;
  sockaddr_storage storage{};
  std::memcpy(&storage, &v4, sizeof v4);
  return scope_of(reinterpret_cast<const sockaddr&>(storage));
}

TEST(AddressScopes, TellTheOpenInternetFromOurOwnNetwork) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1"}) {
    EXPECT_EQ(scope(text), AddressScope::global) << text;
  }
  for (const char* text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"}) {
    EXPECT_EQ(scope(text), AddressScope::loopback) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "192.0.2.1",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "ff02::1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "2002:a00:1::1",
                           "64:ff9b::a00:1",
                           "2001:db8::1"}) {
    EXPECT_EQ(scope(text), AddressScope::internal) << text;
  }
}

TEST(AddressPolicy, AllowsByScopeAndSettings) {
  struct Case {
    bool loopback_only, allow_private;
    bool global, loopback, internal;  // allowed
  };
  for (const Case& one : {Case{false, false, true, false, false}, Case{false, true, true, true, true},
                          Case{true, false, false, true, false}, Case{true, true, false, true, false}}) {
    const auto allows = [&one](AddressScope (*scope)(const sockaddr&) noexcept) {
      return AddressPolicy{one.loopback_only, one.allow_private, scope}.allows(sockaddr{});
    };
    SCOPED_TRACE(fmt::format("loopback_only {}, allow_private {}", one.loopback_only, one.allow_private));
    EXPECT_EQ(allows([](const sockaddr&) noexcept { return AddressScope::global; }), one.global);
    EXPECT_EQ(allows([](const sockaddr&) noexcept { return AddressScope::loopback; }), one.loopback);
    EXPECT_EQ(allows([](const sockaddr&) noexcept { return AddressScope::internal; }), one.internal);
  }
}

}  // namespace
}  // namespace firegate::respond
