// DeviceMap: immutable snapshot of who is who: wire address → device → place, kind, interval.
// Built by the registry, replaced whole, read from any thread. Pointers into it live as long as the snapshot.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/device_kind.h"
#include "core/place.h"

namespace firegate {

// Handle of a device within this process: given by the registry on load or adoption, kept while it is listed, never
// reused. Rows and messages to the outside carry the device's id instead.
using DeviceNo = std::uint32_t;

struct Disablement {
  Instant until{};
  std::string by, reason;
};

// A walk test of the device: until it ends its alarms are of class `test` and nobody is told.
struct TestWindow {
  std::uint32_t no = 0;     // of this device, from 1
  Instant at{}, until{};    // when it began; when it ends by itself
  std::string by;           // who began it, as people call them
  bool needs_flag = false;  // its model says when it is being tested: other messages do not count
  bool passed = false;      // a message that counts has come
};

struct Device {
  DeviceNo no = 0;
  std::string id;       // [A-Za-z0-9_-]{1,64}; an unmapped device is "?<format>/<address>"
  std::string source;   // id of the source it speaks through
  std::string format;   // wire format, the driver's folder name
  std::string address;  // what the wire format calls it
  std::string model;    // brand/model, or "generic"
  std::string name;     // as people call it
  std::string note;
  DeviceKind kind{};
  bool mapped = true;  // false: nobody has adopted it; its fires are unverified
  Millis interval{};   // it speaks at least this often
  PlacePtr place;      // never null
  std::shared_ptr<const Disablement> disablement;  // null: it is in service
  std::shared_ptr<const TestWindow> test{};        // null: it is not in test
};
using DevicePtr = std::shared_ptr<const Device>;

class DeviceMap {
 public:
  DeviceMap() = default;
  // `devices` have distinct ids, distinct (source, format, address) and distinct numbers.
  explicit DeviceMap(std::vector<DevicePtr> devices);

  const DevicePtr* by_address(std::string_view source, std::string_view format, std::string_view address) const;
  const DevicePtr* by_id(std::string_view id) const;
  const DevicePtr* by_no(DeviceNo no) const;
  std::span<const DevicePtr> devices() const noexcept { return devices_; }

 private:
  // Keyed by a hash of the address; devices whose hashes collide are told apart by comparing the strings.
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> by_address_;
  boost::unordered_flat_map<std::string_view, std::uint32_t> by_id_;
  boost::unordered_flat_map<DeviceNo, std::uint32_t> by_no_;
  std::vector<DevicePtr> devices_;
};
using DeviceMapPtr = std::shared_ptr<const DeviceMap>;

}  // namespace firegate
