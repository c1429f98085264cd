// The listener and the HTTP connections. One of the two units that know Beast.
#include "api/server.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <mutex>
#include <random>
#include <thread>

#include "api/beast_connections.h"
#include "api/bodies.h"
#include "api/problem.h"
#include "core/log.h"

namespace firegate::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kMaxHeaderBytes = 8 * 1024;  // reliability, T28
constexpr seconds kAnswerWithin{15};                 // our choice
constexpr seconds kWriteWithin{30};                  // our choice: a large snapshot to a slow reader
constexpr seconds kIdle{60};                         // our choice: between two requests of a connection
constexpr seconds kLinger{2};                        // our choice: lets a refused sender read why
constexpr std::size_t kArchiveThreads = 2;           // architecture, section 4

// Posts onto the web thread, from any thread, also before and after its life: then nothing happens.
class Mailbox {
 public:
  void open(asio::io_context& io) {
    const std::lock_guard lock(mutex_);
    io_ = &io;
  }
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (io_) asio::post(*io_, std::move(task));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* io_ = nullptr;
};

Request to_request(const http::request<http::string_body>& message) {
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) request.headers.push_back({field.name_string(), field.value()});
  request.body = message.body();
  return request;
}

http::response<http::string_body> to_message(Response response, unsigned version, bool is_head, bool keep_alive) {
  http::response<http::string_body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  if (response.status != 304) {
    message.set(http::field::content_type, response.content_type);
    message.content_length(response.body.size());
  }
  for (const Header& header : response.headers) message.insert(header.name, header.value);
  message.keep_alive(keep_alive);
  if (!is_head) message.body() = std::move(response.body);
  return message;
}

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(tcp::socket socket, Hub& hub, Millis read_within)
      : stream_(std::move(socket)), hub_(hub), read_within_(read_within), answer_deadline_(stream_.get_executor()) {
    ++hub_.http_connections;
  }
  ~HttpSession() { --hub_.http_connections; }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void start() { read_request(); }

 private:
  // Between requests a connection may rest for longer than a request may take.
  void await_request() {
    if (buffer_.size() > 0) return read_request();
    stream_.expires_after(kIdle);
    stream_.async_read_some(buffer_.prepare(1024),
                            beast::bind_front_handler(&HttpSession::on_first_bytes, shared_from_this()));
  }

  void on_first_bytes(beast::error_code error, std::size_t bytes) {
    if (error) return;
    buffer_.commit(bytes);
    read_request();
  }

  void read_request() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(kMaxBodyBytes);
    stream_.expires_after(read_within_);
    http::async_read(stream_, buffer_, *parser_,
                     beast::bind_front_handler(&HttpSession::on_request, shared_from_this()));
  }

  void on_request(beast::error_code error, std::size_t) {
    if (error) return on_unreadable(error);
    const auto& message = parser_->get();
    version_ = message.version();
    is_head_ = message.method() == http::verb::head;
    keep_alive_ = message.keep_alive();
    if (beast::websocket::is_upgrade(message)) return upgrade();
    ask(to_request(message));
  }

  void ask(Request request) {
    const std::uint64_t turn = ++turn_;
    answer_deadline_.expires_after(kAnswerWithin);
    answer_deadline_.async_wait(beast::bind_front_handler(&HttpSession::on_deadline, shared_from_this(), turn));
    hub_.service.handle(std::move(request), [post = hub_.post, weak = weak_from_this(), turn](Response response) {
      post([weak, turn, response = std::move(response)]() mutable {
        if (const auto self = weak.lock()) self->answer(turn, std::move(response));
      });
    });
  }

  void on_deadline(std::uint64_t turn, beast::error_code error) {
    if (error || turn != turn_) return;
    keep_alive_ = false;
    answer(turn, hub_.service.unreadable(504, "timed_out",
                                         fmt::format("answering: nothing within {} s", kAnswerWithin.count())));
  }

  void answer(std::uint64_t turn, Response response) {
    if (turn != turn_) return;  // too late: the deadline has answered
    ++turn_;
    answer_deadline_.cancel();
    write(std::move(response));
  }

  void upgrade() {
    auto refusal = hub_.service.refuse_upgrade(to_request(parser_->get()));
    if (!refusal && hub_.live_connections >= kMaxLiveConnections) {
      refusal = hub_.service.unreadable(
          503, "overloaded", fmt::format("opening a live feed: {} are open, that is all", hub_.live_connections));
    }
    if (!refusal) return start_live_session(std::move(stream_), parser_->release(), hub_);
    write(std::move(*refusal));
  }

  void on_unreadable(beast::error_code error) {
    keep_alive_ = false;
    if (error == http::error::header_limit) {
      write(hub_.service.unreadable(431, "too_large",
                                    fmt::format("reading the header: expected at most {} bytes", kMaxHeaderBytes)));
    } else if (error == http::error::body_limit) {
      write(hub_.service.unreadable(413, "too_large",
                                    fmt::format("reading the body: expected at most {} bytes", kMaxBodyBytes)));
    } else if (error.category() == make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      write(hub_.service.unreadable(400, "bad_input", fmt::format("reading a request: {}", error.message())));
    }  // else the peer is gone, or was too slow: nothing to say
  }

  void write(Response response) {
    message_ = to_message(std::move(response), version_, is_head_, keep_alive_);
    stream_.expires_after(kWriteWithin);
    http::async_write(stream_, message_, beast::bind_front_handler(&HttpSession::on_write, shared_from_this()));
  }

  void on_write(beast::error_code error, std::size_t) {
    if (error) return;
    if (keep_alive_) return await_request();
    linger();
  }

  // Closing while bytes are unread would reset the connection before the peer has read the answer.
  void linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    drain();
  }
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096),
                            beast::bind_front_handler(&HttpSession::on_drain, shared_from_this()));
  }
  void on_drain(beast::error_code error, std::size_t) {
    if (!error) drain();
  }

  beast::tcp_stream stream_;
  Hub& hub_;
  Millis read_within_;
  asio::steady_timer answer_deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> message_;
  std::uint64_t turn_ = 0;  // number of the request that is being answered
  unsigned version_ = 11;
  bool is_head_ = false;
  bool keep_alive_ = false;
};

