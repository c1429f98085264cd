#include "ingest/connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <fstream>
#include <future>

#include "core/log.h"

namespace firegate::ingest {
namespace {

constexpr std::chrono::seconds kConnectTimeout{5};   // our choice; the catalogue wants 5 s from the broker's return
constexpr std::chrono::seconds kAttemptTimeout{15};  // an attempt that Paho forgot
constexpr std::chrono::seconds kDisconnectTimeout{2};
constexpr int kFailuresBeforeRebuild = 3;
constexpr int kMaxInflight = 1000;  // our own publications under way
constexpr int kPacketOverhead = 1024;

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) log::error("password_file_unreadable", {{"file", file.string()}});
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
  return line;
}

int paho_version(MqttVersion version) { return version == MqttVersion::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1; }

std::string reason_of(const mqtt::token& token) {
  const int code = token.get_return_code();
  const auto reason = static_cast<int>(token.get_reason_code());
  if (reason > 0) return fmt::format("reason code 0x{:02X}", reason);
  if (code > 0) return fmt::format("return code {}", code);  // MQTT 3.1.1, 3.2.2.3
  return fmt::format("Paho error {}", code);
}

}  // namespace

// Outcome of an attempt to connect; called on Paho's threads.
class Connection::ConnectActions final : public mqtt::iaction_listener {
 public:
  explicit ConnectActions(Connection& connection) : connection_(connection) {}
  void on_success(const mqtt::token& token) override {
    connection_.post(
        {EventKind::connected, generation(token), token.get_connect_response().is_session_present(), 0, {}});
  }
  void on_failure(const mqtt::token& token) override {
    connection_.post({EventKind::failed, generation(token), false, 0, reason_of(token)});
  }

 private:
  static std::uint64_t generation(const mqtt::token& token) {
    return reinterpret_cast<std::uintptr_t>(token.get_user_context());
  }
  Connection& connection_;
};

Connection::Connection(boost::asio::io_context& io, Options options, Listener& listener)
    : io_(io),
      options_(std::move(options)),
      listener_(listener),
      retry_timer_(io),
      attempt_timer_(io),
      random_(std::random_device{}()),
      actions_(std::make_unique<ConnectActions>(*this)) {}

Connection::~Connection() = default;

void Connection::start() {
  boost::asio::post(io_, [self = shared_from_this()] {
    self->build_client();
    self->try_connect();
  });
}

void Connection::stop() {
  std::promise<std::unique_ptr<mqtt::async_client>> given;
  auto client = given.get_future();
  boost::asio::post(io_, [self = shared_from_this(), &given] {
    self->stopped_ = true;
    self->up_ = false;
    self->retry_timer_.cancel();
    self->attempt_timer_.cancel();
    given.set_value(std::move(self->client_));
  });
  const auto ours = client.get();
  if (!ours) return;
  try {
    if (ours->is_connected()) ours->disconnect()->wait_for(kDisconnectTimeout);
  } catch (const mqtt::exception& error) {
    log::debug("broker_disconnect_failed", {{"reason", error.what()}});
  }
}

void Connection::post(Event event) noexcept {
  boost::asio::post(io_, [weak = weak_from_this(), event = std::move(event)] {
    if (const auto self = weak.lock()) self->handle(event);
  });
}

void Connection::handle(const Event& event) {
  if (stopped_ || event.generation != generation_) return;
  switch (event.kind) {
    case EventKind::connected:
      if (up_) return;  // Paho C++ reports a connection twice
      attempt_timer_.cancel();
      failed_in_a_row_ = 0;
      up_ = true;
      taken_over_ = false;
      listener_.connected(event.session_present);
      break;
    case EventKind::failed: attempt_ended(event.text); break;
    case EventKind::disconnected:
      taken_over_ = event.reason == MQTTREASONCODE_SESSION_TAKEN_OVER;
      log::warning("broker_disconnected_us", {{"client", options_.client_id}, {"reason", event.reason}});
      [[fallthrough]];
    case EventKind::lost:
      if (!up_) return;  // the broker's word came first
      up_ = false;
      listener_.lost({taken_over_, event.text});
      retry_later();
      break;
  }
}

