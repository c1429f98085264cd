// Connection: one TCP connection of a unit (or of several behind one gateway). Bytes in, frames out: it splits the
// stream, waits with the next read until what was read is on disk and answered, and ends itself when the other side
// sends garbage, is silent or does not read. Owned by the GbLink's desk; the io thread.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "drivers/gb26875/frame.h"
#include "ingest/inbox.h"
#include "metrics/metrics.h"

namespace firegate::gb_link {

// All our choice.
constexpr Millis kRestOfFrameWithin{10'000};     // then the rest is not waited for any more
constexpr Millis kFirstFrameWithin{60'000};      // of a new connection
constexpr Millis kReadByPeerWithin{30'000};      // what we send
constexpr std::size_t kMostUnsent = 64 * 1024;   // bytes that the other side has not read
constexpr std::size_t kMostGarbage = 16 * 1024;  // bytes since the last right frame
constexpr std::size_t kMostWrong = 20;           // wrong frames since the last right one
constexpr std::size_t kBytesPerSecond =
    64 * 1024;  // beyond that the connection waits: some 2,000 short frames a second

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // Who understands the frames. Called on the io thread; outlives the connection's `close`.
  class Desk {
   public:
    virtual ~Desk() = default;
    virtual void on_frame(Connection& from, const gb26875::Inspected& found) = 0;  // right or wrong
    virtual void on_closed(Connection& connection) = 0;                            // by either side, once
  };
  struct Needs {
    ingest::Inbox& inbox;
    Clock& clock;
    metrics::Metrics& metrics;
  };

  Connection(boost::asio::ip::tcp::socket socket, std::string peer, const Needs& needs, Desk& desk);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() { read(); }
  // Answers what is being read; leaves once the inbox has synced `seq` (0: at once). Only within on_frame.
  void answer(std::string bytes, InboxSeq seq);
  // Sends now.
  void send(std::string bytes);
  // Ends the connection and counts why.
  void cut(metrics::GbCut why);
  // Ends it without a word to the desk.
  void close() noexcept;
  // Once a second: time limits, and the bytes of the next second.
  void look(Steady now, Millis silent_after);

  const std::string& peer() const noexcept { return peer_; }
  std::vector<std::uint64_t>& units() noexcept { return units_; }  // that speak through it; kept by the desk

 private:
  void read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void drain();
  void settle();
  void synced();
  void write();
  void on_written(const boost::system::error_code& error);
  void end();

  boost::asio::ip::tcp::socket socket_;
  const std::string peer_;
  const Needs needs_;
  Desk* desk_;  // null: closed
  std::vector<std::uint64_t> units_;

  gb26875::FrameSplitter splitter_;
  std::array<char, 8 * 1024> buffer_{};
  std::size_t allowance_ = kBytesPerSecond;
  std::uint64_t garbage_seen_ = 0, garbage_since_frame_ = 0;
  std::size_t wrong_since_frame_ = 0;
  Steady heard_at_, read_at_;
  bool any_frame_ = false;
  bool reading_ = false;

  std::vector<std::string> answers_;  // wait for the inbox
  InboxSeq covers_ = 0;
  bool syncing_ = false;

  std::deque<std::string> unsent_;
  std::size_t unsent_bytes_ = 0;
  bool writing_ = false;
  Steady writing_since_{};
};

}  // namespace firegate::gb_link
