// LiveIntake: carries changed alarms from the core's threads to the web thread. Holds at most one state of each alarm,
// the newest, so it is bounded by the number of alarms however slow the web thread is. `app` makes it before the core
// and the server, because the core reports to it and the server takes from it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/commands.h"
#include "core/live.h"

namespace firegate::api {

// A device is in test until then, or no more (none); `passed_at`: the message that counted.
struct DeviceTestEvent {
  std::string device, estate;
  std::optional<Instant> until, passed_at;
};

class LiveIntake final : public LiveSink {
 public:
  void alarm_changed(const Alarm& alarm) noexcept override;  // any thread
  void device_test(DeviceTestEvent event);                   // any thread
  void command_changed(CommandRecord record);                // any thread

  // `wake` is called on any thread when there is something to take: it posts and returns. None: nobody takes any more.
  void attach(std::function<void()> wake);
  std::vector<Alarm> take();  // in the order of the first report
  std::vector<DeviceTestEvent> take_tests();
  std::vector<CommandRecord> take_commands();

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<Alarm> waiting_;
  boost::unordered_flat_map<AlarmId, std::size_t> index_;  // into waiting_
  std::vector<CommandRecord> commands_;                    // as many as people order
  std::vector<DeviceTestEvent> tests_;                     // as many as people begin, end and pass
};

}  // namespace firegate::api
