// MqttLink: the connection that receives. Each message goes into the inbox inside Paho's message callback, because Paho
// acknowledges QoS 1 when that callback returns; the ack gate holds that acknowledgement until the inbox is on disk.
// Owned by `app`; made, started and stopped by its thread; everything else happens on the io thread (an io_context run
// by one thread) and on Paho's receive thread.
//
// MQTT 5 (or 3.1.1), QoS 1, the broker keeps our session. Subscriptions are made at each connection, retained messages
// asked for only where the subscription is new (MQTT 5). Paho resolves the broker's name under its global lock: use an
// address, or a name that resolves at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/self_fault.h"
#include "ingest/inbox.h"
#include "ingest/settings.h"
#include "metrics/metrics.h"

namespace firegate::ingest {

// Messages about the link itself, which never enter the inbox: the canary and "$SYS/...". The io thread.
class ControlTopics {
 public:
  virtual ~ControlTopics() = default;
  virtual void on_control(std::string_view topic, std::string_view payload) = 0;
};

class MqttLink {
 public:
  struct Needs {
    boost::asio::io_context& io;
    Inbox& inbox;
    ControlTopics& control;
    Clock& clock;
    metrics::Metrics& metrics;
    SelfFault& faults;
  };
  struct Options {
    std::vector<std::string> filters;  // of all sources; QoS 1
    // The broker should know our session: there was an earlier run (its inbox is not empty). Its absence is a fault.
    bool session_expected = false;
    // The inbox takes no more: called on Paho's thread, then the process ends with failure, because a callback that
    // returned would acknowledge the message. May log and tell people; must not block.
    std::function<void(const Error&)> on_unwritable;
    // A connection was made: repeats that follow may be redeliveries. The io thread; may be empty.
    std::function<void(Instant at)> on_connected;
    // The broker has confirmed all subscriptions, at each connection. The io thread; may be empty.
    std::function<void()> on_receiving;
  };

  MqttLink(const Needs& needs, const BrokerSettings& broker, Options options);
  ~MqttLink();
  MqttLink(const MqttLink&) = delete;
  MqttLink& operator=(const MqttLink&) = delete;

  void start();
  // Any thread but the io thread, while the io_context runs. No message arrives after it has returned.
  void stop();
  // Connected, and the broker has confirmed all subscriptions. Any thread.
  bool receiving() const noexcept;

 private:
  class Body;
  std::shared_ptr<Body> body_;
};

}  // namespace firegate::ingest
