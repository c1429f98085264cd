// MqttSender: the connection that publishes commands and answers, apart from the receiving one, so that neither a
// stalled disk nor a flood of messages delays a cut-off. Client id "<client_id>-out", no session: what the broker has
// not confirmed when the connection goes is reported as failed, and the caller decides; nothing is sent late behind its
// back. Owned by `app`. `send`: any thread. `done` runs once, on the io thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "core/clock.h"
#include "core/sender.h"
#include "ingest/settings.h"
#include "metrics/metrics.h"

namespace firegate::ingest {

constexpr std::size_t kSenderLimit =
    1000;                              // publications not yet confirmed; more are refused as overloaded; our choice
constexpr Millis kSendWithin{10'000};  // then a publication has failed (architecture, section 4)

class MqttSender final : public Sender {
 public:
  MqttSender(boost::asio::io_context& io, const BrokerSettings& broker, Clock& clock, metrics::Metrics& metrics);
  ~MqttSender() override;
  MqttSender(const MqttSender&) = delete;
  MqttSender& operator=(const MqttSender&) = delete;

  void start();
  // Any thread but the io thread, while the io_context runs. Publications under way fail.
  void stop();
  // Errors: overloaded; timed_out (not connected, or no confirmation within 10 s); io_failed (connection lost;
  // refused).
  void send(Outgoing outgoing, std::function<void(Result<void>)> done) noexcept override;

 private:
  class Body;
  std::shared_ptr<Body> body_;
};

}  // namespace firegate::ingest
