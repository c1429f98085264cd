#include "ingest/mqtt_link.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <future>
#include <map>
#include <optional>

#include "core/log.h"
#include "ingest/ack_gate.h"
#include "ingest/connection.h"
#include "ingest/link_health.h"

namespace firegate::ingest {
namespace {

constexpr std::string_view kSysTopics = "$SYS/broker/publish/messages/dropped";
constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kSubscribeAgain{30};  // after a refusal; our choice
constexpr std::uint64_t kMostFilters = 1 << 16;
constexpr int kQos = 1;
constexpr int kSysQos = 0;  // it must not wait in the queue that is full when the broker drops
constexpr int kRefused = 0x80;  // reason codes from here on (MQTT 5.0, 3.9.3; 3.1.1: only this one)

}  // namespace

class MqttLink::Body final : public Connection::Listener,
                             public mqtt::iaction_listener,
                             public std::enable_shared_from_this<Body> {
 public:
  Body(const Needs& needs, const BrokerSettings& broker, Options options)
      : needs_(needs),
        options_(std::move(options)),
        version_(broker.version),
        canary_topic_(broker.canary_topic()),
        health_(needs.faults, options_.session_expected, needs.clock.steady_now()),
        tick_timer_(needs.io),
        subscribe_timer_(needs.io),
        connection_(std::make_shared<Connection>(
            needs.io, Connection::Options{through_gate(broker), broker.client_id, /*keep_session=*/true}, *this)) {
    for (const auto& filter : options_.filters) filters_.push_back(filter);
    filters_.push_back(canary_topic_);
    filters_.push_back(std::string(kSysTopics));
  }

  void start() {
    connection_->start();
    boost::asio::post(needs_.io, [self = shared_from_this()] { self->tick(); });
  }

  void stop() {
    connection_->stop();
    std::promise<void> ended;  // the gate must not ask an inbox that is gone
    boost::asio::post(needs_.io, [self = shared_from_this(), &ended] {
      self->stopped_ = true;
      self->tick_timer_.cancel();
      self->subscribe_timer_.cancel();
      if (self->gate_) self->gate_->close();
      ended.set_value();
    });
    ended.get_future().wait();
    needs_.metrics.broker_connected.set(0);
  }

  // Paho's thread.
  void in_message(const mqtt::message& message) noexcept override {
    const std::string_view topic = message.get_topic_ref().str();
    const auto& bytes = message.get_payload_ref();
    const std::string_view payload =
        bytes.empty() ? std::string_view{} : std::string_view{bytes.data(), bytes.length()};
    if (topic == canary_topic_ || topic.starts_with('$')) {
      boost::asio::post(needs_.io, [self = shared_from_this(), t = std::string(topic), p = std::string(payload)] {
        self->needs_.control.on_control(t, p);
      });
      return;
    }
    const auto appended =
        needs_.inbox.append(topic, payload, message.is_retained(), message.is_duplicate(), needs_.clock.now());
    needs_.metrics.messages_received.add();
    // A message that is larger than we ever take would come again and again: it is refused for good, and counted.
    if (!appended && appended.error().code != ErrorCode::bad_input) end_process(appended.error());
  }

  void in_connected(mqtt::async_client& client) noexcept override { subscribe(client); }

  void on_success(const mqtt::token& token) override {
    const auto response = token.get_subscribe_response();
    const auto& codes = response.get_reason_codes();
    post_answer(token, codes.empty() ? 0 : static_cast<int>(codes.front()));
  }

  void on_failure(const mqtt::token& token) override {
    post_answer(token, std::max(static_cast<int>(token.get_reason_code()), kRefused));
  }

  // The io thread.
  void connected(bool session_present) override {
    needs_.metrics.broker_connects.add();
    needs_.metrics.broker_connected.set(1);
    health_.connected(needs_.clock.steady_now(), session_present);
    if (options_.on_connected) options_.on_connected(needs_.clock.now());
    log::info("broker_connected", {{"session_present", session_present ? "true" : "false"}});
  }

  void attempt_failed(const std::string& why) override {
    const std::string& reason = gate_ && !gate_->failure().empty() ? gate_->failure() : why;
    health_.attempt_failed(needs_.clock.steady_now(), reason);
    log::warning("broker_connect_failed", {{"reason", reason}});
  }

  void lost(const Connection::Loss& loss) override {
    needs_.metrics.broker_losses.add();
    needs_.metrics.broker_connected.set(0);
    receiving_ = false;
    subscribe_timer_.cancel();
    health_.lost(needs_.clock.steady_now(), loss.taken_over, loss.why);
    log::warning("broker_connection_lost", {{"reason", loss.why}});
  }

  Millis retry_after(double random) override { return health_.retry_after(needs_.clock.steady_now(), random); }

  bool receiving() const noexcept { return receiving_; }

 private:
  // Where Paho connects to. Without a gate what we acknowledge may still be lost with the power, which is better than
  // to hear nothing.
  BrokerSettings through_gate(const BrokerSettings& broker) {
    if (!broker.ack_gate) return broker;
    Inbox& inbox = needs_.inbox;
    gate_.emplace(
        needs_.io, broker,
        AckGate::Log{[&inbox] { return inbox.last(); }, [&inbox] { return inbox.synced_up_to(); },
                     [&inbox](InboxSeq seq, std::function<void()> done) { inbox.when_synced(seq, std::move(done)); }},
        needs_.metrics);
    const auto port = gate_->open();
    if (!port) {
      needs_.faults.raise(SelfFaultCode::inbox_failed, "ack_gate",
                          fmt::format("{}; messages are acknowledged before they are on disk", port.error().message));
      gate_.reset();
      return broker;
    }
    BrokerSettings gate = broker;
    gate.host = "127.0.0.1";
    gate.port = *port;
    gate.tls.reset();
    return gate;
  }

  // Sends the subscriptions and does not wait: Paho's lock may be held. One by one, because Paho C++ 1.2.0 reads a null
  // pointer when it is given options for several (paho.mqtt.cpp issue 524).
  void subscribe(mqtt::async_client& client) noexcept {
    const std::uint64_t round = ++round_;
    boost::asio::post(needs_.io, [self = shared_from_this(), round] {
      self->answered_round_ = round;
      self->answers_.clear();
    });
    const mqtt::subscribe_options options(false, false, mqtt::subscribe_options::SEND_RETAINED_ON_NEW);
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      void* const context = reinterpret_cast<void*>(round * kMostFilters + i);
      try {
        client.subscribe(filters_[i], filters_[i] == kSysTopics ? kSysQos : kQos, context, *this,
                         version_ == MqttVersion::v5 ? options : mqtt::subscribe_options{});
      } catch (const std::exception& error) {
        log::error("subscribe_failed", {{"filter", filters_[i]}, {"reason", error.what()}});
        post_answer(round, i, kRefused);
      }
    }
  }

