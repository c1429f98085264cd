// What has been learned from configurations, kept in the link state so that a state message finds its entities by its
// topic at once: rows of fields between tabs.
//   topic:<topic>    e <id> <address> <point> <form> <path> <scale> <offset> <on> <off>     an entity's state
//                    a <address> <mode> <form> <path> <on> <off>                            a device's availability
//   device:<address> <point> <id> <command topic> <on> <off>                                its entities, in order
//   entity:<id>      the keys that have rows of this configuration
//   online:<address> <topic> <1 or 0>                                                       what each topic said last
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/link_state.h"
#include "core/reading.h"
#include "core/result.h"
#include "drivers/ha_discovery/discovery.h"

namespace firegate::ha {

struct StateRow {
  std::string_view id, address;
  Point point{};
  bool whole = true;
  std::string_view path;
  double scale = 1, offset = 0;
  std::string_view on, off;
};
struct AvailabilityRow {
  std::string_view address, mode;
  bool whole = true;
  std::string_view path, on, off;
};
struct DeviceRow {
  std::string_view point, id, command_topic, on, off;
};

std::string topic_key(std::string_view topic);
std::string device_key(std::string_view address);

// Views into `bytes`. Rows that are damaged are left out.
std::vector<StateRow> state_rows(std::string_view bytes);
std::vector<AvailabilityRow> availability_rows(std::string_view bytes);
std::vector<DeviceRow> device_rows(std::string_view bytes);

// Where several entities of a device say one point, each is a port: its place among them, from 1.
Port port_of(const LinkState& link, std::string_view address, std::string_view point, std::string_view id);

// Changes of one message, made on a copy of what they touch.
class Changes {
 public:
  explicit Changes(const LinkState& link) : link_(link) {}

  // Everything that the configuration at `topic` has announced.
  void forget(std::string_view topic);
  // False when a topic or a device has more rows than are kept.
  bool add(std::string_view topic, const Entity& entity);
  // Notes what `topic` says of the device, and what that makes of the device as a whole.
  bool note_online(std::string_view address, std::string_view topic, std::string_view mode, bool online);

  std::vector<Learned> learned() const;  // what differs from before

 private:
  std::string bytes_of(std::string_view key) const;
  bool add_row(const std::string& key, const std::string& row);
  void keep_rows(const std::string& key, const auto& keeps);

  const LinkState& link_;
  std::map<std::string, std::string, std::less<>> changed_;
};

}  // namespace firegate::ha