void Connection::build_client() {
  ++generation_;  // callbacks of the old client are void
  up_ = false;
  failed_in_a_row_ = 0;
  client_.reset();
  mqtt::create_options create(paho_version(options_.broker.version));
  try {
    client_ = std::make_unique<mqtt::async_client>(options_.broker.uri(), options_.client_id, create);
  } catch (const std::exception& error) {
    log::error("broker_client_not_made", {{"uri", options_.broker.uri()}, {"reason", error.what()}});
    return;
  }
  // The raw pointers are safe: a client ends its callbacks before it is destroyed, and we outlive it.
  client_->set_connected_handler(
      [this, client = client_.get()](const std::string&) noexcept { listener_.in_connected(*client); });
  client_->set_connection_lost_handler([this](const std::string& cause) noexcept {
    post({EventKind::lost, generation_, false, 0, cause.empty() ? "connection lost" : cause});
  });
  client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) noexcept {
    const int code = static_cast<int>(reason);
    post({EventKind::disconnected, generation_, false, code, fmt::format("broker says reason code 0x{:02X}", code)});
  });
  client_->set_message_callback([this](const mqtt::const_message_ptr& message) noexcept {
    if (message) listener_.in_message(*message);
  });
}

void Connection::try_connect() {
  if (stopped_) return;
  if (!client_ || failed_in_a_row_ >= kFailuresBeforeRebuild) build_client();
  ++generation_;
  watch_attempt();
  if (!client_) return attempt_ended("no client could be made");
  try {
    client_->connect(connect_options(), reinterpret_cast<void*>(generation_.load()), *actions_);
  } catch (const std::exception& error) {
    attempt_ended(error.what());
  }
}

void Connection::attempt_ended(const std::string& why) {
  attempt_timer_.cancel();
  ++failed_in_a_row_;
  ++generation_;
  listener_.attempt_failed(why);
  retry_later();
}

void Connection::retry_later() {
  const double random = std::uniform_real_distribution<>(0, 1)(random_);
  retry_timer_.expires_after(listener_.retry_after(random));
  retry_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->try_connect();
  });
}

// Should Paho never report, the client is built anew.
void Connection::watch_attempt() {
  attempt_timer_.expires_after(kAttemptTimeout);
  attempt_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || self->up_ || self->stopped_) return;
    self->failed_in_a_row_ = kFailuresBeforeRebuild;
    self->attempt_ended("no answer from the client library");
  });
}

mqtt::connect_options Connection::connect_options() const {
  const BrokerSettings& broker = options_.broker;
  mqtt::connect_options connect;
  connect.set_mqtt_version(paho_version(broker.version));
  if (broker.version == MqttVersion::v5) {
    // Set one by one: given through the builder in braces, the expiry was lost and no session was kept (measured).
    mqtt::properties properties;
    const auto expiry = std::chrono::duration_cast<std::chrono::seconds>(broker.session_expiry).count();
    if (options_.keep_session) {
      properties.add(mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL, static_cast<std::int32_t>(expiry)));
    }
    properties.add(mqtt::property(mqtt::property::MAXIMUM_PACKET_SIZE,
                                  static_cast<std::int32_t>(kMaxPayload + kMaxTopic + kPacketOverhead)));
    connect.set_clean_start(!options_.keep_session);
    connect.set_properties(properties);
  } else {
    connect.set_clean_session(!options_.keep_session);
  }
  connect.set_keep_alive_interval(std::chrono::duration_cast<std::chrono::seconds>(broker.keep_alive));
  connect.set_connect_timeout(kConnectTimeout);
  connect.set_automatic_reconnect(false);
  connect.set_max_inflight(kMaxInflight);
  if (!broker.username.empty()) connect.set_user_name(broker.username);
  if (!broker.password_file.empty()) connect.set_password(first_line(broker.password_file));
  if (broker.tls) {
    mqtt::ssl_options tls;
    tls.set_trust_store(broker.tls->ca.string());
    if (!broker.tls->cert.empty()) {
      tls.set_key_store(broker.tls->cert.string());
      tls.set_private_key(broker.tls->key.string());
    }
    tls.set_enable_server_cert_auth(true);
    tls.set_verify(true);  // the host's name, too
    connect.set_ssl(std::move(tls));
  }
  return connect;
}

}  // namespace firegate::ingest
