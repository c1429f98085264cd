// What the tests of the server share: clients written by hand over a real socket, so that they can misbehave, and a
// server on free ports of loopback.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

#include "api/server.h"
#include "unit/api/people.h"
#include "unit/api/surroundings.h"

namespace firegate::api {

using fakes::make_alarm;
namespace json = boost::json;

// A blocking socket with a time limit, so that a test ends whatever the server does.
class Client {
 public:
  explicit Client(std::uint16_t port) : Client(AF_INET, SOCK_STREAM) { connect(port); }
  explicit Client(const std::filesystem::path& path) : Client(AF_UNIX, SOCK_STREAM) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() {
    SSL_free(tls_);
    ::close(socket_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Not connected yet.
  Client(int family, int type) : socket_(::socket(family, type, 0)) {
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  bool connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool connected() const { return connected_; }
  // From now on by TLS, as the context says.
  bool secure(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    return SSL_connect(tls_) == 1;
  }
  SSL* tls() const { return tls_; }
  bool send(std::string_view bytes) {
    const auto all = static_cast<ssize_t>(bytes.size());
    if (tls_) return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) == all;
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == all;
  }
  // Reads more; false at the end, on an error or a time-out.
  bool receive() {
    std::array<char, 65536> chunk;
    errno = 0;
    const ssize_t got = tls_ ? SSL_read(tls_, chunk.data(), static_cast<int>(chunk.size()))
                             : ::recv(socket_, chunk.data(), chunk.size(), 0);
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
  SSL* tls_ = nullptr;
  bool connected_ = false;
  std::string bytes_;
};

struct Answer {
  int status = 0;
  std::string head, body;
};

inline Answer receive_answer(Client& client, bool has_body = true) {
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

// A token that may what duty may, everywhere: who comes by these tests is let in.
inline const TestToken& web_token() {
  static const TestToken token = make_token("wangfang", {{Role::duty, "*"}});
  return token;
}
inline AccountRows web_accounts() {
  AccountRows rows = only_chief();
  rows.tokens.push_back(web_token().record);
  return rows;
}

inline std::string request(std::string_view method, std::string_view target, std::string_view headers = "",
                           std::string_view body = "") {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  text += "Authorization: Bearer " + web_token().text + "\r\n";
  if (!body.empty())
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text + std::string(headers) + "\r\n" + std::string(body);
}

inline std::string upgrade_request(std::string_view headers = "") {
  return request("GET", "/api/v1/live",
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: firegate.v1\r\n" +
                     std::string(headers));
}

// A console on the wire (RFC 6455); masks with zero, which is a mask as any other.
class Console {
 public:
  explicit Console(std::uint16_t port) : Console(std::make_unique<Client>(port)) {}
  explicit Console(std::unique_ptr<Client> client) : client_(std::move(client)) {
    client_->send(upgrade_request());
    head = client_->receive_head();
  }
  void say(std::string_view text, unsigned char opcode = 0x1) {
    ASSERT_LT(text.size(), 126u);
    std::string frame{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    client_->send(frame.append(text));
  }
  // The next text frame as an object; null when the connection ends.
  json::value next() {
    while (client_->receive_until(2)) {
      const std::string start = client_->take(2);
      std::uint64_t length = static_cast<unsigned char>(start[1]) & 0x7Fu;
      const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (more > 0) {
        if (!client_->receive_until(more)) return nullptr;
        length = 0;
        for (const char c : client_->take(more)) length = length * 256 + static_cast<unsigned char>(c);
      }
      if (!client_->receive_until(length)) return nullptr;
      const std::string payload = client_->take(length);
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
  std::unique_ptr<Client> client_;
};

class Web : public testing::Test, protected Surroundings {
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

  LiveIntake intake;
  Server server{settings(), deps(), {Millis{10'000}, Millis{10}}};

  static Settings settings(std::uint16_t port = 0) {
    Settings settings;
    settings.port = port;
    settings.max_live = 200;
    return settings;
  }
  Deps deps() { return deps(intake); }
  // Of another server, which hears of alarms by itself.
  Deps deps(LiveIntake& heard) {
    return {acts,
            devices,
            health,
            tray,
            metrics,
            clock,
            faults,
            heard,
            store,
            [this] { return std::make_unique<fakes::FixedArchive>(records); },
            {},
            rule_desk,
            device_desk,
            web_accounts(),
            {make_alarm(1)},
            "0.1.0"};
  }
};

}  // namespace firegate::api
