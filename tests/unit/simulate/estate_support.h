// What the tests of the simulator share: the demonstration estate and a run of it without a broker.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulate/simulator.h"

namespace firegate::simulate::testing {

constexpr Instant kNoon{std::chrono::milliseconds{1'790'000'000'000}};

struct Said {
  Millis at{};  // since the estate was started
  Publication what;
};

inline std::vector<DeviceRow> demo_rows() {
  auto rows = load_devices(std::string(FIREGATE_SOURCE_DIR) + "/config/devices.csv");
  EXPECT_TRUE(rows.has_value()) << rows.error().message;
  return rows.value_or(std::vector<DeviceRow>{});
}

inline Estate demo_estate(std::string scenario, std::uint64_t seed = 1) {
  EstateOptions options;
  options.scenario = std::move(scenario);
  options.seed = seed;
  auto estate = Estate::from(demo_rows(), options);
  if (!estate) throw std::runtime_error(estate.error().message);
  return std::move(*estate);
}

// Ticks each second until `length` has passed; the births come at 0.
inline std::vector<Said> live(Estate& estate, Millis length, Millis step = std::chrono::seconds(1)) {
  std::vector<Said> said;
  for (Millis at{0}; at <= length; at += step) {
    for (Publication& what : estate.tick(kNoon + at)) said.push_back({at, std::move(what)});
  }
  return said;
}

inline std::vector<Said> about(const std::vector<Said>& said, std::string_view topic_part,
                               std::string_view payload_part) {
  std::vector<Said> found;
  std::ranges::copy_if(said, std::back_inserter(found), [=](const Said& one) {
    return one.what.topic.find(topic_part) != std::string::npos &&
           one.what.payload.find(payload_part) != std::string::npos;
  });
  return found;
}

}  // namespace firegate::simulate::testing