  void post_answer(const mqtt::token& token, int code) {
    const auto context = reinterpret_cast<std::uintptr_t>(token.get_user_context());
    post_answer(context / kMostFilters, context % kMostFilters, code);
  }

  void post_answer(std::uint64_t round, std::size_t filter, int code) noexcept {
    boost::asio::post(needs_.io, [self = shared_from_this(), round, filter, code] {
      if (self->stopped_ || round != self->answered_round_) return;
      self->answers_[filter] = code;
      if (self->answers_.size() == self->filters_.size()) self->judge_subscriptions();
    });
  }

  void judge_subscriptions() {
    std::string refused;
    for (const auto& [filter, code] : answers_) {
      if (code < kRefused) continue;
      refused += fmt::format("{}{} (0x{:02X})", refused.empty() ? "" : ", ", filters_[filter], code);
    }
    if (refused.empty()) {
      health_.subscribed();
      receiving_ = true;
      if (options_.on_receiving) options_.on_receiving();
      if (subscriptions_refused_) needs_.faults.clear(SelfFaultCode::broker_lost, "subscriptions");
      subscriptions_refused_ = false;
      return;
    }
    log::error("subscription_refused", {{"filters", refused}});
    if (!subscriptions_refused_) {
      needs_.faults.raise(SelfFaultCode::broker_lost, "subscriptions",
                          fmt::format("subscribing: broker refused {}; their messages do not reach us", refused));
    }
    subscriptions_refused_ = true;
    subscribe_timer_.expires_after(kSubscribeAgain);
    subscribe_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!self || error || self->stopped_) return;
      if (auto* client = self->connection_->client()) self->subscribe(*client);
    });
  }

  void tick() {
    if (stopped_) return;
    health_.tick(needs_.clock.steady_now());
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->tick();
    });
  }

  [[noreturn]] void end_process(const Error& error) noexcept {
    log::critical("inbox_unwritable", {{"reason", error.message}});
    if (options_.on_unwritable) options_.on_unwritable(error);
    std::_Exit(EXIT_FAILURE);
  }

  Needs needs_;
  Options options_;
  MqttVersion version_;
  std::string canary_topic_;
  std::vector<std::string> filters_;
  LinkHealth health_;
  std::optional<AckGate> gate_;  // none: switched off, or it could not be opened
  boost::asio::steady_timer tick_timer_, subscribe_timer_;
  std::atomic<std::uint64_t> round_{0};  // of subscribing
  std::uint64_t answered_round_ = 0;     // io thread
  std::map<std::size_t, int> answers_;   // io thread: filter → reason code
  std::atomic<bool> receiving_{false};
  bool subscriptions_refused_ = false;
  bool stopped_ = false;
  std::shared_ptr<Connection> connection_;
};

MqttLink::MqttLink(const Needs& needs, const BrokerSettings& broker, Options options)
    : body_(std::make_shared<Body>(needs, broker, std::move(options))) {}
MqttLink::~MqttLink() = default;
void MqttLink::start() { body_->start(); }
void MqttLink::stop() { body_->stop(); }
bool MqttLink::receiving() const noexcept { return body_->receiving(); }

}  // namespace firegate::ingest
