#include "registry/registry.h"

#include "core/log.h"

namespace firegate::registry {

Registry::Registry(RegistryStore& store, const Models& models, metrics::Metrics& metrics)
    : store_(store),
      models_(models),
      metrics_(metrics),
      map_(std::make_shared<const DeviceMap>()),
      places_(std::make_shared<const Places>()) {}

Result<bool> Registry::open(const Inventory& seed) {
  auto kept = store_.load();
  if (!kept) return tl::unexpected(kept.error());
  if (!kept->empty() || seed.empty()) {
    publish(std::move(*kept));
    return false;
  }
  if (auto written = store_.replace_all(seed); !written) return tl::unexpected(written.error());
  publish(seed);
  return true;
}

Result<void> Registry::import(const Inventory& inventory) {
  if (auto written = store_.replace_all(inventory); !written) return written;
  publish(inventory);
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

void Registry::subscribe(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }

void Registry::publish(Inventory inventory) {
  std::vector<DevicePtr> devices;
  devices.reserve(inventory.devices.size());
  for (Device& device : inventory.devices) {
    device.no = number_of(device.id);
    device.interval = interval_of(device);
    devices.push_back(std::make_shared<const Device>(std::move(device)));
  }
  auto map = std::make_shared<const DeviceMap>(std::move(devices));
  auto places = std::make_shared<const Places>(std::move(inventory.places));
  {
    const std::lock_guard lock(mutex_);
    map_ = map;
    places_ = places;
  }
  metrics_.devices.set(static_cast<double>(map->devices().size()));
  log::info("registry_published", {{"devices", map->devices().size()}, {"places", places->all().size()}});
  for (const Subscriber& subscriber : subscribers_) subscriber(map);
}

DeviceNo Registry::number_of(std::string_view id) {
  const DevicePtr* known = map_->by_id(id);
  return known ? (*known)->no : ++last_no_;
}

Millis Registry::interval_of(const Device& device) const {
  if (device.interval > Millis{0}) return device.interval;
  const Model* model = models_.find(device.model);
  return model && model->interval ? *model->interval : default_interval(device.kind);
}

}  // namespace firegate::registry
