#include "app/fault_relay.h"

#include "core/log.h"

namespace firegate::app {

void FaultRelay::raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept {
  const std::lock_guard lock(mutex_);
  if (target_) {
    target_->raise(code, part, std::move(detail));
    return;
  }
  log::error("self_fault_early", {{"code", label(code)}, {"part", part}, {"detail", detail}});
  kept_.push_back({code, std::string(part), std::move(detail), true});
}

void FaultRelay::clear(SelfFaultCode code, std::string_view part) noexcept {
  const std::lock_guard lock(mutex_);
  if (target_) {
    target_->clear(code, part);
  } else {
    kept_.push_back({code, std::string(part), {}, false});
  }
}

void FaultRelay::attach(SelfFault* target) {
  const std::lock_guard lock(mutex_);
  target_ = target;
  if (!target_) return;
  for (Kept& kept : kept_) {
    if (kept.raised) {
      target_->raise(kept.code, kept.part, std::move(kept.detail));
    } else {
      target_->clear(kept.code, kept.part);
    }
  }
  kept_.clear();
}

}  // namespace firegate::app
