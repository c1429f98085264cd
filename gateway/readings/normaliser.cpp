#include "readings/normaliser.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace firegate::readings {
namespace {

bool said_by_driver(Quality quality) noexcept {
  return quality == Quality::historical || quality == Quality::simulated || quality == Quality::bad;
}

bool in_range(Point point, const Value& value) noexcept {
  const double* number = as_number(value);
  return !number || (std::isfinite(*number) && *number >= info(point).low && *number <= info(point).high);
}

// What the way of arrival makes of every reading of a message.
Quality quality_of_arrival(const Arrival& arrival, std::optional<Instant> measured_at) noexcept {
  if (arrival.retained) return Quality::retained;
  if (arrival.backlog || (measured_at && arrival.at - *measured_at > kLateAfter)) return Quality::late;
  return Quality::good;
}

void put(std::vector<Current>& values, Current next) {
  const auto same = [&next](const Current& known) { return known.point == next.point && known.port == next.port; };
  const auto known = std::find_if(values.begin(), values.end(), same);
  if (known == values.end()) {
    values.push_back(std::move(next));
  } else {
    *known = std::move(next);
  }
}

// The number that was kept last. After a start the value from the store stands for it.
double kept_of(const Current& known) noexcept {
  const double* number = as_number(known.value);
  return number && std::isnan(known.kept) ? *number : known.kept;
}

bool differs_from_kept(const Current& known, const Current& next) noexcept {
  const bool numbers = as_number(known.value) && as_number(next.value);
  return firegate::changed(next.point, numbers ? Value{kept_of(known)} : known.value, next.value);
}

bool in_another_quarter(const Current& known, const Current& next) noexcept {
  return known.updated_at.time_since_epoch() / kKeepEvery != next.updated_at.time_since_epoch() / kKeepEvery;
}

}  // namespace

std::optional<Instant> believable(std::optional<Instant> device_time, Instant arrived_at) noexcept {
  if (!device_time || *device_time < kDeviceClockFloor || *device_time > arrived_at + kDeviceClockAhead) {
    return std::nullopt;
  }
  return device_time;
}

Normalised normalise(const DeviceMessage& message, const Arrival& arrival) {
  const auto measured_at = believable(message.measured_at, arrival.at);
  const Quality by_arrival = quality_of_arrival(arrival, measured_at);
  Normalised result;
  result.clock_invalid = message.measured_at && !measured_at;
  result.values.reserve(message.readings.size());
  for (const Reading& reading : message.readings) {
    Current value{reading.point,
                  reading.port,
                  by_arrival,
                  reading.value,
                  arrival.at,
                  arrival.at,
                  measured_at.value_or(arrival.at)};
    if (said_by_driver(reading.quality)) value.quality = reading.quality;
    if (!fits(reading.point, reading.value)) {
      value.quality = Quality::bad;
      value.value = Unknown{};
    } else if (!in_range(reading.point, reading.value)) {
      value.quality = Quality::bad;
    }
    put(result.values, std::move(value));
  }
  result.bad = static_cast<std::size_t>(std::count_if(
      result.values.begin(), result.values.end(), [](const Current& value) { return value.quality == Quality::bad; }));
  return result;
}

bool is_pulse(MessageKind kind, const Current& value) noexcept {
  return kind == MessageKind::event && !as_number(value.value);
}

bool supersedes(const Current* known, const Current& next) noexcept {
  if (next.quality == Quality::historical || next.quality == Quality::simulated) return false;
  if (!known) return true;
  switch (next.quality) {
    case Quality::retained:
    case Quality::restored: return known->quality == Quality::retained || known->quality == Quality::restored;
    case Quality::late: return known->quality == Quality::retained || next.measured_at >= known->measured_at;
    default: return true;
  }
}

Stored store(CurrentValues& values, Current next) {
  const Current* known = values.find(next.point, next.port);
  if (!supersedes(known, next)) return {};
  Stored stored{true, true, true};
  if (known) {
    const bool same_quality = known->quality == next.quality;
    stored.differs = !same_quality || known->value != next.value;
    stored.keep = !same_quality || differs_from_kept(*known, next) || in_another_quarter(*known, next);
    if (!firegate::changed(next.point, known->value, next.value)) next.changed_at = known->changed_at;
    next.kept = kept_of(*known);
  }
  if (const double* number = as_number(next.value); number && stored.keep) next.kept = *number;
  values.put(std::move(next));
  return stored;
}

}  // namespace firegate::readings
