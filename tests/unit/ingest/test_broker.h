// A real mosquitto for tests: own folder, free port of 127.0.0.1, ended by its pid.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "unit/ingest/fixtures.h"

namespace firegate::ingest {

// Runs a program to its end, output discarded; its exit code, -1 when it could not be run.
inline pid_t spawn(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

inline int run(const std::vector<std::string>& words) {
  const pid_t pid = spawn(words);
  int status = -1;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(listener);
  return ntohs(address.sin_port);
}

class TestBroker {
 public:
  explicit TestBroker(std::initializer_list<std::string> lines = {}) : port_(free_port()) {
    std::ofstream conf(folder_.path() / "broker.conf");
    conf << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\npersistence true\nautosave_interval 1\n"
         << "persistence_location " << folder_.path().string() << "/\nmax_queued_messages 100000\nsys_interval 1\n"
         << "queue_qos0_messages true\nuser root\nlog_dest none\n";
    for (const auto& line : lines) conf << line << '\n';
  }
  ~TestBroker() { end(SIGKILL); }
  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  bool start() {
    pid_ = spawn({"mosquitto", "-c", (folder_.path() / "broker.conf").string()});
    return pid_ > 0 && eventually([this] { return answers(); });
  }
  void signal(int number) const { ::kill(pid_, number); }
  void end(int number = SIGTERM) {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, number);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint16_t port() const noexcept { return port_; }
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }

 private:
  bool answers() const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port_);
    const bool connected = ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(client);
    return connected;
  }

  TestFolder folder_;
  std::uint16_t port_;
  pid_t pid_ = -1;
};

}  // namespace firegate::ingest
