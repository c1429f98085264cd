// The Protobuf payload of Sparkplug B (specification 3.0.0, section 6.4; Eclipse Tahu's sparkplug_b.proto), read with
// protozero. Only scalar metrics: data sets, templates and files say nothing of ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/driver.h"

namespace firegate::sparkplug {

enum class DataType : std::uint32_t {
  unknown = 0,
  int8 = 1,
  int16 = 2,
  int32 = 3,
  int64 = 4,
  uint8 = 5,
  uint16 = 6,
  uint32 = 7,
  uint64 = 8,
  float32 = 9,
  float64 = 10,
  boolean = 11,
  string = 12,
  date_time = 13,
  text = 14,
};

// An integer as it stands on the wire: which sign it has, only the data type says.
struct Whole {
  std::uint64_t bits = 0;
  bool wide = false;  // 64 bits
};

struct Metric {
  std::string_view name;  // views into the payload; empty where the alias stands for it
  std::optional<std::uint64_t> alias;
  std::optional<std::uint64_t> timestamp;  // milliseconds since 1970
  DataType type = DataType::unknown;
  bool historical = false, null = false;
  std::variant<std::monostate, Whole, double, bool, std::string_view> value;
};

struct Payload {
  std::optional<std::uint64_t> timestamp, seq;
  std::vector<Metric> metrics;
};

// unparsable: no Protobuf, or it ends too early; bad_encoding: text that is not UTF-8; too_deep: more metrics than fit.
tl::expected<Payload, Rejection> read_payload(std::string_view bytes);

// The number that a metric of the type says; none for texts and truths.
std::optional<double> number_of(const Metric& metric, DataType type);

// The command "Node Control/Rebirth": tell everything again.
std::string rebirth_request(Instant now);

}  // namespace firegate::sparkplug
