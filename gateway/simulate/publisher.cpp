#include "simulate/publisher.h"

#include <mqtt/async_client.h>

#include <condition_variable>
#include <mutex>

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr Millis kFirstRetry = 500ms, kLastRetry = 10s;  // our choice
constexpr auto kKeepAlive = std::chrono::seconds(30);
constexpr auto kConnectTimeout = std::chrono::seconds(5);
constexpr Millis kFarewell = 2s;  // how long a broker may take to acknowledge the last words of all links

// What the callbacks tell the publishing thread. The lock is never held while Paho is called: Paho calls back with a
// lock of its own held.
class Wake {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    bell_.notify_one();
  }
  void wait_until(Steady deadline, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    bell_.wait_until(lock, stop, deadline, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any bell_;
  bool rung_ = false;
};

class Connection final : private mqtt::iaction_listener {
 public:
  Connection(const Link& link, const BrokerAddress& broker, Wake& wake)
      : client_(fmt::format("tcp://{}:{}", broker.host, broker.port), broker.client_id + "-" + link.name,
                mqtt::create_options(MQTTVERSION_5)),
        will_(link.will),
        wake_(wake) {
    options_ = mqtt::connect_options(mqtt::connect_options_builder()
                                         .mqtt_version(MQTTVERSION_5)
                                         .clean_start(true)
                                         .keep_alive_interval(kKeepAlive)
                                         .connect_timeout(kConnectTimeout)
                                         .finalize());
    if (!broker.username.empty()) options_.set_user_name(broker.username);
    if (!broker.password.empty()) options_.set_password(broker.password);
    if (link.will) {
      options_.set_will_message(mqtt::message(link.will->topic, link.will->payload, link.will->qos, link.will->retain));
    }
    client_.set_connection_lost_handler([this](const std::string&) { happened(State::lost); });
  }

  // Begins to connect when it is time; true exactly once after each connection was made.
  bool supervise(Steady now) {
    State seen = State::made;
    if (state_.compare_exchange_strong(seen, State::connected)) {
      retry_after_ = kFirstRetry;
      return true;
    }
    seen = State::lost;
    if (state_.compare_exchange_strong(seen, State::idle)) {
      next_try_ = now + retry_after_;
      retry_after_ = std::min(retry_after_ * 2, kLastRetry);
    }
    if (wanted_ && state_ == State::idle && now >= next_try_) connect();
    return false;
  }
  Steady next_try() const { return wanted_ && state_ == State::idle ? next_try_ : Steady::max(); }
  bool connected() const { return state_ == State::connected; }
  void want() { wanted_ = true; }

  bool publish(const Publication& what) {
    try {
      client_.publish(what.topic, what.payload.data(), what.payload.size(), what.qos, what.retain);
      return true;
    } catch (const mqtt::exception&) {
      happened(State::lost);  // the connection went between the check and the call
      return false;
    }
  }

  // Ends the connection with the will said, as the broker would when a device loses power. It is said from here because
  // Paho C++ 1.2.0 cannot disconnect "with will": it never passes the reason code on (structure version 0).
  void break_off() {
    wanted_ = false;
    if (will_ && connected()) publish(*will_);
    if (state_.exchange(State::idle) != State::connected) return;
    try {
      farewell_ = client_.disconnect(kFarewell);
    } catch (const mqtt::exception&) {
      farewell_.reset();  // it was gone already
    }
  }
  void await_farewell(Millis most) {
    if (!farewell_) return;
    try {
      farewell_->wait_for(most);
    } catch (const mqtt::exception&) {
      farewell_.reset();  // the broker went first
    }
  }

 private:
  enum class State : std::uint8_t { idle, connecting, made, connected, lost };

  void connect() {
    state_ = State::connecting;
    try {
      client_.connect(options_, nullptr, *this);
    } catch (const mqtt::exception&) {
      happened(State::lost);
    }
  }

  void happened(State state) {
    state_ = state;
    wake_.ring();
  }
  void on_success(const mqtt::token&) override { happened(State::made); }
  void on_failure(const mqtt::token&) override { happened(State::lost); }

  mqtt::async_client client_;
  mqtt::connect_options options_;
  mqtt::token_ptr farewell_;
  std::optional<Publication> will_;
  Wake& wake_;
  std::atomic<State> state_{State::idle};
  bool wanted_ = true;
  Steady next_try_{};
  Millis retry_after_ = kFirstRetry;
};

class Publisher {
 public:
  Publisher(Estate& estate, const BrokerAddress& broker, const Clock& clock) : estate_(estate), clock_(clock) {
    for (const Link& link : estate.links()) connections_.push_back(std::make_unique<Connection>(link, broker, wake_));
  }

  PublisherReport run(std::stop_token stop, std::optional<Millis> last) {
    const Steady end = last ? clock_.steady_now() + *last : Steady::max();
    while (!stop.stop_requested() && clock_.steady_now() < end) {
      supervise();
      for (const Publication& what : estate_.tick(clock_.now())) send(what);
      wake_.wait_until(std::min(next_deadline(), end), stop);
    }
    say_farewell();
    return report_;
  }

 private:
  void supervise() {
    for (LinkNo link = 0; link < connections_.size(); ++link) {
      if (!connections_[link]->supervise(clock_.steady_now())) continue;
      ++report_.connections;
      for (const Publication& birth : estate_.births(link, clock_.now())) send(birth);
    }
  }

  void send(const Publication& what) {
    Connection& connection = *connections_[what.link];
    if (what.will) return connection.break_off();
    connection.want();
    const bool sent = connection.connected() && connection.publish(what);
    ++(sent ? report_.published : report_.skipped);
  }

  // One limit for all links together: a broker that is gone answers none of them.
  void say_farewell() {
    const Steady deadline = clock_.steady_now() + kFarewell;
    for (const auto& connection : connections_) connection->break_off();
    for (const auto& connection : connections_) {
      connection->await_farewell(std::max<Millis>(0ms, floor<Millis>(deadline - clock_.steady_now())));
    }
  }

  Steady next_deadline() const {
    const Instant due = estate_.next_due();
    const Steady now = clock_.steady_now();
    Steady deadline = due == kNever ? now + 1min : now + std::clamp<Millis>(due - clock_.now(), 0ms, 60'000ms);
    for (const auto& connection : connections_) deadline = std::min(deadline, connection->next_try());
    return deadline;
  }

  Estate& estate_;
  const Clock& clock_;
  Wake wake_;
  std::vector<std::unique_ptr<Connection>> connections_;
  PublisherReport report_;
};

}  // namespace

std::string to_json(const PublisherReport& report) {
  return fmt::format(R"({{"published":{},"skipped":{},"connections":{}}})", report.published, report.skipped,
                     report.connections);
}

PublisherReport publish_estate(Estate& estate, const BrokerAddress& broker, const Clock& clock, std::stop_token stop,
                               std::optional<Millis> last) {
  return Publisher(estate, broker, clock).run(std::move(stop), last);
}

}  // namespace firegate::simulate
