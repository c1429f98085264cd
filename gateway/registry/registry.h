// Registry: who is who. Takes places and devices from the store (files are seeds: read into an empty store, later only
// by an explicit import), gives each device its number and interval, and publishes immutable DeviceMaps. What people do
// to a device is a small operation: judged, stored with what was before and after, and only then published; devices
// that did not change are the same objects in the next map. What is rarely asked of a device lies beside it, by id.
//
// Owned by `app`. Reading is for any thread; everything else for one strand, which may wait for the disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/account.h"
#include "core/device_map.h"
#include "core/device_record.h"
#include "core/models.h"
#include "core/result.h"
#include "metrics/metrics.h"
#include "registry/devices_file.h"
#include "registry/orders.h"
#include "registry/places_file.h"

namespace firegate::registry {

// What the store keeps. Devices carry no number; an interval of zero means "as its model or kind".
struct Inventory {
  std::vector<PlacePtr> places;  // each after the one that holds it
  std::vector<Device> devices;

  bool empty() const noexcept { return places.empty() && devices.empty(); }
};

// The part of the store that keeps places and devices; joined to the store by `app`. Called on the registry's strand.
class RegistryStore {
 public:
  virtual ~RegistryStore() = default;
  virtual Result<Inventory> load() noexcept = 0;
  virtual Result<RegistryRecords> load_records() noexcept = 0;
  virtual Result<void> replace_all(const Inventory& inventory) noexcept = 0;  // all or nothing
  virtual Result<void> save(const RegistryChange& change) noexcept = 0;       // the same; only what it names
  virtual Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(std::uint64_t no) noexcept = 0;
};

class Registry {
 public:
  using Subscriber = std::function<void(const DeviceMapPtr&)>;

  // `models` and `metrics` live as long as the registry. `sources`: through which devices may speak.
  Registry(RegistryStore& store, const Models& models, metrics::Metrics& metrics, std::vector<SourceName> sources = {});

  // Loads what the store has; an empty store takes `seed` first. True when the seed was taken.
  Result<bool> open(const Inventory& seed);
  // Replaces everything by `inventory` and publishes it: an explicit act of a person.
  Result<void> import(const Inventory& inventory);
  void subscribe(Subscriber subscriber);  // called after every change, on the registry's strand

  // Any thread.
  DeviceMapPtr snapshot() const;                 // never null
  std::shared_ptr<const Places> places() const;  // never null
  DeviceFacts facts(std::string_view id) const;  // of an unknown device: none
  std::vector<IgnoredDevice> ignored() const;

  // What people do.
  Answer<DevicePtr> adopt(const Adoption& wanted, const Order& order);
  Answer<void> ignore(const DeviceAddress& address, const Order& order);
  Answer<void> heed(const DeviceAddress& address, const Order& order);
  // `revision`: of the device as it was read.
  Answer<DevicePtr> change(const std::string& id, std::uint32_t revision, const DevicePatch& patch, const Order& order);
  Answer<DevicePtr> replace(const std::string& id, const Replacement& by, const Order& order);
  Answer<DevicePtr> disable(const std::string& id, Instant until, const Order& order);
  Answer<DevicePtr> enable(const std::string& id, const Order& order);
  Answer<void> remove(const std::string& id, const Order& order);
  // Begins a test, or lets the one that lasts end later.
  Answer<DevicePtr> begin_test(const std::string& id, Millis length, const Order& order);
  Answer<DevicePtr> end_test(const std::string& id, const Order& order);
  // Adds and changes by id, all or nothing. `scope`: whose devices may be touched.
  Answer<ImportReport> import_table(std::string_view csv, const Scope& scope, bool dry_run, const Order& order);
  Answer<Undone> undo_import(std::uint64_t no, const Scope& scope, const Order& order);

  // What happens by itself. The store has the passed test already.
  void test_passed(const TestRow& row);
  // Ends the disablements and tests that are over; the devices whose test has ended.
  Result<std::vector<DevicePtr>> tick(Instant now);

 private:
  friend class TableImport;
  struct Next {  // of a device that is about to change
    Device device;
    DeviceFacts facts;
  };

  Answer<Next> begin(const std::string& id, std::string_view doing) const;
  Answer<DevicePtr> put(Next next, const Device* was, DeviceChangeKind what, const Order& order);
  Answer<void> commit(RegistryChange change);
  void note(RegistryChange& change, const Device* was, const Next& next, DeviceChangeKind what, const Order& order,
            std::uint64_t import = 0) const;
  Answer<void> end_tests(std::vector<TestRecord> ended, RegistryChange change, const Order& order);
  Answer<PlacePtr> place_at(const PlaceIds& ids, std::string_view doing) const;
  std::optional<Refusal> refuse_address(const DeviceAddress& address, std::string_view doing) const;
  std::string free_id(std::string_view address) const;

  void publish(std::vector<DevicePtr> devices);
  void adopt_inventory(Inventory inventory);
  DevicePtr finish(Device device);  // with its number and interval
  Device as_stored(const Device& device) const;
  DeviceNo number_of(std::string_view id);  // its own while it is listed, never one that another had
  Millis interval_of(const Device& device) const;

  RegistryStore& store_;
  const Models& models_;
  metrics::Metrics& metrics_;
  const std::vector<SourceName> sources_;
  DeviceNo last_no_ = 0;
  boost::unordered_flat_map<std::string, Millis> own_intervals_;  // of devices that have another than their model
  std::vector<Subscriber> subscribers_;
  std::map<std::string, TestRecord> tests_;  // that last
  std::set<std::string> disabled_;
  std::uint64_t last_import_ = 0;

  mutable std::mutex mutex_;  // guards what any thread may read
  DeviceMapPtr map_;
  std::shared_ptr<const Places> places_;
  std::map<std::string, DeviceFacts, std::less<>> facts_;
  std::map<DeviceAddress, IgnoredDevice> ignored_;
};

}  // namespace firegate::registry
