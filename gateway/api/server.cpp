// The HTTP connections and the web thread. One of the two units that know Beast.
#include "api/server.h"

#include <fmt/format.h>

#include <atomic>
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
#include "api/certificate_watch.h"
#include "api/device_bodies.h"
#include "api/listeners.h"
#include "api/password_jobs.h"
#include "api/problem.h"
#include "api/rule_bodies.h"
#include "core/log.h"

namespace firegate::api {
namespace {

using metrics::HttpRefusal;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kMaxHeaderBytes = 8 * 1024;       // reliability, T28
constexpr seconds kAnswerWithin{15};                      // our choice
constexpr seconds kWriteWithin{30};                       // our choice: a large snapshot to a slow reader
constexpr seconds kIdle{60};                              // our choice: between two requests of a connection
constexpr std::string_view kOnlyHttps = "max-age=86400";  // a day, our choice: a wrong turn mends itself
constexpr std::size_t kArchiveThreads = 2;                // architecture, section 4
constexpr std::string_view kHttpsPart = "https";          // of the fault config_refused

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
  HttpSession(Wire wire, Hub& hub) : stream_(std::move(wire)), hub_(hub), answer_deadline_(stream_.get_executor()) {}
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void start() {
    stream_.expires_after(hub_.read_within);
    stream_.async_handshake(beast::bind_front_handler(&HttpSession::on_handshake, shared_from_this()));
  }

 private:
  void on_handshake(beast::error_code error, std::size_t) {
    if (error) return hub_.metrics.http_refused[HttpRefusal::handshake_failed].add();
    read_request();
  }

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
    parser_->body_limit(kMaxImportBody);
    stream_.expires_after(hub_.read_within);
    http::async_read_header(stream_, buffer_, *parser_,
                            beast::bind_front_handler(&HttpSession::on_header, shared_from_this()));
  }

  // The header says how much may follow it.
  void on_header(beast::error_code error, std::size_t) {
    if (error) return on_unreadable(error);
    const auto& message = parser_->get();
    const std::string_view method{message.method_string().data(), message.method_string().size()};
    const std::string_view target{message.target().data(), message.target().size()};
    const std::size_t most = takes_table(method, target)        ? kMaxImportBody
                             : takes_picture(method, target)    ? kMaxPictureBytes
                             : takes_rule_files(method, target) ? kMaxRuleBody
                                                                : kMaxBodyBytes;
    if (parser_->content_length().value_or(0) > most) return on_unreadable(http::error::body_limit);
    parser_->body_limit(most);
    http::async_read(stream_, buffer_, *parser_,
                     beast::bind_front_handler(&HttpSession::on_request, shared_from_this()));
  }

  void on_request(beast::error_code error, std::size_t) {
    if (error) return on_unreadable(error);
    stream_.expires_never();  // from here on the answer has a deadline
    const auto& message = parser_->get();
    version_ = message.version();
    is_head_ = message.method() == http::verb::head;
    keep_alive_ = message.keep_alive();
    Request request = to_request(message);
    set_origin(request, stream_.peer(), hub_.trusted_proxies);
    if (auto refusal = refuse_unknown_proxy(request, stream_.peer(), hub_.trusted_proxies))
      return turn_away(std::move(*refusal));
    if (beast::websocket::is_upgrade(message)) return upgrade(std::move(request));
    ask(std::move(request));
  }

