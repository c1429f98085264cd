#include "registry/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.h"

namespace firegate::registry {

Registry::Registry(RegistryStore& store, const Models& models, metrics::Metrics& metrics,
                   std::vector<SourceName> sources)
    : store_(store),
      models_(models),
      metrics_(metrics),
      sources_(std::move(sources)),
      map_(std::make_shared<const DeviceMap>()),
      places_(std::make_shared<const Places>()) {}

Result<bool> Registry::open(const Inventory& seed) {
  auto kept = store_.load();
  if (!kept) return tl::unexpected(kept.error());
  auto records = store_.load_records();
  if (!records) return tl::unexpected(records.error());
  {
    const std::lock_guard lock(mutex_);
    facts_ = {records->facts.begin(), records->facts.end()};
    for (const IgnoredDevice& ignored : records->ignored) ignored_.emplace(ignored.address, ignored);
  }
  for (TestRecord& test : records->open_tests) tests_.emplace(test.device, std::move(test));
  last_import_ = records->last_import;
  if (!kept->empty() || seed.empty()) {
    adopt_inventory(std::move(*kept));
    return false;
  }
  if (auto written = store_.replace_all(seed); !written) return tl::unexpected(written.error());
  adopt_inventory(seed);
  return true;
}

Result<void> Registry::import(const Inventory& inventory) {
  if (auto written = store_.replace_all(inventory); !written) return written;
  adopt_inventory(inventory);
  return {};
}

DeviceMapPtr Registry::snapshot() const {
  const std::lock_guard lock(mutex_);
  return map_;
}

std::shared_ptr<const Places> Registry::places() const {
  const std::lock_guard lock(mutex_);
  return places_;
}

DeviceFacts Registry::facts(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = facts_.find(id);
  return found == facts_.end() ? DeviceFacts{} : found->second;
}

std::vector<IgnoredDevice> Registry::ignored() const {
  const std::lock_guard lock(mutex_);
  std::vector<IgnoredDevice> list;
  for (const auto& [address, ignored] : ignored_) list.push_back(ignored);
  return list;
}

void Registry::subscribe(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }

void Registry::adopt_inventory(Inventory inventory) {
  {
    const std::lock_guard lock(mutex_);
    places_ = std::make_shared<const Places>(std::move(inventory.places));
  }
  own_intervals_.clear();
  disabled_.clear();
  std::vector<DevicePtr> devices;
  devices.reserve(inventory.devices.size());
  for (Device& device : inventory.devices) {
    if (device.interval > Millis{0}) own_intervals_.emplace(device.id, device.interval);
    if (device.disablement) disabled_.insert(device.id);
    if (const auto test = tests_.find(device.id); test != tests_.end()) {
      const TestRecord& open = test->second;
      device.test = std::make_shared<const TestWindow>(
          TestWindow{open.no, open.at, open.until, open.by, open.needs_flag, open.passed});
    }
    devices.push_back(finish(std::move(device)));
  }
  publish(std::move(devices));
}

void Registry::publish(std::vector<DevicePtr> devices) {
  auto map = std::make_shared<const DeviceMap>(std::move(devices));
  std::size_t places = 0;
  {
    const std::lock_guard lock(mutex_);
    map_ = map;
    places = places_->all().size();
  }
  metrics_.devices.set(static_cast<double>(map->devices().size()));
  log::info("registry_published", {{"devices", map->devices().size()}, {"places", places}});
  for (const Subscriber& subscriber : subscribers_) subscriber(map);
}

DevicePtr Registry::finish(Device device) {
  device.no = number_of(device.id);
  device.interval = interval_of(device);
  return std::make_shared<const Device>(std::move(device));
}

Device Registry::as_stored(const Device& device) const {
  Device stored = device;
  const auto own = own_intervals_.find(device.id);
  stored.interval = own == own_intervals_.end() ? Millis{0} : own->second;
  return stored;
}

DeviceNo Registry::number_of(std::string_view id) {
  const DevicePtr* known = map_->by_id(id);
  return known ? (*known)->no : ++last_no_;
}

Millis Registry::interval_of(const Device& device) const {
  if (const auto own = own_intervals_.find(device.id); own != own_intervals_.end()) return own->second;
  const Model* model = models_.find(device.model);
  return model && model->interval ? *model->interval : default_interval(device.kind);
}

// Stored first. Then everybody sees it: the devices that it names, in the place of what they were.
Answer<void> Registry::commit(RegistryChange change) {
  if (auto stored = store_.save(change); !stored) return tl::unexpected<Refusal>(Refusal{stored.error()});
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& id : change.drop) facts_.erase(id);
    for (const auto& [id, facts] : change.facts) facts_.insert_or_assign(id, facts);
    for (const IgnoredDevice& ignored : change.ignore) ignored_.insert_or_assign(ignored.address, ignored);
    for (const DeviceAddress& address : change.heed) ignored_.erase(address);
  }
  if (change.import) last_import_ = std::max(last_import_, change.import->no);
  if (change.put.empty() && change.drop.empty()) return {};

  const std::set<std::string_view> gone(change.drop.begin(), change.drop.end());
  boost::unordered_flat_map<std::string_view, Device*> fresh;
  for (Device& device : change.put) fresh.emplace(device.id, &device);
  std::vector<DevicePtr> devices;
  devices.reserve(map_->devices().size() + change.put.size());
  for (const DevicePtr& device : map_->devices()) {
    if (gone.contains(device->id)) continue;
    const auto found = fresh.find(device->id);
    if (found == fresh.end()) {
      devices.push_back(device);
      continue;
    }
    devices.push_back(finish(*found->second));
    fresh.erase(found);
  }
  for (Device& device : change.put) {  // the new ones, in their order
    if (fresh.contains(device.id)) devices.push_back(finish(device));
  }
  for (const std::string& id : change.drop) {
    disabled_.erase(id);
    tests_.erase(id);
    own_intervals_.erase(id);
  }
  for (const Device& device : change.put)
    device.disablement ? disabled_.insert(device.id).second : disabled_.erase(device.id) > 0;
  publish(std::move(devices));
  return {};
}

}  // namespace firegate::registry
