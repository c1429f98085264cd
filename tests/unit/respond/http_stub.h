// A local HTTP receiver for tests: answers each request by a function, remembers what came. Plain sockets, one
// connection at a time, on a free port of 127.0.0.1.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace firegate::respond_test {

struct HttpRequest {
  std::string head, body;

  std::string header(const std::string& name) const {
    const auto start = head.find("\r\n" + name + ": ");
    if (start == std::string::npos) return {};
    const auto value = start + name.size() + 4;
    return head.substr(value, head.find("\r\n", value) - value);
  }
};

class HttpStub {
 public:
  // The whole answer as bytes; empty: say nothing until the caller gives up.
  using Answer = std::function<std::string(const HttpRequest&, std::size_t number)>;

  explicit HttpStub(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpStub() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/hook", port_); }
  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return connections_; }  // accepted so far

  std::vector<HttpRequest> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds{20}, [&] { return requests_.size() >= count; });
    return requests_;
  }
  static std::string status(int code, const std::string& headers = {}, const std::string& body = {}) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", code, body.size(),
                       headers, body);
  }

 private:
  void serve() {
    for (;;) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      ++connections_;
      serve_one(peer);
      close(peer);
    }
  }
  void serve_one(int peer) {
    std::string data;
    char block[4096];
    std::size_t head_end = std::string::npos, length = 0;
    while (head_end == std::string::npos || data.size() < head_end + 4 + length) {
      const auto got = recv(peer, block, sizeof block, 0);
      if (got <= 0) return;
      data.append(block, static_cast<std::size_t>(got));
      head_end = data.find("\r\n\r\n");
      if (head_end == std::string::npos) continue;
      const auto at = data.find("Content-Length: ");
      length = std::strtoul(data.c_str() + at + 16, nullptr, 10);
    }
    HttpRequest request{data.substr(0, head_end + 2), data.substr(head_end + 4)};
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      number = requests_.size();
    }
    wake_.notify_all();
    const std::string answer = answer_(request, number);
    if (answer.empty()) {
      recv(peer, block, sizeof block, 0);  // until the caller hangs up
      return;
    }
    for (std::size_t sent = 0; sent < answer.size();) {
      const auto part = send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (part <= 0) return;
      sent += static_cast<std::size_t>(part);
    }
  }

  const Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<HttpRequest> requests_;
  std::thread thread_;
};

}  // namespace firegate::respond_test
