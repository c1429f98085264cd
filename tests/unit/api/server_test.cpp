// The server over real sockets on a free port of loopback.
#include "unit/api/web.h"

namespace firegate::api {
namespace {

TEST_F(Web, AnswersSeveralRequestsOnOneConnection) {
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(request("GET", "/healthz"));
    EXPECT_EQ(receive_answer(client).status, 200);
  }
  client.send(request("GET", "/api/v1/nothing"));
  EXPECT_EQ(receive_answer(client).status, 404);
  client.send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(client).status, 200);
}

TEST_F(Web, AnswersPipelinedRequestsInOrder) {
  Client client(server.port());
  client.send(request("GET", "/healthz") + request("GET", "/api/v1/nothing") + request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(client).status, 200);
  EXPECT_EQ(receive_answer(client).status, 404);
  EXPECT_EQ(receive_answer(client).status, 200);
}

TEST_F(Web, ClosesWhenAsked) {
  Client client(server.port());
  client.send(request("GET", "/healthz", "Connection: close\r\n"));
  EXPECT_EQ(receive_answer(client).status, 200);
  EXPECT_FALSE(client.receive());
}

TEST_F(Web, HeadHasTheLengthAndNoBody) {
  Client client(server.port());
  client.send(request("HEAD", "/healthz"));
  const auto head = receive_answer(client, false);
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.head.find("Content-Length: 14"), std::string::npos) << head.head;
  client.send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(client).status, 200);  // nothing was left over
}

TEST_F(Web, ReadsTheArchiveOffTheWebThread) {
  records.alarms.emplace(AlarmId{7}, make_alarm(7));
  EXPECT_EQ(ask(request("GET", "/api/v1/alarms/0000000000000007")).status, 200);
  EXPECT_EQ(ask(request("GET", "/api/v1/alarms/0000000000000008")).status, 404);
}

