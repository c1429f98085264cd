// Wire: the byte stream of one connection, whatever carries it: TCP, TLS or a Unix socket. HTTP and WebSocket are
// written on Wire alone, so that their templates are compiled once however many carriers there are. For Beast and Asio
// it is an AsyncReadStream and AsyncWriteStream; behind two virtual calls stands the real socket.
//
// Web thread only: there every executor is the same, so a handler is called where the socket's operation ends. One read
// and one write may be under way at a time. Errors come as Asio's; after close() or a time-out: operation_aborted.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "api/occupancy.h"
#include "api/peer.h"
#include "api/tls.h"

namespace firegate::api {

namespace asio = boost::asio;
using IoError = boost::system::error_code;

constexpr std::chrono::seconds kLinger{2};  // our choice: lets a refused sender read why

// Any completion handler of void(IoError, std::size_t), in a box; called once at most.
class IoHandler {
 public:
  template <typename Handler>
  explicit IoHandler(Handler&& handler)
      : held_(std::make_unique<Held<std::decay_t<Handler>>>(std::forward<Handler>(handler))) {}

  void operator()(IoError error, std::size_t bytes) {
    const auto held = std::move(held_);
    held->call(error, bytes);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void call(IoError error, std::size_t bytes) = 0;
  };
  template <typename Handler>
  struct Held final : Base {
    template <typename Given>
    explicit Held(Given&& given) : handler(std::forward<Given>(given)) {}
    void call(IoError error, std::size_t bytes) override { std::move(handler)(error, bytes); }
    Handler handler;
  };
  std::unique_ptr<Base> held_;
};

// The first buffers of a sequence, enough for one system call; a sequence itself.
template <typename Buffer>
class Gathered {
 public:
  using value_type = Buffer;
  using const_iterator = const Buffer*;

  template <typename Sequence>
  static Gathered of(const Sequence& sequence) {
    Gathered gathered;
    const auto end = asio::buffer_sequence_end(sequence);
    for (auto at = asio::buffer_sequence_begin(sequence); at != end && gathered.count_ < kMost; ++at) {
      const Buffer buffer(*at);
      if (buffer.size() > 0) gathered.buffers_[gathered.count_++] = buffer;
    }
    return gathered;
  }
  const_iterator begin() const noexcept { return buffers_.data(); }
  const_iterator end() const noexcept { return buffers_.data() + count_; }

 private:
  static constexpr std::size_t kMost = 16;
  std::array<Buffer, kMost> buffers_{};
  std::size_t count_ = 0;
};
using ReadBuffers = Gathered<asio::mutable_buffer>;
using WriteBuffers = Gathered<asio::const_buffer>;

// What carries the bytes. Lives as long as its Wire or an operation under way.
class Carrier : public std::enable_shared_from_this<Carrier> {
 public:
  virtual ~Carrier() = default;
  virtual asio::any_io_executor executor() = 0;
  virtual void handshake(IoHandler handler) = 0;  // nothing to do but for TLS
  virtual void read_some(const ReadBuffers& buffers, IoHandler handler) = 0;
  virtual void write_some(const WriteBuffers& buffers, IoHandler handler) = 0;
  virtual void close() noexcept = 0;
  // Says that nothing more comes, takes in what the peer still sends (closing while bytes are unread would reset the
  // connection before the peer has read the answer), then closes; within kLinger.
  virtual void close_gently() = 0;

  // Closes when it comes, until another is set.
  void set_deadline(std::chrono::milliseconds after);
  void set_no_deadline();

  Occupancy::Seat seat;

 protected:
  explicit Carrier(const asio::any_io_executor& executor) : deadline_(executor) {}

 private:
  asio::steady_timer deadline_;
  std::uint64_t turn_ = 0;
};

class Wire {
 public:
  using executor_type = asio::any_io_executor;

  Wire(std::shared_ptr<Carrier> carrier, Peer peer, Occupancy::Seat seat);

  executor_type get_executor() { return carrier_->executor(); }
  const Peer& peer() const noexcept { return peer_; }

  template <typename Token>
  auto async_handshake(Token&& token) {
    return asio::async_initiate<Token, void(IoError, std::size_t)>(
        [](auto handler, Carrier* carrier) { carrier->handshake(IoHandler(std::move(handler))); }, token,
        carrier_.get());
  }
  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(IoError, std::size_t)>(
        [](auto handler, Carrier* carrier, const ReadBuffers& gathered) {
          carrier->read_some(gathered, IoHandler(std::move(handler)));
        },
        token, carrier_.get(), ReadBuffers::of(buffers));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(IoError, std::size_t)>(
        [](auto handler, Carrier* carrier, const WriteBuffers& gathered) {
          carrier->write_some(gathered, IoHandler(std::move(handler)));
        },
        token, carrier_.get(), WriteBuffers::of(buffers));
  }

  // The connection closes after that time, until another is set; what is under way then ends with operation_aborted.
  void expires_after(std::chrono::milliseconds after) { carrier_->set_deadline(after); }
  void expires_never() { carrier_->set_no_deadline(); }
  void close() noexcept { carrier_->close(); }
  void close_gently() { carrier_->close_gently(); }
  // The connection is counted elsewhere from now on.
  void sit(Occupancy::Seat seat) { carrier_->seat = std::move(seat); }

 private:
  std::shared_ptr<Carrier> carrier_;
  Peer peer_;
};

std::shared_ptr<Carrier> carry(asio::ip::tcp::socket socket);
std::shared_ptr<Carrier> carry(asio::local::stream_protocol::socket socket);
std::shared_ptr<Carrier> carry(asio::ip::tcp::socket socket, TlsPairPtr tls);

}  // namespace firegate::api
