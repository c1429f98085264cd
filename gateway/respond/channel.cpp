#include "respond/channel.h"

#include <fmt/format.h>

#include "core/log.h"

namespace firegate::respond {
namespace {

constexpr std::size_t kAnnounced = 1000;
// Failures in a row after which people are told that the channel does not deliver: about seven seconds (our choice).
constexpr std::uint32_t kFailuresAreAFault = 3;
// A look at the clock at least this often, so that a stepped clock delays nothing for long.
constexpr Millis kLongestWait{1000};

}  // namespace

Channel::Channel(std::string name, std::unique_ptr<Notifier> notifier, const Surroundings& surroundings)
    : name_(std::move(name)), notifier_(std::move(notifier)), around_(surroundings), random_(std::random_device{}()) {}

Channel::~Channel() { stop(); }

void Channel::start() {
  thread_ = std::thread([this] { run(); });
}

void Channel::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::size_t Channel::waiting() const noexcept {
  const std::lock_guard lock(mutex_);
  return queue_.size() + (under_way_.empty() ? 0 : 1);
}

void Channel::add(Notice notice, std::uint32_t attempts, bool recorded) noexcept {
  Delivery delivery{std::move(notice), {}, attempts, recorded, {}};
  delivery.key = delivery.notice.key();
  std::unique_lock lock(mutex_);
  if (delivery.key == under_way_) {
    under_way_recorded_ = under_way_recorded_ || recorded;
    return;
  }
  if (std::find(announced_.begin(), announced_.end(), delivery.key) != announced_.end()) {
    lock.unlock();
    if (recorded) record(delivery, "sent", "announced before it was recorded");
    return;
  }
  queue_.add(std::move(delivery));
  lock.unlock();
  wake_.notify_one();
}

void Channel::run() noexcept {
  while (auto delivery = wait_for_next()) attempt(std::move(*delivery));
}

// None: stopping.
std::optional<Delivery> Channel::wait_for_next() {
  std::unique_lock lock(mutex_);
  under_way_.clear();
  while (!stopping_) {
    const Instant now = around_.clock.now();
    if (auto delivery = queue_.take(now)) {
      under_way_ = delivery->key;
      under_way_recorded_ = delivery->recorded;
      return delivery;
    }
    const auto due = queue_.next_due();
    if (due) wake_.wait_for(lock, std::min(*due - now, kLongestWait));
    else wake_.wait(lock);
  }
  return std::nullopt;
}

void Channel::attempt(Delivery delivery) {
  if (around_.clock.now() - delivery.notice.at > around_.retry.give_up) {
    return rejected(delivery, fmt::format("not delivered in {} h",
                                          std::chrono::floor<std::chrono::hours>(around_.retry.give_up).count()));
  }
  ++delivery.attempts;
  const DeliveryOutcome outcome = notifier_->deliver(delivery.notice);
  if (std::holds_alternative<Sent>(outcome)) return sent(delivery);
  if (const auto* no = std::get_if<Rejected>(&outcome)) return rejected(delivery, no->why);
  failed(std::move(delivery), std::get<RetryAfter>(outcome));
}

// Whether the store knows of the delivery by now. A delivery that was only announced is remembered, so that its record
// does not send it again.
bool Channel::recorded_meanwhile(const Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  under_way_.clear();
  if (under_way_recorded_) return true;
  announced_.push_back(delivery.key);
  if (announced_.size() > kAnnounced) announced_.pop_front();
  return false;
}

void Channel::sent(Delivery& delivery) {
  failures_in_a_row_ = 0;
  around_.metrics.deliveries_sent.add(name_);
  around_.faults.clear(SelfFaultCode::channel_failed, name_);
  if (recorded_meanwhile(delivery)) record(delivery, "sent", "");
}

void Channel::rejected(Delivery& delivery, const std::string& why) {
  around_.metrics.deliveries_failed.add(name_);
  log::error("delivery_rejected", {{"channel", name_}, {"key", delivery.key}, {"reason", why}});
  around_.faults.raise(SelfFaultCode::channel_failed, name_, why);
  if (recorded_meanwhile(delivery)) record(delivery, "rejected", why);
}

void Channel::failed(Delivery delivery, const RetryAfter& retry) {
  around_.metrics.deliveries_failed.add(name_);
  if (++failures_in_a_row_ == kFailuresAreAFault) {
    log::error("channel_failed", {{"channel", name_}, {"reason", retry.why}});
    around_.faults.raise(SelfFaultCode::channel_failed, name_, retry.why);
  }
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  delivery.not_before =
      around_.clock.now() + std::max(retry.wait, retry_wait(around_.retry, delivery.attempts, random));
  std::unique_lock lock(mutex_);
  delivery.recorded = under_way_recorded_;
  under_way_.clear();
  const Delivery copy = delivery;
  queue_.add(std::move(delivery));
  lock.unlock();
  if (copy.recorded) record(copy, "waiting", retry.why);
}

void Channel::record(const Delivery& delivery, std::string_view state, std::string detail) {
  around_.log.record(
      {delivery.key, name_, std::string(state), delivery.attempts, around_.clock.now(), std::move(detail)});
}

}  // namespace firegate::respond
