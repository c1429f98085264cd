// The recorded fires of the NIST Home Smoke Alarm tests (Technical Note 1455-1), as stations: what a multi-sensor
// device at the ceiling would have measured, and when the first photoelectric alarm there sounded. Empty where the data
// are not beside the checkout.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/detection/fire_pattern.h"

namespace firegate::rules::detection::testing {

struct Station {
  std::string test;
  char name = '?';
  std::optional<double> photoelectric_s;
  std::vector<Sample> samples;  // the epoch is the start of the test
};

inline std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> list;
  for (;;) {
    const std::size_t comma = line.find(',');
    list.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return list;
    line.remove_prefix(comma + 1);
  }
}

inline std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

inline std::filesystem::path fires_folder() {
  return std::filesystem::path(FIREGATE_SOURCE_DIR).parent_path() / "shared/data/fires";
}

// The first photoelectric alarm of each station, by test and letter.
inline std::map<std::string, double> photoelectric_alarms() {
  std::map<std::string, double> first;
  for (const std::string& line : lines_of(fires_folder() / "activation_times.csv")) {
    const auto row = cells(line);
    if (row.size() < 3 || !row[1].starts_with("Pho")) continue;
    const std::string station = std::string(row[0]) + row[1].back();
    const double at = number(row[2]).value();
    first[station] = first.contains(station) ? std::min(first[station], at) : at;
  }
  return first;
}

inline std::vector<Station> stations_of(const std::filesystem::path& path) {
  const std::vector<std::string> lines = lines_of(path);
  const std::map<std::string, double> photoelectric = photoelectric_alarms();
  const auto header = cells(lines.at(0));
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  std::vector<Station> stations;
  for (const char name : std::string_view("ABCDEF")) {
    Station station{path.stem().string(), name, std::nullopt, {}};
    if (const auto at = photoelectric.find(station.test + name); at != photoelectric.end()) {
      station.photoelectric_s = at->second;
    }
    const std::size_t heat = column(std::string("TC") + name + "_1");
    const std::size_t smoke = column(std::string("SM") + name + "_1"), co = column(std::string("GAS") + name + "_1");
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const auto row = cells(lines[i]);
      const auto cell = [&](std::size_t at) { return at < row.size() ? number(row[at]) : std::nullopt; };
      Sample sample{Instant{Millis{std::lround(cell(0).value() * 1000)}}, cell(heat), cell(smoke), cell(co), {}};
      if (sample.co_ppm) *sample.co_ppm *= 10'000;  // from percent of the volume
      station.samples.push_back(sample);
    }
    stations.push_back(std::move(station));
  }
  return stations;
}

// All stations of all tests.
inline std::vector<Station> recorded_fires() {
  std::vector<Station> all;
  for (const char* test : {"SDC02.csv", "SDC05.csv", "SDC33.csv", "SDC38.csv"}) {
    if (!std::filesystem::exists(fires_folder() / test)) return {};
    for (Station& station : stations_of(fires_folder() / test)) all.push_back(std::move(station));
  }
  return all;
}

// What a device that reports each `interval`, the first time after `phase`, would have said.
inline std::vector<Sample> thinned(const std::vector<Sample>& samples, Millis interval, Millis phase) {
  std::vector<Sample> some;
  Instant next = samples.front().at + phase;
  for (const Sample& sample : samples) {
    if (sample.at < next) continue;
    some.push_back(sample);
    while (next <= sample.at) next += interval;
  }
  return some;
}

struct Figures {
  double median_s = 0, worst_s = 0;
  std::ptrdiff_t later = 0;
  std::size_t of = 0;
};
inline Figures figures(std::vector<double> leads) {
  std::sort(leads.begin(), leads.end());
  const std::size_t n = leads.size();
  return {(leads[(n - 1) / 2] + leads[n / 2]) / 2, leads.front(),
          std::count_if(leads.begin(), leads.end(), [](double lead) { return lead < 0; }), n};
}

}  // namespace firegate::rules::detection::testing
