// A desk of devices for tests of routes: a real registry over a store in memory; everything happens at once. What
// people changed is what the fake partitions show.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/device_desk.h"
#include "support/fakes_api.h"
#include "support/registry_store.h"

namespace firegate::fakes {

class ScriptedDeviceDesk final : public api::DeviceDesk {
 public:
  explicit ScriptedDeviceDesk(FixedDevices& devices, metrics::Metrics& metrics)
      : metrics_(metrics), registry_(store, models_, metrics_, {{"site", "native"}}) {
    registry_.subscribe([&devices](const DeviceMapPtr& map) {
      devices.devices.clear();
      for (const DevicePtr& device : map->devices())
        devices.devices.push_back({device, Presence::online, kMorning, {}});
    });
  }
  // The registry as the store has it.
  void open(const std::vector<DeviceSnapshot>& devices, std::vector<PlacePtr> places) {
    store.kept.places = std::move(places);
    store.kept.devices.clear();
    for (const DeviceSnapshot& device : devices) store.kept.devices.push_back(*device.device);
    static_cast<void>(registry_.open({}));
  }

  registry::Registry& registry() noexcept override { return registry_; }
  bool post(std::function<void()> work) override {
    if (!full) work();
    return !full;
  }
  Result<std::vector<DeviceChange>> changes(const std::string& device, std::size_t) override {
    std::vector<DeviceChange> rows;
    for (DeviceChange& row : store.changes()) {
      if (row.device == device) rows.insert(rows.begin(), std::move(row));
    }
    return rows;
  }
  Result<std::vector<TestRecord>> tests(const std::string& device, std::size_t) override {
    std::vector<TestRecord> rows;
    for (const TestRecord& row : test_records) {
      if (row.device == device) rows.push_back(row);
    }
    return rows;
  }
  Result<void> note_test(const std::string& device, std::uint32_t no, const std::string& note, JournalEntry) override {
    for (TestRecord& row : test_records) {
      if (row.device != device || row.no != no) continue;
      row.note = note;
      return {};
    }
    return fail(ErrorCode::not_found, "no such test");
  }
  void tell_test(const Device& device) override { told.push_back(device.id); }

  MemoryRegistryStore store;
  std::vector<TestRecord> test_records;
  std::vector<std::string> told;
  bool full = false;

 private:
  Models models_;
  metrics::Metrics& metrics_;
  registry::Registry registry_;
};

}  // namespace firegate::fakes
