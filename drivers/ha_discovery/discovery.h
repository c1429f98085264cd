// What a configuration of Home Assistant's discovery announces: entities of a device, where their states and their
// availability are published, and what the words there mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/point.h"
#include "drivers/common/json.h"

namespace firegate::ha {

// A place in a message, and the words that stand there.
struct Place {
  std::string topic;
  bool whole = true;  // the payload itself
  std::string path;   // otherwise: drivers/common/field_map.h
  std::string on, off;
};

struct Entity {
  std::string id;  // below the base: "binary_sensor/kitchen/smoke", "device/kitchen#smoke"
  std::string address;
  Point point{};
  double scale = 1, offset = 0;
  Place state;
  std::string command_topic, command_on, command_off;  // switches; empty where they take no commands
  std::vector<Place> availability;
  std::string availability_mode;  // all, any, latest
};

struct Announced {
  std::vector<Entity> entities;
  std::uint32_t not_understood = 0;  // entities that may be points of ours and cannot be read
};

// `topic` is what stands between the base and "/config". Rejected when something may be a point of ours, and nothing of
// it can be read; no entities: nothing of it is a point of ours.
tl::expected<Announced, Rejection> read_configuration(std::string_view topic, const json::Object& root);

}  // namespace firegate::ha
