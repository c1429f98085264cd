#include "respond/respond.h"

#include "core/log.h"

namespace firegate::respond {

Respond::Respond(Routes routes, std::vector<NamedNotifier> channels, Surroundings surroundings)
    : around_(surroundings), routes_(std::make_shared<const Routes>(std::move(routes))) {
  for (NamedNotifier& one : channels) {
    channels_.push_back(std::make_unique<Channel>(one.name, std::move(one.notifier), around_));
  }
}

Respond::~Respond() { stop(); }

Result<void> Respond::start() {
  auto undone = around_.log.undelivered();
  if (!undone) return tl::unexpected(undone.error());
  for (const WaitingDelivery& waiting : undone->waiting) resume(waiting);
  for (Notice& notice : undone->unrouted) route(std::move(notice));
  for (const auto& channel : channels_) channel->start();
  count_waiting();
  return {};
}

void Respond::stop() noexcept {
  for (const auto& channel : channels_) channel->stop();
}

void Respond::submit(std::vector<Notice> notices) noexcept {
  for (Notice& notice : notices) route(std::move(notice));
  count_waiting();
}

void Respond::announce(const Notice& notice) noexcept {
  for (const std::string& name : channels_for(notice)) {
    if (Channel* channel = find(name)) channel->add(notice, 0, false);
  }
  count_waiting();
}

void Respond::replace_routes(Routes routes) {
  auto fresh = std::make_shared<const Routes>(std::move(routes));
  const std::lock_guard lock(mutex_);
  routes_ = std::move(fresh);
}

std::vector<std::string> Respond::channels_for(const Notice& notice) const {
  std::shared_ptr<const Routes> routes;
  {
    const std::lock_guard lock(mutex_);
    routes = routes_;
  }
  return routes->channels_for(notice);
}

Channel* Respond::find(const std::string& name) const noexcept {
  const auto found =
      std::find_if(channels_.begin(), channels_.end(), [&name](const auto& one) { return one->name() == name; });
  return found == channels_.end() ? nullptr : found->get();
}

// The deliveries are written down first: the log keeps the order, so an outcome never overtakes its delivery.
void Respond::route(Notice notice) {
  const auto names = channels_for(notice);
  around_.log.routed(notice.key(), names, around_.clock.now());
  for (const std::string& name : names) {
    if (Channel* channel = find(name)) channel->add(notice, 0, true);
  }
}

void Respond::resume(const WaitingDelivery& waiting) {
  if (Channel* channel = find(waiting.channel)) return channel->add(waiting.notice, waiting.attempts, true);
  around_.log.record({waiting.notice.key(), waiting.channel, "rejected", waiting.attempts, around_.clock.now(),
                      "the channel is no longer configured"});
}

void Respond::count_waiting() noexcept {
  std::size_t waiting = 0;
  for (const auto& channel : channels_) waiting += channel->waiting();
  around_.metrics.deliveries_waiting.set(static_cast<double>(waiting));
}

}  // namespace firegate::respond
