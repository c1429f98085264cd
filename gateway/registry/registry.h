// Registry: who is who. Takes places and devices from the store (files are seeds: read into an empty store, later only
// by an explicit import), gives each device its number and interval, and publishes immutable DeviceMaps. Owned by
// `app`. `open`, `import` and `subscribe` on one strand; `snapshot` and `places` on any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/device_map.h"
#include "core/models.h"
#include "core/result.h"
#include "metrics/metrics.h"
#include "registry/devices_file.h"
#include "registry/places_file.h"

namespace firegate::registry {

// What the store keeps. Devices carry no number; an interval of zero means "as its model or kind".
struct Inventory {
  std::vector<PlacePtr> places;  // each after the one that holds it
  std::vector<Device> devices;

  bool empty() const noexcept { return places.empty() && devices.empty(); }
};

// The part of the store that keeps places and devices; joined to store/tables by `app`. Called on the registry's
// strand.
class RegistryStore {
 public:
  virtual ~RegistryStore() = default;
  virtual Result<Inventory> load() noexcept = 0;
  virtual Result<void> replace_all(const Inventory& inventory) noexcept = 0;  // all or nothing
};

class Registry {
 public:
  using Subscriber = std::function<void(const DeviceMapPtr&)>;

  // `models` and `metrics` live as long as the registry.
  Registry(RegistryStore& store, const Models& models, metrics::Metrics& metrics);

  // Loads what the store has; an empty store takes `seed` first. True when the seed was taken.
  Result<bool> open(const Inventory& seed);
  // Replaces everything by `inventory` and publishes it: an explicit act of a person.
  Result<void> import(const Inventory& inventory);

  DeviceMapPtr snapshot() const;                 // never null
  std::shared_ptr<const Places> places() const;  // never null
  void subscribe(Subscriber subscriber);         // called after every change, on the registry's strand

 private:
  void publish(Inventory inventory);
  DeviceNo number_of(std::string_view id);  // its own while it is listed, never one that another had
  Millis interval_of(const Device& device) const;

  RegistryStore& store_;
  const Models& models_;
  metrics::Metrics& metrics_;
  DeviceNo last_no_ = 0;
  std::vector<Subscriber> subscribers_;

  mutable std::mutex mutex_;  // guards the two pointers only
  DeviceMapPtr map_;
  std::shared_ptr<const Places> places_;
};

}  // namespace firegate::registry
