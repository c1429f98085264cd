// A real mosquitto on a free port of 127.0.0.1, and a plain client that listens to it; both started here and ended by
// their process ids.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "simulate/publisher.h"

namespace firegate::simulate::testing {

// A program whose output is read line by line.
class Child {
 public:
  Child() = default;
  explicit Child(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (posix_spawnp(&pid_, pointers.front(), &actions, nullptr, pointers.data(), environ) != 0) pid_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Child() { end(); }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), output_(std::exchange(other.output_, nullptr)) {}
  Child& operator=(Child&& other) noexcept {
    end();
    pid_ = std::exchange(other.pid_, 0);
    output_ = std::exchange(other.output_, nullptr);
    return *this;
  }

  // The next line with `part` in it; empty when the program ends first. The test's time limit ends a vain wait.
  std::string wait_for(std::string_view part) {
    std::vector<char> line(256 * 1024);
    while (output_ && std::fgets(line.data(), static_cast<int>(line.size()), output_)) {
      if (std::string_view(line.data()).find(part) != std::string_view::npos) return line.data();
    }
    return {};
  }
  void pause() const { kill(pid_, SIGSTOP); }
  // Killed, not asked: a mosquitto that is asked in its first moments forgets it.
  void end() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (output_) std::fclose(output_);
    pid_ = 0;
    output_ = nullptr;
  }

 private:
  pid_t pid_ = 0;
  std::FILE* output_ = nullptr;
};

class RealBroker {
 public:
  RealBroker() : port_(free_port()) {
    for (const char* path : {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"}) {
      if (program_.empty() && std::filesystem::exists(path)) program_ = path;
    }
    config_ = std::filesystem::temp_directory_path() / ("firegate-simulate-" + std::to_string(getpid()) + ".conf");
    std::ofstream(config_) << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\npersistence false\n"
                           << "max_queued_messages 0\nlog_dest stderr\n";
    if (there()) start();
  }
  ~RealBroker() {
    stop();
    std::filesystem::remove(config_);
  }
  RealBroker(const RealBroker&) = delete;
  RealBroker& operator=(const RealBroker&) = delete;

  bool there() const { return !program_.empty(); }
  BrokerAddress address() const {
    BrokerAddress address;
    address.port = port_;
    return address;
  }

  // Returns once the broker says that it runs.
  void start() {
    child_ = Child({program_, "-c", config_.string()});
    EXPECT_FALSE(child_.wait_for("running").empty()) << "mosquitto ended before it ran";
  }
  void stop() { child_.end(); }
  void pause() { child_.pause(); }

 private:
  static std::uint16_t free_port() {
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(probe);
    return bound ? ntohs(address.sin_port) : std::uint16_t{0};
  }

  std::string program_;
  std::filesystem::path config_;
  std::uint16_t port_;
  Child child_;
};

// What a plain client hears: lines "<retain flag> <topic> <payload>".
class Listener {
 public:
  // Returns once the subscription stands: the broker has handed over a retained marker.
  explicit Listener(const BrokerAddress& broker) {
    const std::string port = std::to_string(broker.port);
    Child mark({"mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-r", "-t", "marker", "-m", "here", "-d"});
    EXPECT_FALSE(mark.wait_for("received PUBACK").empty());
    child_ = Child({"mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-t", "#", "-F", "%r %t %p"});
    hear("marker here");
  }

  // The next line with `part` in it.
  std::string hear(std::string_view part) {
    std::string line = child_.wait_for(part);
    EXPECT_FALSE(line.empty()) << "the connection ended before \"" << part << "\" was heard";
    return line;
  }

 private:
  Child child_;
};

}  // namespace firegate::simulate::testing
