#include "ingest/link_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firegate::ingest {

LinkHealth::LinkHealth(SelfFault& faults, bool session_expected, Steady now)
    : faults_(faults), session_expected_(session_expected), since_(now) {}

void LinkHealth::connected(Steady now, bool session_present) {
  if (session_expected_ && !session_present) {
    raise(SelfFaultCode::session_lost, session_lost_,
          "connecting to the broker: found no session of ours, expected the one of before; messages may be missing");
  }
  session_expected_ = true;
  connected_ = true;
  since_ = now;
  failures_ = 0;
}

void LinkHealth::attempt_failed(Steady now, const std::string& why) {
  ++failures_;
  returned_at_once_ = false;
  last_reason_ = why;
  tick(now);
}

void LinkHealth::lost(Steady now, bool taken_over, const std::string& why) {
  if (connected_) since_ = now;
  connected_ = false;
  last_reason_ = why;
  if (recent_losses(now) == 0) returned_at_once_ = true;
  losses_.push_back(now);
  while (losses_.size() > kManyLosses) losses_.pop_front();
  const bool many = recent_losses(now) >= kManyLosses;
  if (taken_over) {
    taken_over_ = true;
    raise(SelfFaultCode::client_id_fight, fight_, "broker says that another client took over our session");
  } else if (many && returned_at_once_) {
    raise(
        SelfFaultCode::client_id_fight, fight_,
        "connection lost three times within a minute and regained at once: another client probably uses our client id");
  } else if (many && !fight_) {
    raise(SelfFaultCode::broker_lost, broker_lost_,
          fmt::format("connection lost three times within a minute; last: {}", why));
  }
}

void LinkHealth::subscribed() { clear(SelfFaultCode::session_lost, session_lost_); }

void LinkHealth::tick(Steady now) {
  const auto lasted = now - since_;
  if (!connected_ && lasted >= kLostAfter) {
    raise(SelfFaultCode::broker_lost, broker_lost_,
          fmt::format("no connection to the broker for {} s; last: {}",
                      std::chrono::duration_cast<std::chrono::seconds>(lasted).count(),
                      last_reason_.empty() ? "no answer" : last_reason_));
  }
  if (connected_ && lasted >= kSteadyAfter) clear(SelfFaultCode::broker_lost, broker_lost_);
  if (connected_ && lasted >= kFightOverAfter) {
    clear(SelfFaultCode::client_id_fight, fight_);
    taken_over_ = false;
  }
}

Millis LinkHealth::retry_after(Steady now, double random) const noexcept {
  const auto steps = std::min<std::size_t>(std::max(failures_, recent_losses(now)), 16);
  const double doubled = static_cast<double>(kFirstRetry.count()) * std::exp2(static_cast<double>(steps) - 1);
  const double most = static_cast<double>((taken_over_ ? kFightRetry : kLastRetry).count());
  const double delay = taken_over_ ? most : std::min(std::max(doubled, static_cast<double>(kFirstRetry.count())), most);
  return Millis{static_cast<Millis::rep>(delay * (1 - 0.5 * std::clamp(random, 0.0, 1.0)))};
}

std::size_t LinkHealth::recent_losses(Steady now) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(losses_.begin(), losses_.end(), [now](Steady at) { return now - at < kLossWindow; }));
}

void LinkHealth::raise(SelfFaultCode code, bool& raised, std::string detail) {
  if (raised) return;
  raised = true;
  faults_.raise(code, "", std::move(detail));
}

void LinkHealth::clear(SelfFaultCode code, bool& raised) {
  if (!raised) return;
  raised = false;
  faults_.clear(code, "");
}

}  // namespace firegate::ingest
