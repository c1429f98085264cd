// The server over real sockets on a free port of loopback. The client is written by hand, so that it can misbehave.
#include "api/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "support/fakes_api.h"
#include "unit/api/rules.h"

namespace firegate::api {
namespace {

using fakes::make_alarm;
namespace json = boost::json;

// A blocking socket with a time limit, so that a test ends whatever the server does.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // Reads more; false at the end, on an error or a time-out.
  bool receive() {
    std::array<char, 65536> chunk;
    errno = 0;
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    bytes_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }
  enum class End { closed, timed_out };
  End receive_until_end() {
    while (receive()) {
    }
    return errno == EAGAIN ? End::timed_out : End::closed;
  }
  bool receive_until(std::size_t bytes) {
    while (bytes_.size() < bytes) {
      if (!receive()) return false;
    }
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string taken = bytes_.substr(0, bytes);
    bytes_.erase(0, bytes);
    return taken;
  }
  // Header of the next answer, with the empty line; empty when the connection ended before.
  std::string receive_head() {
    while (bytes_.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) return {};
    }
    return take(bytes_.find("\r\n\r\n") + 4);
  }

 private:
  int socket_;
  bool connected_ = false;
  std::string bytes_;
};

struct Answer {
  int status = 0;
  std::string head, body;
};

Answer receive_answer(Client& client, bool has_body = true) {
  Answer answer;
  answer.head = client.receive_head();
  if (answer.head.size() < 12) return answer;
  answer.status = std::stoi(answer.head.substr(9, 3));
  const auto length = answer.head.find("Content-Length: ");
  if (!has_body || length == std::string::npos) return answer;
  const auto bytes = static_cast<std::size_t>(std::stoul(answer.head.substr(length + 16)));
  EXPECT_TRUE(client.receive_until(bytes));
  answer.body = client.take(bytes);
  return answer;
}

std::string request(std::string_view method, std::string_view target, std::string_view headers = "",
                    std::string_view body = "") {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!body.empty())
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text + std::string(headers) + "\r\n" + std::string(body);
}

std::string upgrade_request(std::string_view headers = "") {
  return request("GET", "/api/v1/live",
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: firegate.v1\r\n" +
                     std::string(headers));
}

// A console on the wire (RFC 6455); masks with zero, which is a mask as any other.
class Console {
 public:
  explicit Console(std::uint16_t port) : client_(port) {
    client_.send(upgrade_request());
    head = client_.receive_head();
  }
  void say(std::string_view text, unsigned char opcode = 0x1) {
    ASSERT_LT(text.size(), 126u);
    std::string frame{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    client_.send(frame.append(text));
  }
  // The next text frame as an object; null when the connection ends.
  json::value next() {
    while (client_.receive_until(2)) {
      const std::string start = client_.take(2);
      std::uint64_t length = static_cast<unsigned char>(start[1]) & 0x7Fu;
      const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (more > 0) {
        if (!client_.receive_until(more)) return nullptr;
        length = 0;
        for (const char c : client_.take(more)) length = length * 256 + static_cast<unsigned char>(c);
      }
      if (!client_.receive_until(length)) return nullptr;
      const std::string payload = client_.take(length);
      const unsigned opcode = static_cast<unsigned char>(start[0]) & 0x0Fu;
      if (opcode == 0x1) return json::parse(payload);
      if (opcode == 0x8) {
        close_code = static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
        return nullptr;
      }
    }
    return nullptr;
  }
  // Reads until a frame of that type comes.
  json::value next(std::string_view type) {
    while (true) {
      json::value frame = next();
      if (frame.is_null() || frame.at("t").as_string() == type) return frame;
    }
  }
  json::value next_alarm() {
    while (true) {
      json::value frame = next("ev");
      if (frame.is_null() || frame.at("type").as_string() == "alarm") return frame;
    }
  }
  void resume(const json::value& server_id, std::int64_t seq) {
    say(json::serialize(json::object{{"t", "resume"}, {"server_id", server_id}, {"seq", seq}}));
  }

  std::string head;
  int close_code = 0;

 private:
  Client client_;
};

class Web : public testing::Test {
 protected:
  Web() {
    acts.answer = [this](const Act& act) -> Result<Alarm> {
      Alarm alarm =
          make_alarm(static_cast<std::uint64_t>(act.alarm), AlarmClass::fire_alarm, AlarmState::acknowledged, 2);
      alarm.acknowledged_by = act.by;
      intake.alarm_changed(alarm);
      return alarm;
    };
  }
  void SetUp() override {
    const auto started = server.start();
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_NE(server.port(), 0);
  }
  Answer ask(std::string_view bytes, bool has_body = true) {
    Client client(server.port());
    client.send(bytes);
    return receive_answer(client, has_body);
  }
  static std::string code(const Answer& answer) {
    return json::value_to<std::string>(json::parse(answer.body).at("code"));
  }

  fakes::StillClock clock;
  fakes::ScriptedActs acts;
  fakes::FixedDevices devices;
  fakes::FixedHealth health;
  fakes::FixedTray tray;
  fakes::RecordedFaults faults;
  fakes::Records records;
  metrics::Metrics metrics;
  LiveIntake intake;
  Server server{settings(), deps(), {Millis{10'000}, Millis{10}}};

  static Settings settings(std::uint16_t port = 0) { return {"127.0.0.1", port, {"desk-1"}}; }
  Deps deps() {
    return {acts,
            devices,
            health,
            tray,
            metrics,
            clock,
            faults,
            intake,
            [this] { return std::make_unique<fakes::FixedArchive>(records); },
            {},
            [] { return fakes::make_rules(); },
            {make_alarm(1)},
            "0.1.0"};
  }
};

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
  const auto answer =
      ask(request("POST", "/api/v1/alarms/0000000000000002/acknowledge", "", R"({"by":"王芳","post":"desk-1"})"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  for (Console* console : {&one, &two}) {
    EXPECT_EQ(console->next_alarm().at("data").at("acknowledged_by").as_string(), "王芳");
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
    Server ending{{"127.0.0.1", 0, {"desk-1"}},
                  {slow,
                   devices,
                   health,
                   tray,
                   metrics,
                   system_clock(),
                   faults,
                   own,
                   [this] { return std::make_unique<fakes::FixedArchive>(records); },
                   {},
                   {},
                   {},
                   "0.1.0"}};
    ASSERT_TRUE(ending.start());
    Client client(ending.port());
    client.send(request("POST", "/api/v1/alarms/0000000000000002/reset", "", R"({"by":"a","post":"p"})"));
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
  metrics::Metrics metrics;
  LiveIntake intake;
  for (const char* address : {"0.0.0.0", "192.168.1.2", "::", "localhost", ""}) {
    Server server{{address, 0, {"desk-1"}},
                  {acts, devices, health, tray, metrics, system_clock(), faults, intake, {}, {}, {}, {}, "0.1.0"}};
    const auto started = server.start();
    ASSERT_FALSE(started) << address;
    EXPECT_EQ(started.error().code, ErrorCode::bad_input);
    EXPECT_NE(started.error().message.find("no accounts"), std::string::npos);
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
