#include "cli/live_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace firegate::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSilence{20};         // three heartbeats have not come; our choice
constexpr int kLookMs = 200;                         // how often `stop` is looked at; our choice
constexpr std::uint64_t kLargestFrame = 64u << 20u;  // our choice: a snapshot is below

// RFC 6455, section 5.2
constexpr unsigned kContinuation = 0x0, kText = 0x1, kClose = 0x8, kPing = 0x9, kPong = 0xA;

// The key is there for proxies and caches that might answer instead of the server, and the mask for those that might
// read frames as requests: at a Unix socket there are none, so both are constants.
constexpr std::string_view kRequest =
    "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZmlyZWdhdGUgYXQgaG9tZQ==\r\n"
    "Sec-WebSocket-Protocol: firegate.v1\r\n\r\n";

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8u | static_cast<unsigned char>(c);
  return number;
}

}  // namespace

LiveClient::LiveClient(LiveClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), bytes_(std::move(other.bytes_)), message_(std::move(other.message_)) {}

LiveClient::~LiveClient() {
  if (socket_ >= 0) ::close(socket_);
}

Result<LiveClient> LiveClient::open(const std::filesystem::path& path) {
  const std::string text = path.string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (text.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::io_failed, fmt::format("asking the gateway at {}: the path is too long for a socket", text));
  }
  text.copy(address.sun_path, text.size());
  LiveClient client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (client.socket_ < 0 || ::connect(client.socket_, to, sizeof address) != 0) {
    return fail(ErrorCode::io_failed,
                fmt::format("asking the gateway at {}: {}; expected it to run, and you to be root or its user", text,
                            std::strerror(errno)));
  }
  const auto answered = client.shake_hands();
  if (!answered) return tl::unexpected<Error>(answered.error());
  if (!answered->starts_with("HTTP/1.1 101 ")) {
    return fail(ErrorCode::refused, fmt::format("opening the live feed at {}: found \"{}\", expected to be let in",
                                                text, answered->substr(0, answered->find('\r'))));
  }
  return client;
}

// The head of the answer.
Result<std::string> LiveClient::shake_hands() {
  if (!send_all(socket_, kRequest)) return fail(ErrorCode::io_failed, "opening the live feed: the connection ended");
  constexpr std::string_view kEnd = "\r\n\r\n";
  while (bytes_.find(kEnd) == std::string::npos) {
    if (const auto received = receive({}); !received) return tl::unexpected<Error>(received.error());
  }
  const std::size_t end = bytes_.find(kEnd);
  std::string head = bytes_.substr(0, end);
  bytes_.erase(0, end + kEnd.size());
  return head;
}

Result<std::optional<std::string>> LiveClient::next(const std::stop_token& stop) {
  while (true) {
    while (auto frame = take_frame()) {
      if (frame->opcode == kPing) send_frame(kPong, frame->payload);
      if (frame->opcode == kClose) return fail(ErrorCode::io_failed, "watching: the gateway has closed the live feed");
      if (frame->opcode != kText && frame->opcode != kContinuation) continue;
      message_ += frame->payload;
      if (frame->last) return std::optional(std::exchange(message_, {}));
    }
    const auto received = receive(stop);
    if (!received) return tl::unexpected<Error>(received.error());
    if (!*received) return std::nullopt;
  }
}

bool LiveClient::say(std::string_view text) { return send_frame(kText, text); }

// None: it is not whole yet.
std::optional<LiveClient::Frame> LiveClient::take_frame() {
  if (bytes_.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes_[0]);
  std::uint64_t length = static_cast<unsigned char>(bytes_[1]) & 0x7Fu;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes_.size() < 2 + more) return std::nullopt;
  if (more > 0) length = number_of(std::string_view(bytes_).substr(2, more));
  if (bytes_.size() - 2 - more < length) return std::nullopt;
  Frame frame{first & 0x0Fu, (first & 0x80u) != 0, bytes_.substr(2 + more, length)};
  bytes_.erase(0, 2 + more + length);
  return frame;
}

Result<bool> LiveClient::receive(const std::stop_token& stop) {
  if (bytes_.size() > kLargestFrame) {
    return fail(ErrorCode::io_failed, fmt::format("watching: found a frame over {} bytes", kLargestFrame));
  }
  const auto deadline = Clock::now() + kSilence;
  std::array<char, 65536> chunk;
  while (!stop.stop_requested()) {
    pollfd watched{socket_, POLLIN, 0};
    const int ready = ::poll(&watched, 1, kLookMs);
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::io_failed, "watching: cannot wait for the socket");
    if (ready > 0) {
      const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return fail(ErrorCode::io_failed, "watching: the gateway has ended the connection");
      bytes_.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (Clock::now() >= deadline) {
      return fail(ErrorCode::io_failed, fmt::format("watching: nothing was heard for {} s", kSilence.count()));
    }
  }
  return false;
}

bool LiveClient::send_frame(unsigned opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80u | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80u | payload.size());
  } else {
    frame += static_cast<char>(0x80u | 126u);
    frame += static_cast<char>(payload.size() >> 8u & 0xFFu);
    frame += static_cast<char>(payload.size() & 0xFFu);
  }
  frame.append(4, '\0').append(payload);
  return send_all(socket_, frame);
}

}  // namespace firegate::cli
