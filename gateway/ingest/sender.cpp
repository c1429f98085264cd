#include "ingest/sender.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "core/log.h"
#include "ingest/connection.h"

namespace firegate::ingest {
namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr Millis kFirstWait{500}, kLastWait{15'000};  // between attempts, as for the receiving connection
constexpr int kQos = 1;
constexpr int kRefused = 0x80;  // reason codes from here on (MQTT 5.0, 2.4)

}  // namespace

class MqttSender::Body final : public Connection::Listener,
                               public mqtt::iaction_listener,
                               public std::enable_shared_from_this<Body> {
 public:
  using Done = std::function<void(Result<void>)>;

  Body(boost::asio::io_context& io, const BrokerSettings& broker, Clock& clock, metrics::Metrics& metrics)
      : io_(io),
        clock_(clock),
        metrics_(metrics),
        canary_topic_(broker.canary_topic()),
        tick_timer_(io),
        connection_(std::make_shared<Connection>(
            io, Connection::Options{broker, broker.client_id + "-out", /*keep_session=*/false}, *this)) {}

  void start() {
    connection_->start();
    boost::asio::post(io_, [self = shared_from_this()] { self->tick(); });
  }

  void stop() {
    connection_->stop();
    boost::asio::post(io_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->tick_timer_.cancel();
      self->fail_all({ErrorCode::io_failed, "publishing: the sender was stopped"}, /*also_waiting=*/true);
    });
  }

  void send(Outgoing outgoing, Done done) noexcept {
    const bool full = open_.fetch_add(1, std::memory_order_relaxed) >= kSenderLimit;
    boost::asio::post(io_, [self = shared_from_this(), full, o = std::move(outgoing), d = std::move(done)]() mutable {
      self->accept(full, std::move(o), std::move(d));
    });
  }

  // Paho's thread.
  void in_connected(mqtt::async_client&) noexcept override {}
  void in_message(const mqtt::message&) noexcept override {}
  void on_success(const mqtt::token& token) override { post_answer(token, static_cast<int>(token.get_reason_code())); }
  void on_failure(const mqtt::token& token) override {
    post_answer(token, std::max(static_cast<int>(token.get_reason_code()), kRefused));
  }

  // The io thread.
  void connected(bool) override {
    failures_ = 0;
    log::info("sender_connected");
    for (auto& [id, item] : items_) publish(id, item);
    remove_answered();
  }
  void attempt_failed(const std::string& why) override {
    ++failures_;
    log::warning("sender_connect_failed", {{"reason", why}});
  }
  void lost(const Connection::Loss& loss) override {
    log::warning("sender_connection_lost", {{"reason", loss.why}});
    fail_all({ErrorCode::io_failed, "publishing: connection lost before the broker confirmed"}, /*also_waiting=*/false);
  }
  Millis retry_after(double random) override {
    const auto doubled = kFirstWait * (1 << std::min(failures_, 6));
    const auto wait = static_cast<double>(std::min(doubled, kLastWait).count());
    return Millis{static_cast<Millis::rep>(wait * (1 - 0.5 * random))};
  }

 private:
  struct Item {
    Outgoing outgoing;
    Done done;
    Steady deadline;
    bool published = false;
    bool answered = false;
  };

  void accept(bool full, Outgoing outgoing, Done done) {
    Item item{std::move(outgoing), std::move(done), clock_.steady_now() + kSendWithin};
    if (full) return answer(item, fail(ErrorCode::overloaded, "publishing: too many publications under way"));
    if (stopped_) return answer(item, fail(ErrorCode::io_failed, "publishing: the sender was stopped"));
    const auto id = ++last_id_;
    auto& kept = items_.emplace(id, std::move(item)).first->second;
    publish(id, kept);
    if (kept.answered) items_.erase(id);
  }

  void publish(std::uintptr_t id, Item& item) {
    auto* client = connection_->client();
    if (client == nullptr || item.published) return;  // waits for the connection, at most until its deadline
    try {
      item.published = true;
      client->publish(mqtt::make_message(item.outgoing.topic, item.outgoing.payload, kQos, item.outgoing.retain),
                      reinterpret_cast<void*>(id), *this);
    } catch (const std::exception& error) {
      answer(item, fail(ErrorCode::io_failed, fmt::format("publishing on {}: {}", item.outgoing.topic, error.what())));
    }
  }

  void post_answer(const mqtt::token& token, int code) {
    const auto id = reinterpret_cast<std::uintptr_t>(token.get_user_context());
    boost::asio::post(io_, [self = shared_from_this(), id, code] {
      const auto found = self->items_.find(id);
      if (found == self->items_.end()) return;
      if (code < kRefused) {
        self->answer(found->second, {});
      } else {
        self->answer(found->second,
                     fail(ErrorCode::io_failed, fmt::format("publishing on {}: broker says reason code 0x{:02X}",
                                                            found->second.outgoing.topic, code)));
      }
      self->items_.erase(found);
    });
  }

  void answer(Item& item, Result<void> result) {
    if (item.answered) return;
    item.answered = true;
    open_.fetch_sub(1, std::memory_order_relaxed);
    if (item.outgoing.topic != canary_topic_) (result ? metrics_.commands_sent : metrics_.commands_failed).add();
    if (item.done) item.done(std::move(result));
  }

  void fail_all(const Error& error, bool also_waiting) {
    for (auto& [id, item] : items_) {
      if (item.published || also_waiting) answer(item, tl::unexpected(error));
    }
    remove_answered();
  }

  void remove_answered() {
    std::erase_if(items_, [](const auto& entry) { return entry.second.answered; });
  }

  void tick() {
    if (stopped_) return;
    const Steady now = clock_.steady_now();
    for (auto& [id, item] : items_) {
      if (item.deadline > now) break;  // in order of arrival
      answer(item, fail(ErrorCode::timed_out,
                        fmt::format("publishing on {}: {} within {} s", item.outgoing.topic,
                                    item.published ? "no confirmation" : "no connection", kSendWithin.count() / 1000)));
    }
    remove_answered();
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->tick();
    });
  }

  boost::asio::io_context& io_;
  Clock& clock_;
  metrics::Metrics& metrics_;
  std::string canary_topic_;
  std::atomic<std::size_t> open_{0};
  std::map<std::uintptr_t, Item> items_;  // by order of arrival
  std::uintptr_t last_id_ = 0;
  int failures_ = 0;
  bool stopped_ = false;
  boost::asio::steady_timer tick_timer_;
  std::shared_ptr<Connection> connection_;
};

MqttSender::MqttSender(boost::asio::io_context& io, const BrokerSettings& broker, Clock& clock,
                       metrics::Metrics& metrics)
    : body_(std::make_shared<Body>(io, broker, clock, metrics)) {}
MqttSender::~MqttSender() = default;
void MqttSender::start() { body_->start(); }
void MqttSender::stop() { body_->stop(); }
void MqttSender::send(Outgoing outgoing, std::function<void(Result<void>)> done) noexcept {
  body_->send(std::move(outgoing), std::move(done));
}

}  // namespace firegate::ingest
