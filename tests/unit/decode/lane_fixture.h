// What tests of lanes need: seams that remember what they were told.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "decode/lane.h"
#include "support/scripted_driver.h"

namespace firegate::decode {

class RecordedFaults final : public SelfFault {
 public:
  void raise(SelfFaultCode, std::string_view part, std::string) noexcept override { raised.emplace_back(part); }
  void clear(SelfFaultCode, std::string_view part) noexcept override { cleared.emplace_back(part); }
  std::vector<std::string> raised, cleared;
};

class OneUnmapped final : public UnmappedDevices {
 public:
  DevicePtr heard(std::string_view, std::string_view, const DeviceMessage& message, const RawMessage&) override {
    const std::lock_guard lock(mutex_);
    if (full) return nullptr;
    auto& device = known_[message.address];
    if (device) return device;
    Device made;
    made.no = kUnmappedBit + static_cast<DeviceNo>(known_.size());
    made.id = "?scripted/" + message.address;
    made.mapped = false;
    made.place = place_;
    device = std::make_shared<const Device>(std::move(made));
    return device;
  }
  bool full = false;

 private:
  std::mutex mutex_;
  PlacePtr place_ = std::make_shared<const Place>(Place{{}, {"unmapped:scripted", ""}, {}, {}, {}, 0});
  std::map<std::string, DevicePtr> known_;
};

// Devices d0 … d9 in buildings e/b0 … e/b9.
inline DeviceMapPtr ten_devices() {
  std::vector<DevicePtr> devices;
  for (unsigned i = 0; i < 10; ++i) {
    Device device;
    device.no = i + 1;
    device.id = device.address = "d" + std::to_string(i);
    device.source = device.format = "scripted";
    device.place = std::make_shared<const Place>(Place{{"e", ""}, {"b" + std::to_string(i), ""}, {}, {}, {}, 0});
    devices.push_back(std::make_shared<const Device>(std::move(device)));
  }
  return std::make_shared<const DeviceMap>(std::move(devices));
}

}  // namespace firegate::decode
