// Quality of a reading: what it may raise or clear. Source: vocabulary, "Quality of a reading".
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/labels.h"

namespace firegate {

enum class Quality : std::uint8_t {
  good,
  late,        // device time long past, or a backlog after an outage: raises marked late, clears only if nothing is newer
  retained,    // retain flag on receipt: a fire once per (subject, value) as unverified, else nothing
  restored,    // from our own store at start
  stale,
  bad,         // out of range or of the wrong type
  historical,  // a record the device kept
  simulated,
};
template <>
struct Labels<Quality> {
  static constexpr std::array<std::string_view, 8> list{"good",  "late", "retained",   "restored",
                                                        "stale", "bad",  "historical", "simulated"};
};

constexpr bool may_raise(Quality quality) noexcept { return quality == Quality::good || quality == Quality::late; }
// `nothing_newer`: no reading of the point is known that was measured after this one.
constexpr bool may_clear(Quality quality, bool nothing_newer) noexcept {
  return quality == Quality::good || (quality == Quality::late && nothing_newer);
}

}  // namespace firegate