  void turn_away(Response refusal) {
    hub_.metrics.http_refused[HttpRefusal::stranger].add();
    write(std::move(refusal));
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

  void upgrade(Request request) {
    auto watcher = hub_.service.admit_upgrade(std::move(request));
    if (!watcher) return write(std::move(watcher.error()));
    auto seat = hub_.live.take(stream_.peer());
    if (!seat) {
      hub_.metrics.http_refused[HttpRefusal::live_full].add();
      return write(hub_.service.unreadable(
          503, "overloaded", fmt::format("opening a live feed: {} are open, that is all", hub_.live.taken())));
    }
    stream_.sit(std::move(*seat));
    start_live_session(std::move(stream_), parser_->release(), std::move(*watcher), hub_);
  }

  void on_unreadable(beast::error_code error) {
    keep_alive_ = false;
    if (error == http::error::header_limit || error == http::error::body_limit) {
      hub_.metrics.http_refused[HttpRefusal::too_large].add();
    }
    if (error == http::error::header_limit) {
      write(hub_.service.unreadable(431, "too_large",
                                    fmt::format("reading the header: expected at most {} bytes", kMaxHeaderBytes)));
    } else if (error == http::error::body_limit) {
      write(hub_.service.unreadable(413, "too_large",
                                    fmt::format("reading the body: expected at most {} bytes, with rule files {}, of a table {}",
                                                kMaxBodyBytes, kMaxRuleBody, kMaxImportBody)));
    } else if (error.category() == make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      write(hub_.service.unreadable(400, "bad_input", fmt::format("reading a request: {}", error.message())));
    } else if (error == asio::error::operation_aborted) {
      hub_.metrics.http_refused[HttpRefusal::too_slow].add();
    }  // else the peer is gone: nothing to say
  }

  void write(Response response) {
    message_ = to_message(std::move(response), version_, is_head_, keep_alive_);
    if (stream_.peer().secure) message_.set(http::field::strict_transport_security, kOnlyHttps);
    stream_.expires_after(kWriteWithin);
    http::async_write(stream_, message_, beast::bind_front_handler(&HttpSession::on_write, shared_from_this()));
  }

  void on_write(beast::error_code error, std::size_t) {
    if (error == asio::error::operation_aborted) hub_.metrics.http_refused[HttpRefusal::too_slow].add();
    if (error) return;
    if (keep_alive_) return await_request();
    stream_.close_gently();
  }

  Wire stream_;
  Hub& hub_;
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
        self_fault_(deps.self_fault),
        intake_(deps.intake),
        reach_(reach_of(settings_.hosts, nullptr, 0)),
        http_seats_(settings_.max_connections, settings_.max_connections_per_address),
        live_seats_(settings_.max_live, settings_.max_connections_per_address),
        certificate_watch_(deps.self_fault),
        feed_({random_word(), deps.version}, deps.live, settings_.posts, deps.self_fault, deps.metrics,
              [this] { mailbox_->post([this] { feed_.serve_machines(); }); }),
        door_(
            std::move(deps.accounts), deps.account_store, feed_, deps.metrics, deps.clock,
            [mailbox = mailbox_](std::function<void()> task) { mailbox->post(std::move(task)); },
            [this](PasswordJob job) { return passwords_ && passwords_->post(std::move(job)); }),
        archive_factory_(std::move(deps.archive)),
        journal_check_(archive_factory_, deps.clock),
        context_{deps.acts,
                 deps.devices,
                 deps.health,
                 deps.tray,
                 deps.metrics,
                 deps.clock,
                 feed_,
                 door_,
                 [this](ArchiveJob job) { return jobs_ && jobs_->post(std::move(job)); },
                 [mailbox = mailbox_](std::function<void()> task) { mailbox->post(std::move(task)); },
                 std::move(deps.assets),
                 deps.rules,
                 deps.device_desk,
                 journal_check_,
                 std::move(deps.places),
                 &reach_,
                 deps.pushes,
                 deps.pictures,
                 deps.commands},
        service_(context_, deps.metrics, random_word()),
        hub_{service_,     feed_, deps.clock, deps.metrics, live_seats_, settings_.trusted_proxies, timing_.read_within,
             context_.post},
        listeners_(io_, http_seats_, deps.metrics,
                   [this](Wire wire) { std::make_shared<HttpSession>(std::move(wire), hub_)->start(); }) {
    mailbox_->open(io_);
  }
  ~Impl() { mailbox_->close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    look_for_room();
    auto bound = listeners_.open_plain(settings_.address, settings_.port);
    if (!bound) return tl::unexpected(bound.error());
    port_ = *bound;
    if (auto opened = open_local(); !opened) return opened;
    if (auto opened = start_https(); !opened) return opened;
    jobs_.emplace(archive_factory_, kArchiveThreads);
    passwords_.emplace();
    intake_.attach([mailbox = mailbox_, this] { mailbox->post([this] { take_alarms(); }); });
    tick();
    thread_ = std::jthread([this] { io_.run(); });
    log::info("web_listening", {{"address", settings_.address}, {"port", port_}});
    return {};
  }

  Result<void> reload_tls() {
    if (!settings_.https) return {};
    auto pair =
        TlsPair::load(settings_.https->certificate, settings_.https->key, hub_.clock.now(), TlsPair::Ended::refused);
    if (!pair) {
      refuse_certificate(pair.error());
      return tl::unexpected(pair.error());
    }
    self_fault_.clear(SelfFaultCode::config_refused, kHttpsPart);
    mailbox_->post([this, pair = std::move(*pair)] {
      if (auto used = use(pair); !used) refuse_certificate(used.error());
    });
    return {};
  }

  std::optional<Instant> certificate_ends_at() const noexcept {
    const Millis::rep ends = certificate_ends_.load();
    return ends == 0 ? std::nullopt : std::optional(Instant{Millis{ends}});
  }

  void stop() {
    if (!thread_.joinable()) return;
    intake_.attach(nullptr);
    mailbox_->post([this] { close(); });
    thread_.join();
    mailbox_->close();
    journal_check_.end();
    jobs_.reset();
    passwords_.reset();
  }

  const std::optional<std::string>& setup_code() const noexcept { return door_.accounts.setup_code(); }
  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t https_port() const noexcept { return https_port_; }

 private:
  // Connections must not take the descriptors that store, inbox and broker need.
  void look_for_room() {
    const std::size_t wanted = settings_.max_connections + settings_.max_live, room = room_for_connections();
    if (room >= wanted) return;
    log::warning("few_descriptors", {{"connections_wanted", wanted}, {"room", room}});
    http_seats_.limit_to(settings_.max_connections * room / wanted);
    live_seats_.limit_to(settings_.max_live * room / wanted);
  }

  Result<void> open_local() {
    if (settings_.socket.empty()) return {};
    auto opened = listeners_.open_local(settings_.socket);
    if (opened) log::info("web_listening", {{"socket", settings_.socket.string()}});
    return opened;
  }

  Result<void> start_https() {
    if (!settings_.https) return {};
    auto pair =
        TlsPair::load(settings_.https->certificate, settings_.https->key, hub_.clock.now(), TlsPair::Ended::taken);
    if (pair) return use(*pair);
    refuse_certificate(pair.error());
    return {};
  }

  void refuse_certificate(const Error& error) {
    log::error("certificate_refused", {{"error", error.message}});
    self_fault_.raise(SelfFaultCode::config_refused, kHttpsPart, error.message);
  }

  // From now on new connections get this certificate. Before the web thread runs, or on it.
  Result<void> use(const TlsPairPtr& pair) {
    tls_ = pair;
    if (https_port_ == 0) {
      const HttpsSettings& https = *settings_.https;
      auto bound = listeners_.open_https(https.address, https.port, [this] { return tls_; });
      if (!bound) return tl::unexpected(bound.error());
      https_port_ = *bound;
      log::info("web_listening", {{"https_address", https.address}, {"port", *bound}});
    }
    reach_ = reach_of(settings_.hosts, pair.get(), https_port_);
    certificate_ends_ = pair->ends_at().time_since_epoch().count();
    hub_.metrics.certificate_ends.set(static_cast<double>(pair->ends_at().time_since_epoch().count()) / 1000);
    return {};
  }
  void tick() {
    feed_.tick(health_.health(), hub_.now());
    door_.tick();
    certificate_watch_.look(certificate_ends_at(), hub_.now().wall);
    ticker_.expires_after(timing_.tick);
    ticker_.async_wait(beast::bind_front_handler(&Impl::on_tick, this));
  }
  void on_tick(beast::error_code error) {
    if (!error && !closing_) tick();
  }

  void take_alarms() {
    for (const Alarm& alarm : intake_.take()) feed_.alarm_changed(alarm);
    for (const DeviceTestEvent& event : intake_.take_tests()) feed_.device_test(event);
    for (const CommandRecord& record : intake_.take_commands()) feed_.command_changed(record);
  }

  void close() {
    closing_ = true;
    listeners_.close();
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
  SelfFault& self_fault_;
  LiveIntake& intake_;
  TlsPairPtr tls_;
  Reach reach_;
  Occupancy http_seats_, live_seats_;
  std::atomic<Millis::rep> certificate_ends_{0};  // since 1970; 0: none
  CertificateWatch certificate_watch_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  LiveFeed feed_;
  std::optional<PasswordJobs> passwords_;
  Door door_;
  ArchiveFactory archive_factory_;
  JournalCheckJob journal_check_;
  Context context_;
  Service service_;
  Hub hub_;
  asio::io_context io_{1};
  std::optional<ArchiveJobs> jobs_;
  Listeners listeners_;
  asio::steady_timer ticker_{io_};
  std::uint16_t port_ = 0;
  std::atomic<std::uint16_t> https_port_{0};
  int farewell_checks_ = 0;
  bool closing_ = false;
  std::jthread thread_;
};

Server::Server(Settings settings, Deps deps, Timing timing)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(deps), timing)) {}
Server::~Server() { stop(); }
Result<void> Server::start() { return impl_->start(); }
void Server::stop() noexcept { impl_->stop(); }
Result<void> Server::reload_tls() { return impl_->reload_tls(); }
std::optional<Instant> Server::certificate_ends_at() const noexcept { return impl_->certificate_ends_at(); }
std::optional<std::string> Server::setup_code() const { return impl_->setup_code(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
std::uint16_t Server::https_port() const noexcept { return impl_->https_port(); }

}  // namespace firegate::api
