#include "core/device_map.h"

#include "core/hash.h"

namespace firegate {
namespace {

std::uint64_t address_key(std::string_view source, std::string_view format, std::string_view address) noexcept {
  return StableHash{}.add(source).add(format).add(address).value();
}

bool is_at(const Device& device, std::string_view source, std::string_view format, std::string_view address) noexcept {
  return device.address == address && device.source == source && device.format == format;
}

}  // namespace

DeviceMap::DeviceMap(std::vector<DevicePtr> devices) : devices_(std::move(devices)) {
  by_address_.reserve(devices_.size());
  by_id_.reserve(devices_.size());
  by_no_.reserve(devices_.size());
  for (std::uint32_t i = 0; i < devices_.size(); ++i) {
    const Device& device = *devices_[i];
    auto key = address_key(device.source, device.format, device.address);
    while (!by_address_.emplace(key, i).second) ++key;  // linear probing over the hash itself
    by_id_.emplace(device.id, i);
    by_no_.emplace(device.no, i);
  }
}

const DevicePtr* DeviceMap::by_address(std::string_view source, std::string_view format,
                                       std::string_view address) const {
  for (auto key = address_key(source, format, address);; ++key) {
    const auto found = by_address_.find(key);
    if (found == by_address_.end()) return nullptr;
    if (is_at(*devices_[found->second], source, format, address)) return &devices_[found->second];
  }
}

const DevicePtr* DeviceMap::by_id(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &devices_[found->second];
}

const DevicePtr* DeviceMap::by_no(DeviceNo no) const {
  const auto found = by_no_.find(no);
  return found == by_no_.end() ? nullptr : &devices_[found->second];
}

}  // namespace firegate
