#include "app/fault_relay.h"

#include "core/log.h"

namespace firegate::app {
namespace {

constexpr std::string_view kRulePrefix = "self_";  // partition::Partition::self_fault

}  // namespace

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

void clear_faults_of_last_run(std::span<const Alarm> restored, SelfFault& faults) {
  for (const Alarm& alarm : restored) {
    const std::string_view rule = alarm.rule;
    if (!rule.starts_with(kRulePrefix) || !condition_present(alarm.state)) continue;
    const auto code = from_label<SelfFaultCode>(rule.substr(kRulePrefix.size()));
    const std::string_view device = alarm.subject.device;  // "gateway" or "gateway:<part>"
    const auto colon = device.find(':');
    if (code) faults.clear(*code, colon == std::string_view::npos ? std::string_view{} : device.substr(colon + 1));
  }
}

}  // namespace firegate::app
