// Devices, messages and a partition for tests. Time is explicit; nothing waits.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "partition/partition.h"
#include "settings/yaml.h"

namespace firegate::partition {

inline constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

inline rules::RuleSetPtr rules_from(std::string_view text) {
  Problems problems;
  auto rules = rules::parse({settings::parse_yaml(text, "rules.yaml", problems)}, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return rules;
}

inline Device device_in(DeviceNo no, std::string id, DeviceKind kind, std::string zone, Millis interval) {
  Place place;
  place.estate = {"jx", "锦绣苑"};
  place.building = {"b1", "1号楼"};
  if (!zone.empty()) place.zone = {std::move(zone), "zone"};
  Device made;
  made.no = no;
  made.address = made.id = std::move(id);
  made.source = made.format = "native";
  made.kind = kind;
  made.interval = interval;
  made.place = std::make_shared<const Place>(std::move(place));
  return made;
}

// A partition of some devices that say one value at a time.
class Street {
 public:
  Street(std::string_view rules, std::vector<Device> devices) : rules_(rules_from(rules)) {
    for (Device& device : devices) devices_.push_back(std::make_shared<const Device>(std::move(device)));
    partition_ = std::make_unique<Partition>([](std::string_view) { return true; }, rules_, map(), Restored{}, kStart);
  }

  Batch say(std::size_t who, Point point, Value value, Millis after, Port port = kNoPort,
            MessageKind kind = MessageKind::snapshot) {
    ToPartition item;
    item.device = devices_.at(who);
    item.message.kind = kind;
    item.message.readings = {Reading{point, port, Quality::good, std::move(value)}};
    item.arrived_at = kStart + after;
    item.seq = ++last_seq_;
    Batch batch;
    partition_->receive(item, batch);
    return batch;
  }
  Batch advance(Millis after) {
    Batch batch;
    partition_->advance(kStart + after, batch);
    return batch;
  }
  // The device is another one from now on.
  template <typename Change>
  Batch change(std::size_t who, Millis after, Change with) {
    Device changed = *devices_.at(who);
    with(changed);
    devices_[who] = std::make_shared<const Device>(std::move(changed));
    Batch batch;
    partition_->use(map(), kStart + after, batch);
    return batch;
  }
  Batch disable(std::size_t who, Millis after) {
    return change(who, after, [](Device& device) { device.disablement = std::make_shared<Disablement>(Disablement{kNever, "王芳", "works"}); });
  }
  Batch remove(std::size_t who, Millis after) {
    const DevicePtr gone = devices_.at(who);
    Batch batch;
    devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(who));
    partition_->use(map(), kStart + after, batch);
    return batch;
  }

  // "device rule class" of every present condition, in the order of the ids of the subjects.
  std::vector<std::string> present() const {
    std::vector<Alarm> alarms;
    partition_->live_alarms(alarms);
    std::vector<std::string> list;
    for (const Alarm& alarm : alarms) {
      if (!condition_present(alarm.state)) continue;
      list.push_back(alarm.subject.text() + " " + alarm.rule + " " + std::string(label(alarm.alarm_class)));
    }
    std::sort(list.begin(), list.end());
    return list;
  }
  std::vector<Alarm> live() const {
    std::vector<Alarm> alarms;
    partition_->live_alarms(alarms);
    return alarms;
  }
  Partition& partition() { return *partition_; }

 private:
  DeviceMapPtr map() const { return std::make_shared<const DeviceMap>(devices_); }

  rules::RuleSetPtr rules_;
  std::vector<DevicePtr> devices_;
  std::unique_ptr<Partition> partition_;
  InboxSeq last_seq_ = 0;
};

}  // namespace firegate::partition
