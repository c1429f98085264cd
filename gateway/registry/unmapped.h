// UnmappedTray: the devices that speak and are in nobody's list, with what each said first, for the installer to adopt.
// Each gets a Device with mapped = false in the pseudo-building "unmapped:<source>", so that its fires can alarm.
// Bounded; a device that says fire always gets in, at the cost of one that never did. Any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/live.h"
#include "core/unmapped_devices.h"
#include "metrics/metrics.h"

namespace firegate::registry {

// What a device seems to be by what it says.
struct Suggestion {
  DeviceKind kind{};
  std::string why;  // the points that decided: "says smoke, battery_pct"
};
// None where that fits many kinds.
std::optional<Suggestion> suggestion_for(const std::vector<Point>& points);

constexpr std::size_t kMaxUnmapped = 10'000;      // our choice: a flood of invented addresses stays within 100 MB
constexpr std::size_t kFirstPayloadBytes = 4096;  // core/live.h

class UnmappedTray final : public UnmappedDevices {
 public:
  explicit UnmappedTray(metrics::Metrics& metrics, std::size_t most = kMaxUnmapped);

  DevicePtr heard(std::string_view source, std::string_view format, const DeviceMessage& message,
                  const RawMessage& raw) override;

  std::vector<Unmapped> list() const;  // the most recently heard first
  std::optional<Unmapped> find(std::string_view source, std::string_view format, std::string_view address) const;
  void forget_mapped(const DeviceMap& map);  // after a change of the map: what has been adopted leaves the tray

 private:
  struct Entry {
    DevicePtr device;
    Unmapped seen;
    bool said_fire = false;
    std::list<std::string>::iterator turn;  // in silent_ or in loud_
  };

  Entry* add(const std::string& key, std::string_view source, std::string_view format, const DeviceMessage& message,
             const RawMessage& raw, bool says_fire_now);
  bool make_room(bool for_fire);
  void note(Entry& entry, const DeviceMessage& message, const RawMessage& raw, bool says_fire_now);
  std::string id_of(std::string_view source, std::string_view format, std::string_view address) const;
  PlacePtr place_of(std::string_view source);
  void remove(const std::string& key);

  metrics::Metrics& metrics_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  boost::unordered_flat_map<std::string, Entry> entries_;    // by source, format, address
  boost::unordered_flat_map<std::string, std::string> ids_;  // id → key
  boost::unordered_flat_map<std::string, PlacePtr> places_;  // by source
  std::list<std::string> silent_, loud_;                     // keys; the longest unheard first
  DeviceNo last_no_ = kUnmappedBit;
};

}  // namespace firegate::registry
