#include "api/live_intake.h"

namespace firegate::api {

void LiveIntake::alarm_changed(const Alarm& alarm) noexcept {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = index_.try_emplace(alarm.id, waiting_.size());
  if (!is_new) {
    Alarm& waiting = waiting_[at->second];
    if (alarm.revision >= waiting.revision) waiting = alarm;
    return;
  }
  waiting_.push_back(alarm);
  if (waiting_.size() == 1 && wake_) wake_();  // later ones are taken with this one
}

void LiveIntake::device_test(DeviceTestEvent event) {
  const std::lock_guard lock(mutex_);
  tests_.push_back(std::move(event));
  if (tests_.size() == 1 && wake_) wake_();
}

void LiveIntake::command_changed(CommandRecord record) {
  const std::lock_guard lock(mutex_);
  commands_.push_back(std::move(record));
  if (commands_.size() == 1 && wake_) wake_();
}

void LiveIntake::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && (!waiting_.empty() || !tests_.empty() || !commands_.empty())) wake_();
}

std::vector<DeviceTestEvent> LiveIntake::take_tests() {
  const std::lock_guard lock(mutex_);
  return std::exchange(tests_, {});
}

std::vector<CommandRecord> LiveIntake::take_commands() {
  const std::lock_guard lock(mutex_);
  return std::exchange(commands_, {});
}

std::vector<Alarm> LiveIntake::take() {
  const std::lock_guard lock(mutex_);
  index_.clear();
  return std::exchange(waiting_, {});
}

}  // namespace firegate::api
