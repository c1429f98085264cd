// The metrics of the GB/T 26875.3 link over TCP (gb_link), a part of Metrics.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/labels.h"
#include "metrics/metric.h"

namespace firegate::metrics {

// Why a frame was refused (否认) or could not be taken.
enum class GbRefusal : std::uint8_t {
  bad_checksum,
  bad_end,
  bad_command,     // a command byte that the standard does not have
  too_many_units,  // as many units as are kept, or as one connection may speak for
  not_written,     // the inbox does not take it: neither confirmed nor refused, the unit sends it again
};

// Why we ended a connection, or did not take it.
enum class GbCut : std::uint8_t {
  full,      // all connections, or all of one address, are taken
  silent,    // no frame within its time
  garbage,   // too many bytes that are no frame, or too many wrong frames
  slow,      // it does not read what we send
  replaced,  // its unit came on another connection
  inbox,     // the inbox does not take what it sends
};

// How something that we sent to a unit ended.
enum class GbOrder : std::uint8_t {
  confirmed,    // by the unit, or by an answer that is data
  refused,      // by the unit
  unconfirmed,  // three times within the time-out
  lost,         // the connection ended first
};

}  // namespace firegate::metrics

template <>
struct firegate::Labels<firegate::metrics::GbRefusal> {
  static constexpr std::array<std::string_view, 5> list{"bad_checksum", "bad_end", "bad_command", "too_many_units",
                                                        "not_written"};
};
template <>
struct firegate::Labels<firegate::metrics::GbCut> {
  static constexpr std::array<std::string_view, 6> list{"full", "silent", "garbage", "slow", "replaced", "inbox"};
};
template <>
struct firegate::Labels<firegate::metrics::GbOrder> {
  static constexpr std::array<std::string_view, 4> list{"confirmed", "refused", "unconfirmed", "lost"};
};

namespace firegate::metrics {

struct GbLinkMetrics {
  Gauge connections;
  Gauge units;      // that have a connection
  Counter frames;   // right ones, resends included
  Counter resends;  // sent again by the unit, confirmed again, taken once
  CounterBy<GbRefusal> refused;
  Counter garbage_bytes;  // between frames
  CounterBy<GbCut> cut;
  Counter address_changes;  // a connection that began to speak for one more unit
  Counter orders_sent;      // to units, repeats included
  CounterBy<GbOrder> orders;
  Counter duty_checks_answered;    // by a person at the unit
  Counter duty_checks_unanswered;  // not within the minutes that were given
};

}  // namespace firegate::metrics
