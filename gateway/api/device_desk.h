// DeviceDesk: the seam between the API and those who keep the registry (`app`). Reading the registry is for any thread;
// what changes it, and what needs the disk, runs on the desk's own thread, which may wait.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/device_record.h"
#include "registry/registry.h"

namespace firegate::api {

class DeviceDesk {
 public:
  virtual ~DeviceDesk() = default;

  virtual registry::Registry& registry() noexcept = 0;
  // Any thread: runs `work` on the desk's thread. False: too much waits there.
  virtual bool post(std::function<void()> work) = 0;

  // The desk's thread only.
  virtual Result<std::vector<DeviceChange>> changes(const std::string& device, std::size_t limit) = 0;  // newest first
  virtual Result<std::vector<TestRecord>> tests(const std::string& device, std::size_t limit) = 0;      // the same
  virtual Result<void> note_test(const std::string& device, std::uint32_t no, const std::string& note,
                                 JournalEntry line) = 0;  // not_found: no such test
  // Says on the live feed that the device is in test, or is no more.
  virtual void tell_test(const Device& device) = 0;
};

}  // namespace firegate::api
