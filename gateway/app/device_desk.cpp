#include "app/device_desk.h"

#include "core/log.h"

namespace firegate::app {

void DeviceDesk::start() {
  thread_ = std::thread([this] { run_thread(); });
}

void DeviceDesk::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool DeviceDesk::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_all();
  return true;
}

Result<std::vector<DeviceChange>> DeviceDesk::changes(const std::string& device, std::size_t limit) {
  return records_.changes(device, limit);
}

Result<std::vector<TestRecord>> DeviceDesk::tests(const std::string& device, std::size_t limit) {
  return records_.tests(device, limit);
}

Result<void> DeviceDesk::note_test(const std::string& device, std::uint32_t no, const std::string& note,
                                   JournalEntry line) {
  return records_.note_test(device, no, note, std::move(line));
}

void DeviceDesk::tell_test(const Device& device) {
  api::DeviceTestEvent event;
  event.device = device.id;
  event.estate = device.place->estate.id;
  if (device.test) event.until = device.test->until;
  live_.device_test(std::move(event));
}

// People wait for this one: told from here, whatever the desk is doing.
void DeviceDesk::test_passed(const TestRow& row) noexcept {
  const DeviceMapPtr map = registry_.snapshot();
  const DevicePtr* device = map->by_id(row.device);
  api::DeviceTestEvent event;
  event.device = row.device;
  event.passed_at = row.at;
  if (device) event.estate = (*device)->place->estate.id;
  if (device && (*device)->test) event.until = (*device)->test->until;
  live_.device_test(std::move(event));
  // Of as many as people began: never too much, so it does not count against the bound.
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back([this, row] { registry_.test_passed(row); });
  }
  wake_.notify_all();
}

void DeviceDesk::run_thread() {
  Steady next_tick = clock_.steady_now();
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds{1}, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      if (!waiting_.empty()) {
        work = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (work) work();
    if (clock_.steady_now() < next_tick) continue;
    next_tick = clock_.steady_now() + std::chrono::seconds{1};
    tick();
  }
}

void DeviceDesk::tick() {
  const auto ended = registry_.tick(clock_.now());
  if (!ended) {
    log::warning("registry_tick_failed", {{"error", ended.error().message}});
    return;
  }
  for (const DevicePtr& device : *ended) tell_test(*device);
}

}  // namespace firegate::app
