// Connection: one Paho client and the supervisor that keeps it connected. Inside of ingest only: the one header that
// shows Paho. Made and used on the io thread (an io_context run by one thread); Paho's own threads only post to it.
//
// Paho's automatic reconnect is not used: it neither subscribes again nor survives long outages. The supervisor tries
// again after LinkHealth's delay and builds a new client after three failed attempts in a row (fault catalogue F17).
#pragma once

#include <mqtt/async_client.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "core/clock.h"
#include "ingest/settings.h"

namespace firegate::ingest {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Options {
    BrokerSettings broker;
    std::string client_id;
    bool keep_session = false;  // the broker keeps our session (subscriptions, QoS 1 messages) while we are away
  };
  struct Loss {
    bool taken_over = false;  // MQTT 5 reason 0x8E
    std::string why;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    // Paho's thread, Paho's lock is held: no waiting, no blocking, nothing thrown.
    virtual void in_connected(mqtt::async_client& client) noexcept = 0;  // subscribe here
    virtual void in_message(const mqtt::message& message) noexcept = 0;
    // The io thread.
    virtual void connected(bool session_present) = 0;
    virtual void attempt_failed(const std::string& why) = 0;
    virtual void lost(const Loss& loss) = 0;
    virtual Millis retry_after(double random) = 0;
  };

  Connection(boost::asio::io_context& io, Options options, Listener& listener);
  ~Connection();

  void start();  // any thread
  // Any thread but the io thread, while the io_context runs. Disconnects (at most 2 s) and ends all callbacks.
  void stop();
  mqtt::async_client* client() noexcept { return up_ ? client_.get() : nullptr; }  // io thread; null while disconnected

 private:
  class ConnectActions;
  enum class EventKind : std::uint8_t { connected, failed, lost, disconnected };
  struct Event {
    EventKind kind{};
    std::uint64_t generation = 0;
    bool session_present = false;
    int reason = 0;
    std::string text;
  };

  void post(Event event) noexcept;  // Paho's threads
  void handle(const Event& event);
  void build_client();
  void try_connect();
  void attempt_ended(const std::string& why);
  void retry_later();
  void watch_attempt();
  mqtt::connect_options connect_options() const;

  boost::asio::io_context& io_;
  Options options_;
  Listener& listener_;
  boost::asio::steady_timer retry_timer_, attempt_timer_;
  std::minstd_rand random_;
  std::unique_ptr<ConnectActions> actions_;
  std::unique_ptr<mqtt::async_client> client_;
  std::atomic<std::uint64_t> generation_{0};  // counts attempts; what an earlier one reports is ignored
  int failed_in_a_row_ = 0;
  bool up_ = false, stopped_ = false;
  bool taken_over_ = false;
};

}  // namespace firegate::ingest