std::string random_word() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

class Server::Impl {
 public:
  Impl(Settings settings, Deps deps, Timing timing)
      : settings_(std::move(settings)),
        timing_(timing),
        health_(deps.health),
        intake_(deps.intake),
        feed_({random_word(), deps.version}, deps.live, settings_.posts, deps.self_fault, deps.metrics),
        archive_factory_(std::move(deps.archive)),
        context_{deps.acts,
                 deps.devices,
                 deps.health,
                 deps.tray,
                 deps.metrics,
                 deps.clock,
                 feed_,
                 [this](ArchiveJob job) { return jobs_ && jobs_->post(std::move(job)); },
                 [mailbox = mailbox_](std::function<void()> task) { mailbox->post(std::move(task)); },
                 std::move(deps.assets),
                 std::move(deps.rules)},
        service_(context_, deps.metrics, random_word()),
        hub_{service_, feed_, deps.clock, context_.post} {
    mailbox_->open(io_);
  }
  ~Impl() { mailbox_->close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    if (auto bound = bind(); !bound) return bound;
    jobs_.emplace(archive_factory_, kArchiveThreads);
    intake_.attach([mailbox = mailbox_, this] { mailbox->post([this] { take_alarms(); }); });
    tick();
    accept();
    thread_ = std::jthread([this] { io_.run(); });
    log::info("web_listening", {{"address", settings_.address}, {"port", port_}});
    return {};
  }

  void stop() {
    if (!thread_.joinable()) return;
    intake_.attach(nullptr);
    mailbox_->post([this] { close(); });
    thread_.join();
    mailbox_->close();
    jobs_.reset();
  }

  std::uint16_t port() const noexcept { return port_; }

 private:
  Result<void> bind() {
    if (!is_loopback_address(settings_.address)) {
      return fail(ErrorCode::bad_input,
                  fmt::format("binding {}: expected 127.0.0.1 or ::1: there are no accounts, so only people at this "
                              "machine may act",
                              settings_.address));
    }
    beast::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(settings_.address, error), settings_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(ErrorCode::io_failed,
                  fmt::format("binding {} port {}: {}", settings_.address, settings_.port, error.message()));
    }
    port_ = acceptor_.local_endpoint().port();
    return {};
  }

  void accept() { acceptor_.async_accept(beast::bind_front_handler(&Impl::on_accept, this)); }

  void on_accept(beast::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {  // mostly: no file descriptor left; those in use come back
      log::warning("accept_failed", {{"reason", error.message()}});
      accept_pause_.expires_after(milliseconds{100});
      accept_pause_.async_wait(beast::bind_front_handler(&Impl::on_accept_pause, this));
      return;
    }
    if (hub_.http_connections < kMaxHttpConnections) {
      std::make_shared<HttpSession>(std::move(socket), hub_, timing_.read_within)->start();
    }  // else the socket closes here
    accept();
  }
  void on_accept_pause(beast::error_code) {
    if (acceptor_.is_open()) accept();
  }

  void tick() {
    feed_.tick(health_.health(), hub_.now());
    ticker_.expires_after(timing_.tick);
    ticker_.async_wait(beast::bind_front_handler(&Impl::on_tick, this));
  }
  void on_tick(beast::error_code error) {
    if (!error && !closing_) tick();
  }

  void take_alarms() {
    for (const Alarm& alarm : intake_.take()) feed_.alarm_changed(alarm);
  }

  void close() {
    closing_ = true;
    beast::error_code ignored;
    acceptor_.close(ignored);
    take_alarms();
    feed_.shut_down();
    await_farewells();
  }
  // Until every live feed has had its bye, for half a second at most.
  void await_farewells() {
    if (hub_.live_connections == 0 || ++farewell_checks_ > 50) return io_.stop();
    ticker_.expires_after(milliseconds{10});
    ticker_.async_wait(beast::bind_front_handler(&Impl::on_farewell, this));
  }
  void on_farewell(beast::error_code) { await_farewells(); }

  // Connections live in the handlers that wait in io_: what they use stands before it and goes after it.
  Settings settings_;
  Timing timing_;
  const HealthSource& health_;
  LiveIntake& intake_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  LiveFeed feed_;
  ArchiveFactory archive_factory_;
  Context context_;
  Service service_;
  Hub hub_;
  asio::io_context io_{1};
  std::optional<ArchiveJobs> jobs_;
  tcp::acceptor acceptor_{io_};
  asio::steady_timer ticker_{io_};
  asio::steady_timer accept_pause_{io_};
  std::uint16_t port_ = 0;
  int farewell_checks_ = 0;
  bool closing_ = false;
  std::jthread thread_;
};

Server::Server(Settings settings, Deps deps, Timing timing)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(deps), timing)) {}
Server::~Server() { stop(); }
Result<void> Server::start() { return impl_->start(); }
void Server::stop() noexcept { impl_->stop(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }

}  // namespace firegate::api
