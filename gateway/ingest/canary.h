// Canary: our own message through the broker, from the sending connection to the receiving one, every 10 s. It proves
// what a connection alone does not: that messages still come (frozen broker, half-open link, lost subscription, refused
// topic; fault catalogue F15, F16, F43). It also hears what the broker says of messages it dropped. Owned by `app`,
// used on the io thread. The first is sent when the link receives (and one more whenever it does again): one that is
// sent before the subscriptions stand cannot come back.
//
//   canary_late     no canary came back for 30 s; cleared by the next that does
//   broker_dropped  "$SYS/broker/publish/messages/dropped" grew; cleared after 60 s without growth
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/self_fault.h"
#include "core/sender.h"
#include "ingest/mqtt_link.h"
#include "metrics/metrics.h"

namespace firegate::ingest {

constexpr Millis kCanaryEvery{10'000};       // architecture, section 8
constexpr Millis kCanaryLateAfter{30'000};   // the same
constexpr Millis kDroppedOverAfter{60'000};  // our choice

// The judgement. Pure: time is a parameter.
class CanaryWatch {
 public:
  CanaryWatch(std::string nonce, metrics::Metrics& metrics, SelfFault& faults, Steady now);

  void receiving(Steady now) noexcept { next_at_ = now; }  // the subscriptions stand: a canary can come back
  bool due(Steady now) const noexcept { return now >= next_at_; }
  std::string send(Steady now);                         // the payload of the next canary
  void returned(std::string_view payload, Steady now);  // others' and old ones only prove that messages come
  void dropped(std::string_view payload, Steady now);   // the broker's count
  void tick(Steady now);
  bool late() const noexcept { return late_.load(std::memory_order_relaxed); }  // any thread

 private:
  std::string nonce_;  // tells this run from others
  metrics::Metrics& metrics_;
  SelfFault& faults_;
  std::uint64_t number_ = 0;
  Steady next_at_, sent_at_, heard_at_, dropped_at_{};
  std::optional<std::uint64_t> dropped_;
  std::atomic<bool> late_{false};
  bool dropping_ = false;
};

class Canary final : public ControlTopics {
 public:
  Canary(boost::asio::io_context& io, std::string topic, Sender& sender, Clock& clock, metrics::Metrics& metrics,
         SelfFault& faults);
  ~Canary() override;

  void start();
  void receiving();            // the io thread: the subscriptions stand (MqttLink::Options::on_receiving)
  void stop();                 // any thread; nothing is sent afterwards
  bool late() const noexcept;  // any thread: canary_late stands
  void on_control(std::string_view topic, std::string_view payload) override;

 private:
  class Body;
  std::shared_ptr<Body> body_;
};

}  // namespace firegate::ingest
