// What devices write for a number or a truth: "25 ℃", "100.00", "ON", "leak". None when it cannot be read with
// certainty; none becomes an unknown reading, never an all-clear.
#pragma once

#include <optional>
#include <string_view>

#include "core/reading.h"
#include "drivers/common/json.h"

namespace firegate {

// A number, alone or with a unit behind it ("26.69", "25 ℃", "3.6V"). None for "NaN", dates, times, words.
std::optional<double> number_from_text(std::string_view text) noexcept;
// true, on, yes / false, off, no in any case. 0 and 1 are not among them: their polarity differs between vendors.
std::optional<bool> truth_from_text(std::string_view text) noexcept;
bool same_word(std::string_view one, std::string_view other) noexcept;  // ASCII letters' case does not count
std::string_view trimmed(std::string_view text) noexcept;
// The number behind the last character of `text` that is no digit ("Temperature2" → 2, "DS18B20-1" → 1); none without.
std::optional<Port> trailing_port(std::string_view text) noexcept;
std::optional<Port> port_from_text(std::string_view text) noexcept;  // "3" → 3; 0 to 9999

std::optional<double> number_of(const json::Element& element) noexcept;
std::optional<bool> truth_of(const json::Element& element) noexcept;

template <typename T>
Value value_or_unknown(const std::optional<T>& found) {
  return found ? Value{*found} : Value{Unknown{}};
}
inline Value number_value(const json::Element& element, double scale = 1, double offset = 0) {
  const auto number = number_of(element);
  return number ? Value{*number * scale + offset} : Value{Unknown{}};
}
inline Value truth_value(const json::Element& element) { return value_or_unknown(truth_of(element)); }

// Filled in its place: GCC 12 takes a moved variant for one that was never set.
inline void add(std::vector<Reading>& readings, Point point, Value value, Port port = kNoPort,
                Quality quality = Quality::good) {
  Reading& reading = readings.emplace_back();
  reading.point = point;
  reading.port = port;
  reading.quality = quality;
  reading.value = std::move(value);
}

// Seconds (or milliseconds) since 1970 of a clock that has been set; none for a clock that counts from its start.
std::optional<Instant> instant_from_seconds(double seconds) noexcept;

}  // namespace firegate
