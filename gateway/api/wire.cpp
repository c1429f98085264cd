#include "api/wire.h"

#include <boost/asio/ssl/stream.hpp>

namespace firegate::api {
namespace {

// What every socket does alike.
template <typename Socket>
class SocketCarrier : public Carrier {
 public:
  void close() noexcept override {
    IoError ignored;
    socket().close(ignored);
  }
  asio::any_io_executor executor() override { return socket().get_executor(); }

 protected:
  using Carrier::Carrier;
  virtual Socket& socket() = 0;

  void finish_and_drain() {
    IoError ignored;
    socket().shutdown(asio::socket_base::shutdown_send, ignored);
    drained_ = std::make_unique<std::array<char, 4096>>();
    drain();
  }

 private:
  void drain() {
    socket().async_read_some(asio::buffer(*drained_),
                             [self = this->shared_from_this(), this](IoError error, std::size_t) {
                               if (!error) return drain();
                               close();
                             });
  }

  std::unique_ptr<std::array<char, 4096>> drained_;  // read and thrown away
};

template <typename Socket>
class PlainCarrier final : public SocketCarrier<Socket> {
 public:
  explicit PlainCarrier(Socket socket) : SocketCarrier<Socket>(socket.get_executor()), socket_(std::move(socket)) {}

  void handshake(IoHandler handler) override { handler({}, 0); }
  void read_some(const ReadBuffers& buffers, IoHandler handler) override {
    socket_.async_read_some(buffers, std::move(handler));
  }
  void write_some(const WriteBuffers& buffers, IoHandler handler) override {
    socket_.async_write_some(buffers, std::move(handler));
  }
  void close_gently() override {
    this->set_deadline(kLinger);
    this->finish_and_drain();
  }

 private:
  Socket& socket() override { return socket_; }

  Socket socket_;
};

class TlsCarrier final : public SocketCarrier<asio::ip::tcp::socket> {
 public:
  TlsCarrier(asio::ip::tcp::socket socket, TlsPairPtr tls)
      : SocketCarrier(socket.get_executor()), tls_(std::move(tls)), stream_(std::move(socket), tls_->context()) {}

  void handshake(IoHandler handler) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [handler = std::move(handler)](IoError error) mutable { handler(error, 0); });
  }
  void read_some(const ReadBuffers& buffers, IoHandler handler) override {
    stream_.async_read_some(buffers, std::move(handler));
  }
  void write_some(const WriteBuffers& buffers, IoHandler handler) override {
    stream_.async_write_some(buffers, std::move(handler));
  }
  // TLS says "nothing more" itself (RFC 8446, section 6.1), then so does TCP.
  void close_gently() override {
    set_deadline(kLinger);
    stream_.async_shutdown([self = shared_from_this(), this](IoError) { finish_and_drain(); });
  }

 private:
  asio::ip::tcp::socket& socket() override { return stream_.next_layer(); }

  TlsPairPtr tls_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace

void Carrier::set_deadline(std::chrono::milliseconds after) {
  deadline_.expires_after(after);
  deadline_.async_wait([weak = weak_from_this(), turn = ++turn_](IoError error) {
    const auto self = weak.lock();
    if (!error && self && turn == self->turn_) self->close();
  });
}

void Carrier::set_no_deadline() {
  ++turn_;
  deadline_.cancel();
}

Wire::Wire(std::shared_ptr<Carrier> carrier, Peer peer, Occupancy::Seat seat)
    : carrier_(std::move(carrier)), peer_(std::move(peer)) {
  carrier_->seat = std::move(seat);
}

std::shared_ptr<Carrier> carry(asio::ip::tcp::socket socket) {
  return std::make_shared<PlainCarrier<asio::ip::tcp::socket>>(std::move(socket));
}
std::shared_ptr<Carrier> carry(asio::local::stream_protocol::socket socket) {
  return std::make_shared<PlainCarrier<asio::local::stream_protocol::socket>>(std::move(socket));
}
std::shared_ptr<Carrier> carry(asio::ip::tcp::socket socket, TlsPairPtr tls) {
  return std::make_shared<TlsCarrier>(std::move(socket), std::move(tls));
}

}  // namespace firegate::api
