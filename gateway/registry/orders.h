// Orders: what people want of the registry, and why it was not done. Plain values.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/device_record.h"
#include "core/result.h"

namespace firegate::registry {

constexpr Millis kLongestDisablement = std::chrono::hours{24 * 30};  // our choice
constexpr Millis kLongestTest = std::chrono::minutes{30};            // console, section 3: a test ends by itself
constexpr Millis kUndoWithin = std::chrono::hours{24};               // console, section 3
constexpr std::size_t kMaxDeviceText = 256;                          // bytes of a name, model, address; our choice
constexpr std::size_t kMaxDeviceNote = 1024;

// Who wants it, when, and why.
struct Order {
  Instant at{};
  std::string by;       // as people call them
  std::string who;      // as the journal has it, Principal::who()
  std::string address;  // from where
  std::string reason;
};

struct FieldProblem {
  std::string field, found;
  std::vector<std::string> expected;  // what exists, or what is asked for
};

struct Refusal {
  Error error;
  std::vector<FieldProblem> fields{};
  std::vector<std::string> devices{};  // that stand against it
  bool stale = false;                  // the device has changed since it was read
};
template <typename T>
using Answer = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(ErrorCode code, std::string message) {
  return tl::unexpected<Refusal>(Refusal{{code, std::move(message)}});
}

// Ids from the estate down; empty: this level is not given.
struct PlaceIds {
  std::string estate, building, floor, zone, location;
};

struct Adoption {
  DeviceAddress address;
  std::string id;  // empty: made of the address
  DeviceKind kind{};
  std::string model, name, note;  // empty: generic, the id, none
  PlaceIds place;
  std::optional<PlanPosition> position;
};

// What is absent stays; an inner none takes it away.
struct DevicePatch {
  std::optional<std::string> name, note, model;
  std::optional<DeviceKind> kind;
  std::optional<PlaceIds> place;
  std::optional<std::optional<PlanPosition>> position;
  std::optional<std::optional<int>> expected_life_years;
  std::optional<std::optional<Instant>> calibrated_at;
};

struct Replacement {
  DeviceAddress address;            // source and format empty: as before
  std::optional<DeviceKind> seems;  // what the new one is by what it said; none: it fits many kinds
  std::optional<DeviceKind> kind;   // what a person says it is
  std::optional<std::string> model;
};

struct ImportProblem {
  int row = 0;         // of the file, the header is 1
  std::string column;  // empty: the row or the file as a whole
  std::string found, expected;
};

struct ImportReport {
  std::uint64_t import = 0;  // 0: nothing was done
  std::size_t added = 0, changed = 0, unchanged = 0;
  std::vector<ImportProblem> problems;
};

struct Undone {
  std::size_t removed = 0, changed_back = 0;
};

}  // namespace firegate::registry