TEST_F(Web, RefusesABodyOver64KiB) {
  const auto answer = ask("POST /api/v1/alarms:silence HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(code(answer), "too_large");
}

TEST_F(Web, RefusesAChunkedBodyOver64KiB) {
  Client client(server.port());
  client.send("POST /api/v1/alarms:silence HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  for (int i = 0; i < 5; ++i) client.send(chunk);
  EXPECT_EQ(receive_answer(client).status, 413);
}

TEST_F(Web, RefusesAHeaderOver8KiB) {
  const auto answer = ask(request("GET", "/healthz", "X-Long: " + std::string(9000, 'a') + "\r\n"));
  EXPECT_EQ(answer.status, 431);
  EXPECT_EQ(code(answer), "too_large");
}

TEST_F(Web, RefusesWhatIsNotHttp) {
  const auto answer = ask("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code(answer), "bad_input");
}

TEST_F(Web, WrongMethodIs405) { EXPECT_EQ(ask(request("PUT", "/api/v1/alarms")).status, 405); }

TEST_F(Web, SlowSenderIsCutAndOthersAreServed) {
  Server impatient{settings(), deps(), {Millis{200}, Millis{10}}};
  ASSERT_TRUE(impatient.start());
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<Client>(impatient.port()));
    slow.back()->send("GET /healthz HT");
  }
  Client other(impatient.port());
  other.send(request("GET", "/healthz"));
  EXPECT_EQ(receive_answer(other).status, 200);
  for (const auto& client : slow) EXPECT_EQ(client->receive_until_end(), Client::End::closed);
}

TEST_F(Web, LiveFeedGreetsAndBeats) {
  Console console(server.port());
  EXPECT_NE(console.head.find("101"), std::string::npos);
  EXPECT_NE(console.head.find("Sec-WebSocket-Protocol: firegate.v1"), std::string::npos) << console.head;
  EXPECT_NE(console.head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);  // RFC 6455, section 1.3
  const auto hello = console.next();
  EXPECT_EQ(hello.at("t").as_string(), "hello");
  EXPECT_EQ(hello.at("heartbeat_s").as_int64(), 5);
  EXPECT_EQ(hello.at("version").as_string(), "0.1.0");
  clock.advance(std::chrono::seconds{5});
  EXPECT_FALSE(console.next("hb").is_null());
}

TEST_F(Web, TwoConsolesSeeTheAlarmAndItsAcknowledgement) {
  Console one(server.port()), two(server.port());
  for (Console* console : {&one, &two}) {
    console->resume("", 0);
    ASSERT_FALSE(console->next("gap").is_null());
  }
  intake.alarm_changed(make_alarm(2));
  for (Console* console : {&one, &two}) {
    const auto event = console->next_alarm();
    EXPECT_EQ(event.at("data").at("id").as_string(), "0000000000000002");
    EXPECT_EQ(event.at("data").at("state").as_string(), "unacknowledged");
  }
  const auto answer = ask(request("POST", "/api/v1/alarms/0000000000000002/acknowledge", "", R"({"post":"desk-1"})"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  for (Console* console : {&one, &two}) {
    EXPECT_EQ(console->next_alarm().at("data").at("acknowledged_by").as_string(), "reports");
  }
}

TEST_F(Web, ReturningConsoleResumesByNumber) {
  json::value server_id;
  std::int64_t seq = 0;
  {
    Console console(server.port());
    server_id = console.next().at("server_id");
    console.resume("", 0);
    ASSERT_FALSE(console.next("gap").is_null());
    intake.alarm_changed(make_alarm(2));
    seq = console.next_alarm().at("seq").as_int64();
  }
  intake.alarm_changed(make_alarm(3));
  Console again(server.port());
  again.next();
  again.resume(server_id, seq);
  const auto missed = again.next();
  ASSERT_EQ(missed.at("t").as_string(), "ev");
  EXPECT_EQ(missed.at("data").at("id").as_string(), "0000000000000003");
}

TEST_F(Web, StrangePageCannotOpenTheLiveFeed) {
  Client client(server.port());
  client.send(upgrade_request("Origin: http://evil.example\r\n"));
  const auto answer = receive_answer(client);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(code(answer), "forbidden");
}

TEST_F(Web, ReboundNameIsRefused) {
  const auto answer = ask("GET /api/v1/snapshot HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(answer.status, 403);
}

TEST_F(Web, FrameThatCannotBeReadClosesTheFeed) {
  Console console(server.port());
  console.next();
  console.say("nonsense");
  while (!console.next().is_null()) {
  }
  EXPECT_EQ(console.close_code, 1008);
}

TEST_F(Web, BinaryFrameClosesTheFeed) {
  Console console(server.port());
  console.next();
  console.say("{}", 0x2);
  while (!console.next().is_null()) {
  }
  EXPECT_EQ(console.close_code, 1008);
}

TEST_F(Web, LiveFeedsAreAtMostTwoHundred) {
  std::vector<std::unique_ptr<Console>> consoles;
  for (int i = 0; i < 200; ++i) consoles.push_back(std::make_unique<Console>(server.port()));
  Client client(server.port());
  client.send(upgrade_request());
  const auto answer = receive_answer(client);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code(answer), "overloaded");
  EXPECT_EQ(ask(request("GET", "/healthz")).status, 200);
}

TEST_F(Web, StopSaysBye) {
  Console console(server.port());
  console.next();
  console.resume("", 0);
  ASSERT_FALSE(console.next("gap").is_null());
  server.stop();
  const auto bye = console.next("bye");
  ASSERT_FALSE(bye.is_null());
  EXPECT_EQ(bye.at("reason").as_string(), "shutdown");
  intake.alarm_changed(make_alarm(4));  // nobody takes it any more
}

TEST_F(Web, AnswerAfterTheEndGoesNowhere) {
  std::function<void(Result<Alarm>)> late;
  struct Slow final : Acts {
    explicit Slow(std::function<void(Result<Alarm>)>& into, std::mutex& lock) : late(into), mutex(lock) {}
    void post(Act, std::function<void(Result<Alarm>)> done) noexcept override {
      const std::lock_guard lock(mutex);
      late = std::move(done);
    }
    std::function<void(Result<Alarm>)>& late;
    std::mutex& mutex;
  };
  std::mutex mutex;
  Slow slow(late, mutex);
  {
    LiveIntake own;
    Server ending{settings(),
                  {slow,
                   devices,
                   health,
                   tray,
                   metrics,
                   system_clock(),
                   faults,
                   own,
                   store,
                   [this] { return std::make_unique<fakes::FixedArchive>(records); },
                   {},
                   rule_desk,
                   device_desk,
                   web_accounts(),
                   {make_alarm(2)},
                   "0.1.0"}};
    ASSERT_TRUE(ending.start());
    Client client(ending.port());
    client.send(request("POST", "/api/v1/alarms/0000000000000002/reset", "", R"({"post":"p"})"));
    client.send(request("GET", "/healthz"));
    Client other(ending.port());
    other.send(request("GET", "/healthz"));
    EXPECT_EQ(receive_answer(other).status, 200);
    for (int tries = 0; tries < 100; ++tries) {
      other.send(request("GET", "/healthz"));  // each turn of the web thread brings the act nearer
      EXPECT_EQ(receive_answer(other).status, 200);
      const std::lock_guard lock(mutex);
      if (late) break;
    }
  }
  const std::lock_guard lock(mutex);
  ASSERT_TRUE(late);
  late(make_alarm(2));
}

TEST(ServerStart, RefusesAnAddressThatIsNotLoopback) {
  fakes::ScriptedActs acts;
  fakes::FixedDevices devices;
  fakes::FixedHealth health;
  fakes::FixedTray tray;
  fakes::RecordedFaults faults;
  fakes::ScriptedAccountStore store;
  fakes::ScriptedRuleDesk rule_desk;
  metrics::Metrics metrics;
  fakes::ScriptedDeviceDesk device_desk{devices, metrics};
  LiveIntake intake;
  for (const char* address : {"0.0.0.0", "192.168.1.2", "::", "localhost", ""}) {
    Settings settings;
    settings.address = address;
    settings.port = 0;
    Server server{settings,
                  {acts,
                   devices,
                   health,
                   tray,
                   metrics,
                   system_clock(),
                   faults,
                   intake,
                   store,
                   {},
                   {},
                   rule_desk,
                   device_desk,
                   {},
                   {},
                   "0.1.0"}};
    const auto started = server.start();
    ASSERT_FALSE(started) << address;
    EXPECT_EQ(started.error().code, ErrorCode::bad_input);
    EXPECT_NE(started.error().message.find("plain HTTP stays on this machine"), std::string::npos);
  }
}

TEST_F(Web, RefusesAPortThatIsTaken) {
  Server second{settings(server.port()), deps()};
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::io_failed);
}

}  // namespace
}  // namespace firegate::api
