// The seams between the core and those who watch it: LiveSink (what changed), Devices (what a device says now), Health.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "core/batch.h"
#include "core/current_values.h"
#include "core/device_map.h"
#include "core/result.h"

namespace firegate {

// Receives every alarm after the commit of its change (or before, marked not_recorded, when the store cannot write).
// Any thread; returns at once.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  virtual void alarm_changed(const Alarm& alarm) noexcept = 0;
};

// Receives what became of walk tests, after the commit. Any thread; returns at once.
class TestSink {
 public:
  virtual ~TestSink() = default;
  virtual void test_passed(const TestRow& row) noexcept = 0;
};

enum class Presence : std::uint8_t { online, lost, never_heard };
template <>
struct Labels<Presence> {
  static constexpr std::array<std::string_view, 3> list{"online", "lost", "never_heard"};
};

struct DeviceSnapshot {
  DevicePtr device;
  Presence presence{};
  std::optional<Instant> last_heard;
  std::vector<Current> values;  // empty in lists
};

// Any thread; `done` runs once, on a partition's thread: it must post and return.
class Devices {
 public:
  virtual ~Devices() = default;
  virtual void list(std::function<void(std::vector<DeviceSnapshot>)> done) noexcept = 0;
  virtual void one(std::string id, std::function<void(Result<DeviceSnapshot>)> done) noexcept = 0;
};

// A device that spoke and is in nobody's list.
struct Unmapped {
  std::string id;  // "?<format>/<address>"
  std::string source, format, address;
  Instant first_heard{}, last_heard{};
  std::uint64_t messages = 0;
  std::string first_topic;
  std::string first_payload;  // cut to 4 KiB, bytes that are not UTF-8 escaped as \xNN
  std::vector<Point> points;  // what it has said so far
  std::optional<double> signal_dbm, battery_pct;  // as last said
};

// A message that could not be read, kept as an example. `quarantine` holds at most a few per reason.
struct RejectedSample {
  Instant at{};
  std::string source, topic, reason, detail;
  std::size_t payload_bytes = 0;
  std::string payload_start;  // first 256 bytes, escaped
};

struct Health {
  struct Part {
    std::string name;    // broker, canary, inbox, store, respond, ...
    bool ok = true;
    std::string detail;  // for people
  };
  std::vector<Part> parts;
  std::uint64_t devices_total = 0, devices_online = 0, devices_unmapped = 0;
  std::uint64_t inbox_waiting = 0;  // messages received and not yet decided
  Millis decision_lag{};            // age of the oldest message not yet decided
  Millis clock_drift{};

  bool ok() const noexcept {
    for (const Part& part : parts) {
      if (!part.ok) return false;
    }
    return true;
  }
};

// Any thread.
class HealthSource {
 public:
  virtual ~HealthSource() = default;
  virtual Health health() const = 0;
};

class Tray {
 public:
  virtual ~Tray() = default;
  virtual std::vector<Unmapped> unmapped() const = 0;
  virtual std::vector<RejectedSample> rejected() const = 0;
};

}  // namespace firegate
