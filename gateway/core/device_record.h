// What is known of a device beside what every message needs (core/device_map.h): rarely used facts, and the records of
// what people did to it. Plain values. The registry owns the facts, looked up by id; the store keeps all of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/device_map.h"

namespace firegate {

// On the plan of its floor, in shares of the plan's width and height from the upper left: 0 to 1.
struct PlanPosition {
  double x = 0, y = 0;
  friend bool operator==(const PlanPosition&, const PlanPosition&) = default;
};

struct LastTest {
  Instant at{};    // when it began
  std::string by;  // who began it, as people call them
  bool passed = false;
};

struct DeviceFacts {
  std::uint32_t revision = 0;  // counts every change of the entry; a test is none
  std::uint32_t tests = 0;     // so many were begun
  std::optional<PlanPosition> position;
  std::optional<Instant> adopted_at, calibrated_at;
  std::optional<int> expected_life_years;
  std::optional<LastTest> last_test;  // that was passed or has ended
};

// What wire formats call a device.
struct DeviceAddress {
  std::string source, format, address;
  friend auto operator<=>(const DeviceAddress&, const DeviceAddress&) = default;
};

enum class DeviceChangeKind : std::uint8_t { adopted, changed, replaced, disabled, enabled, removed, imported, tested };
template <>
struct Labels<DeviceChangeKind> {
  static constexpr std::array<std::string_view, 8> list{"adopted", "changed", "replaced", "disabled",
                                                        "enabled", "removed", "imported", "tested"};
};

// Names of what has changed → as text.
using DeviceWords = std::map<std::string, std::string, std::less<>>;

struct DeviceChange {
  std::string device;
  Instant at{};
  std::string by;  // as people call them
  DeviceChangeKind what{};
  DeviceWords from, to;  // of what has changed only
  std::string reason;
  std::uint32_t revision = 0;  // of the device, after it
  std::uint64_t import = 0;    // by which it was made; 0: by none
};

// One walk test. It lasts while `ended_at` is empty.
struct TestRecord {
  std::string device;
  std::uint32_t no = 0;  // of this device, from 1
  Instant at{}, until{};
  std::string by;
  bool needs_flag = false;
  std::optional<Instant> ended_at;
  std::optional<Instant> message_at;  // the first message that counted
  std::string payload;                // of it, at most kMostRawPayload bytes; not always text
  std::optional<double> signal_dbm;
  bool passed = false;
  std::string note;
};

struct IgnoredDevice {
  DeviceAddress address;
  std::string by;
  Instant at{};
  std::string reason;
};

struct ImportRecord {
  std::uint64_t no = 0;
  Instant at{};
  std::string by;
  bool undone = false;
};

// Everything of one act of a person, or of one end that has come: written together or not at all.
struct RegistryChange {
  std::vector<Device> put;        // added, or replaced by id; an interval of zero is that of the model or kind
  std::vector<std::string> drop;  // taken out of service, with their facts; tests and changes stay
  std::vector<std::pair<std::string, DeviceFacts>> facts;  // without those that tests have
  std::vector<DeviceChange> changes;
  std::vector<IgnoredDevice> ignore;
  std::vector<DeviceAddress> heed;
  std::vector<TestRecord> tests;  // begun, or with another end
  std::optional<ImportRecord> import;
  std::vector<JournalEntry> journal;
};

// What the registry begins with beside places and devices.
struct RegistryRecords {
  std::map<std::string, DeviceFacts> facts;
  std::vector<IgnoredDevice> ignored;
  std::vector<TestRecord> open_tests;
  std::uint64_t last_import = 0;
};

}  // namespace firegate
