#include "ingest/ack_gate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "core/log.h"
#include "ingest/mqtt_packet.h"

namespace firegate::ingest {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kConnectWithin{5};   // as Paho's own attempt
constexpr std::chrono::seconds kFarewellWithin{2};  // for what is under way when a side has left; our choice
constexpr std::size_t kChunk = 64 * 1024;           // read at once

// An end of a connection as /proc/net/tcp writes it: "0100007F:1F90", address in network order.
std::string in_proc_form(const tcp::endpoint& end) {
  const auto bytes = end.address().to_v4().to_bytes();
  return fmt::format("{:02X}{:02X}{:02X}{:02X}:{:04X}", bytes[3], bytes[2], bytes[1], bytes[0], end.port());
}

// Whether who has connected from `peer` to `ours` is our own user: sockets on the loopback carry no credentials.
bool is_own_user(const tcp::endpoint& peer, const tcp::endpoint& ours) {
  const std::string from = in_proc_form(peer), to = in_proc_form(ours);
  std::ifstream table("/proc/self/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits, user;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user;
    if (local == from && remote == to) return user == std::to_string(::geteuid());
  }
  return false;
}

tl::unexpected<Error> unreadable(const std::filesystem::path& file, const error_code& error) {
  return fail(ErrorCode::bad_input, fmt::format("reading {}: {}", file.string(), error.message()));
}

}  // namespace

// What the gate and its connections share.
class AckGate::Body : public std::enable_shared_from_this<Body> {
 public:
  Body(asio::io_context& its_io, const BrokerSettings& its_broker, Log its_log, metrics::Metrics& its_metrics)
      : io(its_io), broker(its_broker), log(std::move(its_log)), metrics(its_metrics), acceptor_(its_io) {}

  Result<std::uint16_t> open();
  void close();

  asio::io_context& io;
  const BrokerSettings broker;
  const Log log;
  metrics::Metrics& metrics;
  std::string failure;

 private:
  void accept();
  void take(tcp::socket client);

  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<Relay>> relays_;
};

// One connection of Paho and the one to the broker that belongs to it.
class AckGate::Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(std::shared_ptr<Body> gate, tcp::socket client)
      : gate_(std::move(gate)),
        client_(std::move(client)),
        broker_(gate_->io),
        resolver_(gate_->io),
        deadline_(gate_->io) {}
  ~Relay() { gate_->metrics.acks_held.set(0); }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void start() {
    end_within(kConnectWithin, "no connection within 5 s");
    resolver_.async_resolve(gate_->broker.host, std::to_string(gate_->broker.port),
                            [self = shared_from_this()](error_code error, tcp::resolver::results_type found) {
                              if (error) return self->fail("finding its address", error.message());
                              self->connect(found);
                            });
  }
  void close() {
    closed_ = true;
    error_code ignored;
    resolver_.cancel();
    deadline_.cancel();
    client_.close(ignored);
    broker_.close(ignored);
  }

 private:
  struct Held {
    InboxSeq after = 0;  // goes when the log is on disk up to here
    std::string packet;
  };

  // ---- the way to the broker ----
  void connect(const tcp::resolver::results_type& found) {
    asio::async_connect(broker_, found, [self = shared_from_this()](error_code error, const tcp::endpoint&) {
      if (error) return self->fail("connecting", error.message());
      self->broker_.set_option(tcp::no_delay(true), error);
      self->gate_->broker.tls ? self->shake_hands() : self->begin();
    });
  }
  void shake_hands() {
    if (auto prepared = prepare_tls(); !prepared) return fail("preparing TLS", prepared.error().message);
    tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](error_code error) {
      if (error) return self->fail("TLS", error.message());
      self->begin();
    });
  }
  Result<void> prepare_tls();

  void begin() {
    gate_->failure.clear();
    deadline_.cancel();
    read_client();
    read_broker();
  }
  void fail(std::string_view what, std::string_view why) {
    if (!client_.is_open()) return;
    gate_->failure = fmt::format("{} {}: {}", what, gate_->broker.uri(), why);
    close();
  }
  // Calls `use` with the stream to the broker.
  template <typename Use>
  void with_broker(Use use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(broker_);
    }
  }

  // ---- broker → Paho: at once ----
  void read_broker() {
    with_broker([this](auto& stream) {
      stream.async_read_some(asio::buffer(down_), [self = shared_from_this()](error_code error, std::size_t bytes) {
        if (error) return self->broker_left();
        self->pass_on(bytes);
      });
    });
  }
  void pass_on(std::size_t bytes) {
    asio::async_write(client_, asio::buffer(down_.data(), bytes),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read_broker();
                      });
  }
  // Its last words (who took our session over) must reach Paho, which a reset would prevent: Paho closes first.
  void broker_left() {
    error_code ignored;
    client_.shutdown(tcp::socket::shutdown_send, ignored);
    end_within(kFarewellWithin, "");
  }

  // ---- Paho → broker: acknowledgements when the log is on disk, the rest at once ----
  void read_client() {
    client_.async_read_some(asio::buffer(up_), [self = shared_from_this()](error_code error, std::size_t bytes) {
      if (self->closed_) return;
      if (error) return self->client_left();
      self->received_.append(self->up_.data(), bytes);
      if (!self->sort_packets()) return self->fail("relaying to", "found no MQTT packet");
      self->wait_for_sync();
      self->write();
      self->read_client();
    });
  }
  bool sort_packets() {
    const InboxSeq appended = gate_->log.appended();
    std::string_view rest = received_;
    while (const auto size = packet_size(rest)) {
      if (*size == 0) return false;
      if (*size > rest.size()) break;
      const std::string_view packet = rest.substr(0, *size);
      rest.remove_prefix(*size);
      // Leaving comes after what was acknowledged, or the broker would send it again.
      if (is_packet(packet, PacketType::puback) || is_packet(packet, PacketType::disconnect)) {
        held_.push_back({appended, std::string(packet)});
      } else {
        outgoing_.append(packet);
      }
    }
    received_.erase(0, received_.size() - rest.size());
    return true;
  }
  void wait_for_sync() {
    gate_->metrics.acks_held.set(static_cast<double>(held_.size()));
    if (waiting_ || held_.empty()) return;
    waiting_ = true;
    gate_->log.when_synced(held_.front().after, [weak = weak_from_this(), &io = gate_->io] {
      asio::post(io, [weak] {
        if (const auto self = weak.lock()) self->release();
      });
    });
  }
  void release() {
    if (closed_) return;
    waiting_ = false;
    for (const InboxSeq synced = gate_->log.synced(); !held_.empty() && held_.front().after <= synced;
         held_.pop_front()) {
      outgoing_.append(held_.front().packet);
    }
    wait_for_sync();
    write();
  }
  void write() {
    if (!writing_.empty()) return;
    if (outgoing_.empty()) return end_if_left();
    writing_.swap(outgoing_);
    with_broker([this](auto& stream) {
      asio::async_write(stream, asio::buffer(writing_), [self = shared_from_this()](error_code error, std::size_t) {
        self->writing_.clear();
        if (error) return self->broker_left();
        self->write();
      });
    });
  }
  void client_left() {
    client_left_ = true;
    end_within(kFarewellWithin, "");
    write();
  }
  void end_if_left() {
    if (client_left_ && held_.empty()) close();
  }

  void end_within(std::chrono::seconds time, std::string why) {
    deadline_.expires_after(time);
    deadline_.async_wait([weak = weak_from_this(), why = std::move(why)](error_code error) {
      const auto self = weak.lock();
      if (error || !self) return;
      if (!why.empty()) return self->fail("connecting to", why);
      self->close();
    });
  }

  const std::shared_ptr<Body> gate_;
  tcp::socket client_, broker_;
  std::optional<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  std::array<char, kChunk> down_, up_;
  std::string received_;            // from Paho, less than a packet
  std::deque<Held> held_;           // oldest first
  std::string outgoing_, writing_;  // to the broker
  bool waiting_ = false;            // for the log
  bool client_left_ = false;
  bool closed_ = false;  // from then on the log may be gone
};

