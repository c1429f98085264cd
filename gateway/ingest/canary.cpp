#include "ingest/canary.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <charconv>
#include <random>

#include "core/log.h"

namespace firegate::ingest {
namespace {

constexpr std::chrono::seconds kTick{1};

std::optional<std::uint64_t> number_from(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string make_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

CanaryWatch::CanaryWatch(std::string nonce, metrics::Metrics& metrics, SelfFault& faults, Steady now)
    : nonce_(std::move(nonce)),
      metrics_(metrics),
      faults_(faults),
      next_at_(now + kCanaryEvery),
      sent_at_(now),
      heard_at_(now) {}

std::string CanaryWatch::send(Steady now) {
  sent_at_ = now;
  next_at_ = now + kCanaryEvery;
  return fmt::format("{} {}", nonce_, ++number_);
}

void CanaryWatch::returned(std::string_view payload, Steady now) {
  if (!payload.starts_with(nonce_)) return;  // of an earlier run, or somebody else's
  heard_at_ = now;
  if (payload == fmt::format("{} {}", nonce_, number_)) {
    metrics_.canary_round_trip_seconds.set(std::chrono::duration<double>(now - sent_at_).count());
  }
  if (late_) faults_.clear(SelfFaultCode::canary_late, "");
  late_ = false;
}

void CanaryWatch::dropped(std::string_view payload, Steady now) {
  const auto count = number_from(payload);
  if (!count) return;
  metrics_.broker_messages_dropped.set(static_cast<double>(*count));
  // The first figure is history. A lower one: the broker was restarted and counts from zero.
  const std::uint64_t before = !dropped_ ? *count : *count < *dropped_ ? 0 : *dropped_;
  dropped_ = *count;
  if (*count == before) return;
  dropped_at_ = now;
  dropping_ = true;
  log::error("broker_dropped", {{"messages", *count - before}});
  faults_.raise(SelfFaultCode::broker_dropped, "",
                fmt::format("broker says that it dropped {} messages, {} since it started", *count - before, *count));
}

void CanaryWatch::tick(Steady now) {
  if (!late_ && now - heard_at_ >= kCanaryLateAfter) {
    late_ = true;
    faults_.raise(SelfFaultCode::canary_late, "",
                  fmt::format("our own message through the broker has not come back for {} s",
                              std::chrono::duration_cast<std::chrono::seconds>(now - heard_at_).count()));
  }
  if (dropping_ && now - dropped_at_ >= kDroppedOverAfter) {
    dropping_ = false;
    faults_.clear(SelfFaultCode::broker_dropped, "");
  }
}

class Canary::Body final : public std::enable_shared_from_this<Body> {
 public:
  Body(boost::asio::io_context& io, std::string topic, Sender& sender, Clock& clock, metrics::Metrics& metrics,
       SelfFault& faults)
      : io_(io),
        topic_(std::move(topic)),
        sender_(sender),
        clock_(clock),
        watch_(make_nonce(), metrics, faults, clock.steady_now()),
        timer_(io) {}

  void start() {
    boost::asio::post(io_, [self = shared_from_this()] { self->tick(); });
  }
  void receiving() {
    watch_.receiving(clock_.steady_now());
    send_when_due();
  }
  void stop() {
    boost::asio::post(io_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->timer_.cancel();
    });
  }
  bool late() const noexcept { return watch_.late(); }
  void on_control(std::string_view topic, std::string_view payload) {
    if (topic == topic_) {
      watch_.returned(payload, clock_.steady_now());
    } else {
      watch_.dropped(payload, clock_.steady_now());
    }
  }

 private:
  void send_when_due() {
    const Steady now = clock_.steady_now();
    if (!stopped_ && watch_.due(now)) sender_.send({topic_, watch_.send(now), false}, {});
  }

  void tick() {
    if (stopped_) return;
    send_when_due();
    watch_.tick(clock_.steady_now());
    timer_.expires_after(kTick);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->tick();
    });
  }

  boost::asio::io_context& io_;
  std::string topic_;
  Sender& sender_;
  Clock& clock_;
  CanaryWatch watch_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
};

Canary::Canary(boost::asio::io_context& io, std::string topic, Sender& sender, Clock& clock, metrics::Metrics& metrics,
               SelfFault& faults)
    : body_(std::make_shared<Body>(io, std::move(topic), sender, clock, metrics, faults)) {}
Canary::~Canary() = default;
void Canary::start() { body_->start(); }
void Canary::receiving() { body_->receiving(); }
bool Canary::late() const noexcept { return body_->late(); }
void Canary::stop() { body_->stop(); }
void Canary::on_control(std::string_view topic, std::string_view payload) { body_->on_control(topic, payload); }

}  // namespace firegate::ingest
