// LiveClient: a command's end of the live feed, over the Unix socket of the running program: the client's part of a
// WebSocket (RFC 6455), as much of it as that program uses. Blocking; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"

namespace firegate::cli {

class LiveClient {
 public:
  // io_failed: nobody answers at the socket; refused: it lets us not in.
  static Result<LiveClient> open(const std::filesystem::path& socket);
  LiveClient(LiveClient&& other) noexcept;
  LiveClient& operator=(LiveClient&&) = delete;
  ~LiveClient();

  // The next text; none: `stop` was asked for. io_failed: the connection has ended, or says nothing for kSilence (the
  // program says something every 5 s).
  Result<std::optional<std::string>> next(const std::stop_token& stop);
  bool say(std::string_view text);

 private:
  explicit LiveClient(int socket) noexcept : socket_(socket) {}
  struct Frame {
    unsigned opcode = 0;
    bool last = false;
    std::string payload;
  };
  Result<std::string> shake_hands();
  std::optional<Frame> take_frame();
  Result<bool> receive(const std::stop_token& stop);  // false: stop
  bool send_frame(unsigned opcode, std::string_view payload);

  int socket_;
  std::string bytes_;    // received, not yet taken
  std::string message_;  // its fragments so far
};

}  // namespace firegate::cli