// As Paho would do it: the broker's certificate must be signed by `ca` and name the host.
Result<void> AckGate::Relay::prepare_tls() {
  const BrokerSettings& broker = gate_->broker;
  const TlsSettings& tls = *broker.tls;
  auto& context = tls_context_.emplace(asio::ssl::context::tls_client);
  error_code error;
  context.load_verify_file(tls.ca.string(), error);
  if (error) return unreadable(tls.ca, error);
  if (!tls.cert.empty()) {
    context.use_certificate_chain_file(tls.cert.string(), error);
    if (error) return unreadable(tls.cert, error);
    context.use_private_key_file(tls.key.string(), asio::ssl::context::pem, error);
    if (error) return unreadable(tls.key, error);
  }
  auto& stream = tls_.emplace(broker_, context);
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(broker.host));
  SSL_set_min_proto_version(stream.native_handle(), TLS1_2_VERSION);
  asio::ip::make_address(broker.host, error);
  if (error) SSL_set_tlsext_host_name(stream.native_handle(), broker.host.c_str());  // an address is none (RFC 6066, 3)
  return {};
}

Result<std::uint16_t> AckGate::Body::open() {
  const tcp::endpoint loopback(asio::ip::address_v4::loopback(), 0);
  error_code error;
  acceptor_.open(loopback.protocol(), error);
  if (!error) acceptor_.bind(loopback, error);
  if (!error) acceptor_.listen(1, error);
  const auto port = error ? std::uint16_t{0} : acceptor_.local_endpoint(error).port();
  if (error) {
    return fail(ErrorCode::io_failed, fmt::format("listening on 127.0.0.1 for our own client: {}", error.message()));
  }
  asio::post(io, [self = shared_from_this()] { self->accept(); });
  return port;
}

void AckGate::Body::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket client) {
    if (!self->acceptor_.is_open()) return;
    if (!error) self->take(std::move(client));
    self->accept();
  });
}

void AckGate::Body::take(tcp::socket client) {
  error_code error;
  const auto peer = client.remote_endpoint(error);
  const auto ours = client.local_endpoint(error);
  if (error || !is_own_user(peer, ours)) {
    log::warning("ack_gate_refused", {{"peer_port", peer.port()}, {"reason", "another user of this machine"}});
    return;
  }
  client.set_option(tcp::no_delay(true), error);
  const auto relay = std::make_shared<Relay>(shared_from_this(), std::move(client));
  std::erase_if(relays_, [](const auto& ended) { return ended.expired(); });
  relays_.push_back(relay);
  relay->start();
}

void AckGate::Body::close() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& relay : relays_) {
    if (const auto open = relay.lock()) open->close();
  }
}

AckGate::AckGate(asio::io_context& io, const BrokerSettings& broker, Log log, metrics::Metrics& metrics)
    : body_(std::make_shared<Body>(io, broker, std::move(log), metrics)) {}
AckGate::~AckGate() = default;
Result<std::uint16_t> AckGate::open() { return body_->open(); }
void AckGate::close() { body_->close(); }
const std::string& AckGate::failure() const noexcept { return body_->failure; }

}  // namespace firegate::ingest
