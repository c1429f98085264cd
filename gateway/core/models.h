// Models: what the fields of a brand's device mean. One YAML file a model under drivers/models/<brand>/<model>.yaml,
// read at start; read-only afterwards, any thread. Zigbee models need no file unless they lie.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/config_node.h"
#include "core/device_kind.h"
#include "core/reading.h"

namespace firegate {

// How one field of a device's message becomes a reading.
struct FieldMeaning {
  std::string field;   // name in the decoded object; "a.b" goes into nested objects
  Point point{};
  Port port = kNoPort;
  double scale = 1;    // numbers: value × scale + offset
  double offset = 0;
  // Words, numbers as text and true/false → value. When given, a value that is not listed is unknown.
  std::vector<std::pair<std::string, Value>> words;
  // Boolean points: the field as text says yes where this stands in it and no where it does not ("2.4(low battery)").
  std::string contains;
  bool pulse = false;  // the field says that something happened, not that something is

  // The keys of a meaning that `reader` has; whoever calls knows more keys, and finishes. `field` may be missing where
  // `needs_field` is false.
  static FieldMeaning read(MapReader& reader, Problems& problems, bool needs_field = true);
};

// A value of `point` as a configuration file writes it: true, 7, a word of the point's list, unknown.
Value value_from_config(const ConfigNode& node, Point point, Problems& problems);

struct Model {
  std::string brand, model;           // as the folder and the file are named
  std::vector<std::string> aliases;   // other names that the network gives it (device profile names, ...)
  std::optional<DeviceKind> kind;
  std::optional<Millis> interval;
  std::vector<FieldMeaning> fields;
  std::vector<std::string> ignored;   // fields known to say nothing of ours
  std::string codec;                  // the script that reads its raw payload, below the configuration folder; or empty

  static Model parse(const ConfigNode& node, std::string brand, std::string model, Problems& problems);
};

class Models {
 public:
  void add(Model model);
  // As add, and its names mean this model from now on: what an installation says goes before what the program brings.
  void put_first(Model model);
  // By "brand/model", "brand model", or by one of the aliases; letters' case, spaces, '-' and '_' do not count. Null when unknown.
  const Model* find(std::string_view name) const;
  std::size_t size() const noexcept { return models_.size(); }

 private:
  static std::vector<std::string> names_of(const Model& model);

  std::vector<Model> models_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

// The form in which names are compared: lower case, without spaces, '-' and '_'.
std::string folded(std::string_view name);

}  // namespace firegate
