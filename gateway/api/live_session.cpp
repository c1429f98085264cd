// LiveSession: carries the frames of one live feed over a WebSocket. One of the two units that know Beast.
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <optional>

#include "api/beast_connections.h"
#include "core/log.h"

namespace firegate::api {
namespace {

namespace websocket = boost::beast::websocket;

constexpr std::size_t kMaxFrameBytes = 64 * 1024;     // from a client (reliability, T16)
constexpr std::chrono::seconds kHandshakeWithin{10};  // our choice
constexpr std::chrono::seconds kPingAfter{30};        // half of it idle: Beast pings, and closes when nothing answers

// Beast aborts on two concurrent writes: a frame is taken from the feed only when the last one is written.
class LiveSession final : public LiveSocket, public std::enable_shared_from_this<LiveSession> {
 public:
  LiveSession(Wire wire, http::request<http::string_body> request, Watcher watcher, Hub& hub)
      : ws_(std::move(wire)), request_(std::move(request)), watcher_(std::move(watcher)), hub_(hub) {
    ++hub_.live_connections;
  }
  ~LiveSession() override {
    if (client_) hub_.feed.leave(*client_);
    --hub_.live_connections;
  }
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  void start() {
    beast::get_lowest_layer(ws_).expires_never();  // the WebSocket has its own timeouts
    ws_.set_option(websocket::stream_base::timeout{kHandshakeWithin, 2 * kPingAfter, true});
    ws_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& response) { response.set(http::field::sec_websocket_protocol, kSubprotocol); }));
    ws_.read_message_max(kMaxFrameBytes);
    ws_.text(true);
    ws_.async_accept(request_, beast::bind_front_handler(&LiveSession::on_accept, shared_from_this()));
  }

  void wake() override {
    if (writing_ || closing_ || !client_) return;
    frame_ = hub_.feed.take(*client_, hub_.now());
    if (!frame_) return;
    writing_ = true;
    ws_.async_write(asio::buffer(*frame_->text), beast::bind_front_handler(&LiveSession::on_write, shared_from_this()));
  }

  void abort() override {
    closing_ = true;
    beast::get_lowest_layer(ws_).close();
  }

 private:
  void on_accept(beast::error_code error) {
    if (error) return;
    request_ = {};
    client_ = hub_.feed.join(*this, std::move(watcher_), hub_.now());
    wake();
    read();
  }

  void read() { ws_.async_read(buffer_, beast::bind_front_handler(&LiveSession::on_read, shared_from_this())); }

  void on_read(beast::error_code error, std::size_t) {
    if (error || closing_) {
      closing_ = true;
      return;
    }
    const auto bytes = buffer_.data();
    const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    const auto read_well = ws_.got_text() ? hub_.feed.received(*client_, text, hub_.now())
                                          : fail(ErrorCode::bad_input, "reading a frame: found bytes, expected text");
    if (!read_well) {
      log::warning("live_frame_refused", {{"reason", read_well.error().message}});
      return close(websocket::close_code::policy_error);
    }
    buffer_.clear();
    read();
  }

  void on_write(beast::error_code error, std::size_t) {
    writing_ = false;
    if (error) {
      closing_ = true;
    } else if (frame_->close_after) {
      close(websocket::close_code::going_away);
    } else {
      wake();
    }
  }

  void close(websocket::close_code code) {
    if (std::exchange(closing_, true)) return;
    ws_.async_close(code, beast::bind_front_handler(&LiveSession::on_close, shared_from_this()));
  }
  void on_close(beast::error_code) {}

  websocket::stream<Wire> ws_;
  http::request<http::string_body> request_;
  Watcher watcher_;  // until the feed has it
  Hub& hub_;
  beast::flat_buffer buffer_;
  std::optional<ClientId> client_;  // from the handshake on
  std::optional<Frame> frame_;      // being written
  bool writing_ = false;
  bool closing_ = false;
};

}  // namespace

void start_live_session(Wire wire, http::request<http::string_body> request, Watcher watcher, Hub& hub) {
  std::make_shared<LiveSession>(std::move(wire), std::move(request), std::move(watcher), hub)->start();
}

}  // namespace firegate::api
