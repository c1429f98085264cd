// DeviceDesk: where the registry is changed: one thread, which may wait for the disk. Once a second it ends the
// disablements and tests that are over. Owned by App; what it is made of outlives it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "api/device_desk.h"
#include "api/live_intake.h"
#include "core/clock.h"
#include "core/live.h"
#include "store/device_records.h"

namespace firegate::app {

class DeviceDesk final : public api::DeviceDesk, public TestSink {
 public:
  static constexpr std::size_t kMaxWaiting = 256;  // of posted work: a building's installers at once; our choice

  DeviceDesk(registry::Registry& registry, store::DeviceRecords& records, api::LiveIntake& live, const Clock& clock)
      : registry_(registry), records_(records), live_(live), clock_(clock) {}
  ~DeviceDesk() override { stop(); }

  void start();
  void stop() noexcept;  // what waits is not done

  registry::Registry& registry() noexcept override { return registry_; }
  bool post(std::function<void()> work) override;
  Result<std::vector<DeviceChange>> changes(const std::string& device, std::size_t limit) override;
  Result<std::vector<TestRecord>> tests(const std::string& device, std::size_t limit) override;
  Result<void> note_test(const std::string& device, std::uint32_t no, const std::string& note,
                         JournalEntry line) override;
  void tell_test(const Device& device) override;

  void test_passed(const TestRow& row) noexcept override;  // any thread

 private:
  void run_thread();
  void tick();

  registry::Registry& registry_;
  store::DeviceRecords& records_;
  api::LiveIntake& live_;
  const Clock& clock_;

  std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace firegate::app
